// The card of a destination.

import { bound, drawBuckets, drawShare } from './chart.js';
import { attribute, el, keyed, say, svg } from './dom.js';
import * as format from './format.js';
import { REASONS, meaning } from './reasons.js';
import { OUTCOMES, buckets, quantile, state } from './status.js';

const LABELS = { tag: 'Tag', api: 'Conversions API', 'api-test': 'Conversions API, test mode', fallback: 'Fallback' };

const WORDS = {
    pending: 'in memory only',
    spooled: 'in the spool',
    fallback: 'given to the fallback',
};

const FACTS = ['Requests', 'In flight', 'Answers', 'Tried again', 'Sent'];
const QUANTILES = [[0.5, 'half within'], [0.95, '95 % within'], [0.99, '99 % within']];


// "Tag 2612826764086"
export function nameOf({ transport, id }) {
    return [Object.hasOwn(LABELS, transport) ? LABELS[transport] : transport, id].filter(Boolean).join(' ');
}


export function makeDestination(destination) {
    const name = nameOf(destination) || '–';
    const where = [destination.server, destination.pass].filter(Boolean).join(' ');
    const of = `of ${name}, ${where}`;
    const parts = {
        badge: el('span'),
        bar: svg('svg', { class: 'share', 'aria-hidden': true }),
        outcomes: el('tbody'),
        facts: FACTS.map(() => el('dd')),
        quantiles: QUANTILES.map(() => el('dd')),
        bars: svg('svg', { class: 'bars', role: 'img' }),
        buckets: el('tbody'),
        none: el('p', { class: 'muted small' }),
    };

    // the fallback takes what other destinations count
    parts.events = el('div', { class: 'outcomes' },
        el('table', null,
            el('caption', { class: 'visually-hidden' }, `Events ${of}`),
            el('thead', null, el('tr', null, el('th', { scope: 'col' }, 'Events'),
                                 el('th', { scope: 'col', class: 'number' }, 'Number'),
                                 el('th', { scope: 'col', class: 'number' }, 'Share'))),
            parts.outcomes));

    parts.durations = el('div', { class: 'durations' },
        el('h4', null, 'From taken to delivered'),
        parts.none,
        parts.some = el('div', null,
            el('dl', { class: 'quantiles small' }, QUANTILES.map(([, text], i) =>
                el('div', null, el('dt', null, text), parts.quantiles[i]))),
            parts.bars,
            el('details', { class: 'small' }, el('summary', null, 'The same as a table'),
                el('table', null,
                    el('caption', { class: 'visually-hidden' }, `Durations ${of}`),
                    el('thead', null, el('tr', null, el('th', { scope: 'col' }, 'Duration'),
                                         el('th', { scope: 'col', class: 'number' }, 'Events'))),
                    parts.buckets))));

    const card = el('article', { class: 'card destination', 'aria-label': name },
        el('div', { class: 'row' }, el('h3', null, name), parts.badge),
        el('p', { class: 'muted small' }, where),
        parts.bar,
        parts.events,
        parts.durations,
        el('dl', { class: 'facts small' }, FACTS.map((text, i) => [el('dt', null, text), parts.facts[i]])));

    card.pintagParts = parts;
    return card;
}


// `before` is the destination as it was, for the durations since then.
export function updateDestination(card, destination, workers, before, recent) {
    const parts = card.pintagParts;
    const now = state(destination, workers);
    const events = destination.transport !== 'fallback';

    say(parts.badge, now.text);
    attribute(parts.badge, 'class', `badge ${now.kind}`);
    parts.bar.toggleAttribute('hidden', !events);
    parts.events.hidden = !events;
    parts.durations.hidden = !events;

    if (events) {
        updateEvents(parts, destination);
        updateDurations(parts, destination, before, recent);
    }

    updateFacts(parts.facts, destination.requests ?? {});
}


function updateEvents(parts, destination) {
    const reasons = destination.reasons ?? {};
    const total = destination.received ?? 0;
    const rows = OUTCOMES.filter(({ name, always }) => always || destination[name] > 0)
        .flatMap(({ name }) => [
            { key: name, text: WORDS[name] ?? name, n: destination[name] ?? 0 },
            ...Object.entries(reasons[name] ?? {}).map(([reason, n]) => ({
                key: `${name} ${reason}`, text: reason, n, reason: true, more: meaning(REASONS, reason),
            })),
        ]);

    rows.unshift({ key: 'received', text: 'received', n: total });

    if (destination.recovered > 0) {
        rows.splice(1, 0, { key: 'recovered', text: 'from the spool of an earlier nginx', n: destination.recovered,
                            reason: true });
    }

    drawShare(parts.bar, OUTCOMES.map(({ name, kind }) => ({ value: destination[name] ?? 0, kind })), total);

    keyed(parts.outcomes, rows, row => row.key,
          ({ text, reason, more }) => el('tr', { class: reason ? 'reason' : null },
              el('th', { scope: 'row' }, more ? `${text}: ${more}` : text),
              el('td', { class: 'number' }), el('td', { class: 'number' })),
          (row, { n, reason }) => {
              say(row.children[1], format.count(n));
              say(row.children[2], reason ? '' : format.share(n, total));
          });
}


function updateDurations(parts, destination, before, recent) {
    const list = buckets(destination.duration, recent ? before?.duration : null);
    const total = list.reduce((sum, { count }) => sum + count, 0);

    parts.some.hidden = total === 0;
    parts.none.hidden = total > 0;
    say(parts.none, recent ? 'Nothing was delivered in the last 2 minutes of this page.' : 'Nothing was delivered yet.');

    if (total === 0) {
        return;
    }

    const texts = QUANTILES.map(([q]) => {
        const { value, more } = quantile(list, q);

        return (more ? '> ' : '') + format.duration(value);
    });

    texts.forEach((text, i) => say(parts.quantiles[i], text));
    drawBuckets(parts.bars, list);
    attribute(parts.bars, 'aria-label', `How long ${format.plural(total, 'event')} took: `
        + QUANTILES.map(([, text], i) => `${text} ${texts[i]}`).join(', '));

    keyed(parts.buckets, list, bucket => bucket.to,
          bucket => el('tr', null, el('th', { scope: 'row' }, bound(bucket)), el('td', { class: 'number' })),
          (row, bucket) => say(row.lastChild, format.count(bucket.count)));
}


function updateFacts([sent, inFlight, answers, retries, size], requests) {
    const statuses = Object.entries(requests.status ?? {}).filter(([, n]) => n > 0)
        .map(([status, n]) => `${format.count(n)} ${status === 'none' ? 'without any' : status}`);

    say(sent, requests.sent > 0 && requests.events > requests.sent
        ? `${format.count(requests.sent)}, with ${format.rate(requests.events / requests.sent)} events each`
        : format.count(requests.sent));
    say(inFlight, `${format.count(requests.in_flight)}, at most ${format.count(requests.window)} a worker`);
    say(answers, statuses.join(', ') || 'none');
    say(retries, format.plural(requests.retries, 'delivery', 'deliveries'));
    say(size, format.bytes(requests.bytes));
}
