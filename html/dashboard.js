// The dashboard: what the status endpoint says, each second.

import { drawRates, drawShare } from './chart.js';
import { makeDestination, nameOf, updateDestination } from './destination.js';
import { $, attribute, el, keyed, say } from './dom.js';
import * as format from './format.js';
import { poll } from './poll.js';
import { ERRORS, REASONS, meaning } from './reasons.js';
import { History, addKeys, fullness, inFlight, received } from './status.js';

const STATES = {
    live: ['Live', 'good'],
    paused: ['Paused', 'waiting'],
    hidden: ['Paused: not in view', 'waiting'],
    problem: ['No figures', 'bad'],
};

let history = new History();
let running = 'live';
let wrong = null;
let last = null;


function showState() {
    const [text, kind] = STATES[running === 'live' && wrong ? 'problem' : running];

    say($('state'), last || wrong || running !== 'live' ? text : 'Loading');
    attribute($('state'), 'class', `badge ${last || wrong ? kind : ''}`);
}


function heard({ status, problem }) {
    wrong = problem ?? null;
    $('loading').hidden = true;
    $('problem').hidden = !problem;
    document.body.classList.toggle('stale', Boolean(problem && last));

    if (problem) {
        say($('problem-title'), problem.title);
        say($('problem-say'), problem.say);
        say($('problem-conf'), problem.conf ?? '');
        $('problem-conf').hidden = !problem.conf;
        $('problem-old').hidden = !last;
        say($('problem-old'), last ? `What is below is of ${format.clock(last.time)}.` : '');

    } else {
        addKeys(status.destinations);
        last = status;
        history.add(status);
        show(status);
    }

    showState();
}


function show(status) {
    const any = received(status) > 0 || status.destinations.some(destination => destination.received > 0)
                || Object.keys(status.errors ?? {}).length > 0;

    $('empty').hidden = any;
    $('figures-all').hidden = false;
    $('destinations-all').hidden = status.destinations.length === 0;
    $('more').hidden = false;
    $('recent-all').hidden = false;

    showFigures(status);
    showDestinations(status);
    showMemory(status);
    showRows($('types'), Object.entries(status.events), name => [name]);
    showErrors(status.errors ?? {});
    showRecent(status.recent);

    say($('about'), `Counted since ${format.dateTime(status.started)} (${format.age(status.time - status.started)}) `
        + `in zone ${status.zone.name}, ${format.bytes(status.zone.size)}. ngx_http_pintag_module ${status.version}, `
        + `nginx ${status.nginx}, JSON read by ${status.json_reader}.`);
}


function showFigures(status) {
    const rates = history.rates();
    const now = rates.at(-1);
    const average = what => {
        const value = history.average(what);

        return value === null ? 'measuring' : `${format.rate(value)}/s over 10 s`;
    };
    const pending = status.destinations.reduce((sum, { pending = 0 }) => sum + pending, 0);
    const stopped = status.destinations.filter(destination => destination.stopped > 0).length;

    say($('rate-received'), `${format.rate(now?.received)}/s`);
    say($('rate-received-average'), average('received'));
    say($('rate-delivered'), `${format.rate(now?.delivered)}/s`);
    say($('rate-delivered-average'), average('delivered'));
    say($('in-flight'), format.count(inFlight(status)));
    say($('in-flight-note'), `to ${format.plural(status.destinations.length, 'destination')}`);
    say($('waiting'), format.count(status.queue?.deliveries));
    say($('waiting-note'), `${format.count(pending)} only there`);
    say($('spooled'), status.spool ? format.count(status.spool.rows) : 'off');
    say($('spooled-note'), status.spool ? format.bytes(status.spool.bytes) : 'no pintag_spool');
    say($('workers'), format.count(status.workers));
    say($('workers-note'), stopped > 0 ? `${format.plural(stopped, 'destination')} backing off` : 'none backs off');

    drawRates($('rate'), rates);
    attribute($('rate'), 'aria-label', now
        ? `Events a second over the last two minutes: now ${format.rate(now.received)} received, `
          + `${format.rate(now.delivered)} delivered; at most `
          + `${format.rate(Math.max(...rates.map(rate => rate.received)))} received`
        : 'Events a second over the last two minutes');
}


function showDestinations(status) {
    const recent = document.querySelector('input[name=span]:checked').value === 'recent';

    keyed($('destinations'), status.destinations, destination => destination.key, makeDestination, (node, destination) => {
        updateDestination(node, destination, status.workers, recent ? history.before(destination) : null, recent);
    });
}


// Clients are turned away when one worker is full, however much room others have.
function showMemory({ queue, spool }) {
    const { deliveries, bytes } = queue?.fullest ?? {};
    const used = Math.max(deliveries / queue?.max, bytes / queue?.max_bytes) || 0;

    say($('queue-deliveries'), format.count(queue?.deliveries));
    say($('queue-bytes'), format.bytes(queue?.bytes));
    say($('queue-fullest'), `${format.count(deliveries)} of ${format.count(queue?.max)}, `
                            + `${format.bytes(bytes)} of ${format.bytes(queue?.max_bytes)} (${format.share(used, 1)})`);
    drawShare($('queue-bar'), [{ value: used, kind: fullness(used, 1) }], 1);

    for (const id of ['spool-facts', 'spool-bar']) {
        // an svg has no property of that name
        $(id).toggleAttribute('hidden', !spool);
    }

    $('spool-off').hidden = Boolean(spool);
    $('spool-warning').hidden = true;

    if (!spool) {
        return;
    }

    const kind = fullness(spool.bytes, spool.max_bytes);

    say($('spool-rows'), format.plural(spool.rows, 'delivery', 'deliveries'));
    say($('spool-bytes'), `${format.bytes(spool.bytes)} of ${format.bytes(spool.max_bytes)} `
                          + `(${format.share(spool.bytes, spool.max_bytes)})`);
    say($('spool-oldest'), spool.oldest > 0 ? `${format.age(spool.oldest)} old` : 'none');
    drawShare($('spool-bar'), [{ value: spool.bytes, kind }], spool.max_bytes);

    if (kind !== 'good') {
        $('spool-warning').hidden = false;
        attribute($('spool-warning'), 'class', `badge ${kind}`);
        say($('spool-warning'), spool.bytes >= spool.max_bytes ? 'The spool is full: clients are asked to keep their events'
            : 'The spool is nearly full: then clients are asked to keep their events');
    }
}


// Rows of a name and a number: those that were not there are new rows.
function showRows(body, entries, texts) {
    keyed(body, entries, ([name]) => name,
          ([name]) => el('tr', null,
                         el('th', { scope: 'row' }, texts(name).map((text, i) =>
                             el(i === 0 ? 'span' : 'div', i === 0 ? null : { class: 'muted small' }, text))),
                         el('td', { class: 'number' })),
          (row, [, n]) => say(row.lastChild, format.count(n)));
}


function showErrors(errors) {
    const entries = Object.entries(errors).sort((a, b) => b[1] - a[1]);

    $('errors-table').hidden = entries.length === 0;
    $('errors-none').hidden = entries.length > 0;
    showRows($('errors'), entries, name => [name, meaning(ERRORS, name)].filter(Boolean));
}


function showRecent(recent) {
    const events = Array.isArray(recent) ? recent : [];
    const count = new Map();

    $('recent-table').hidden = events.length === 0;
    $('recent-none').hidden = !recent || events.length > 0;
    $('recent-off').hidden = Boolean(recent);

    // the same twice, in the same millisecond, are two; from the oldest, so that
    // a row keeps its key when others come before it
    const keys = new Map([...events].reverse().map(event => {
        const key = JSON.stringify(event);
        const n = (count.get(key) ?? 0) + 1;

        count.set(key, n);
        return [event, `${key} ${n}`];
    }));

    keyed($('recent'), events, event => keys.get(event), event => {
        const reason = event.reason ?? '';
        const more = meaning(REASONS, reason);

        return el('tr', null,
                  el('td', { class: 'whole', 'data-label': 'Time' }, format.clock(event.time)),
                  el('td', { 'data-label': 'Event' }, event.event ?? ''),
                  el('td', { class: 'whole', 'data-label': 'Destination' }, nameOf(event)),
                  el('td', { class: 'whole', 'data-label': 'Outcome' }, event.outcome ?? ''),
                  reason === '' ? el('td') : el('td', { 'data-label': 'Reason' },
                                                el('span', null, more ? `${reason}: ${more}` : reason)));
    });
}


function start() {
    const asked = new URLSearchParams(location.search).get('status');
    const field = $('endpoint');

    if (asked) {
        field.value = asked;
    }

    say($('empty-curl'), `curl ${location.origin}/pintag -d '{"type":"track","event":"Lead"}'`);

    const polling = poll(field.value, heard, now => {
        running = now;
        showState();
    });

    $('pause').addEventListener('click', () => {
        const pause = $('pause').getAttribute('aria-pressed') !== 'true';

        attribute($('pause'), 'aria-pressed', pause);
        polling.pause(pause);
    });

    for (const radio of document.querySelectorAll('input[name=span]')) {
        radio.addEventListener('change', () => last && showDestinations(last));
    }

    $('endpoint-form').addEventListener('submit', event => {
        const url = new URL(location.href);

        event.preventDefault();
        url.searchParams.set('status', field.value);
        window.history.replaceState(null, '', url);
        history = new History();
        last = null;
        wrong = null;
        polling.at(field.value);
    });

    window.addEventListener('resize', () => last && show(last));
}


start();
