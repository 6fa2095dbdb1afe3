// The event tester: what a location with pintag_preview answers, explained.

import { $, copy, el, say } from './dom.js';
import * as format from './format.js';
import { eventsIn, isNdjson, keysIn } from './events.js';
import { EXAMPLES } from './examples.js';
import { placeIn } from './place.js';
import { ERRORS, REASONS, meaning } from './reasons.js';
import { takeApart } from './request.js';
import { curl, link, linked } from './share.js';
import { explain } from './source.js';

const TIMEOUT = 15000;

// more would be slow to show, and nobody reads them
const MOST = 50;

// write keys that are tried
const MOST_KEYS = 5;

const typeOf = text => isNdjson(text) ? 'application/x-ndjson' : 'application/json';

let turn = 0;


function target() {
    return new URL($('endpoint').value || '/', location.href);
}


// ---- asking

async function submit() {
    const text = $('event').value;
    const mine = ++turn;
    let url;

    $('problem').hidden = true;
    $('answer').hidden = true;
    say($('summary'), 'Asking …');

    try {
        url = target();

    } catch {
        return complain('The endpoint is no path', 'Give the path of a location, such as /pintag-preview.');
    }

    if (url.origin !== location.origin) {
        return complain('The endpoint must be a location of this server',
                        `${url.href} is of another server, and this page asks no other. Give a path, such as /pintag-preview.`);
    }

    let answer = await probe(url, text);

    if (mine === turn && answer.json?.preview === true) {
        answer = await ask(url, text);
    }

    // another one was asked for meanwhile
    if (mine !== turn) {
        return;
    }

    if (answer.problem) {
        complain(...answer.problem);

    } else if (answer.json.preview === true) {
        await show(answer.json, text, mine);

    } else if (answer.json.success === true) {
        complain('That is no preview, and the event was not sent there',
                 `The location ${url.pathname} has no pintag_preview on: what it takes it delivers.`);

    } else {
        refused(answer.json, answer.status, text);
    }
}


// What is answered to no event at all: a location without preview would send one.
// Where pintag_write_keys is set, that wants a key of the events.
async function probe(url, text) {
    for (const writeKey of keysIn(text).slice(0, MOST_KEYS)) {
        const answer = await ask(url, JSON.stringify({ batch: [], writeKey }));

        if (answer.json?.error !== 'invalid_write_key') {
            return answer;
        }
    }

    return ask(url, '[]');
}


async function ask(url, text) {
    let status;
    let said;

    try {
        const answer = await fetch(url, {
            method: 'POST',
            cache: 'no-store',
            headers: { 'Content-Type': typeOf(text) },
            body: text,
            signal: AbortSignal.timeout(TIMEOUT),
        });

        status = answer.status;
        said = await answer.text();

    } catch (error) {
        return {
            problem: error.name === 'TimeoutError'
                ? [`No answer at ${url.pathname} within ${TIMEOUT / 1000} seconds`, 'nginx is busy, or something before it.']
                : [`Nothing answers at ${url.pathname}`, 'Does nginx run, and does the network reach it?'],
        };
    }

    try {
        const json = JSON.parse(said);

        if (typeof json === 'object' && json !== null) {
            return { json, status };
        }

    } catch {
        // told below
    }

    const remedies = {
        401: 'It asks for a password: open that address in this browser once.',
        403: 'This browser\'s address is not allowed there: the error log of nginx has it, after "client:".',
        404: 'Add a location with pintag_integrations, pintag_pass and pintag_preview on, and reload nginx; '
             + 'or give its path as the endpoint.',
        405: 'That is a file or a page. The location needs pintag_pass and pintag_preview on.',
        413: 'More than client_max_body_size or pintag_max_body.',
    };

    return {
        problem: [`What ${url.pathname} answers is no JSON (${status})`,
                  remedies[status] ?? (status >= 500 ? 'The error log of nginx says why.'
                                       : 'The location needs pintag_pass and pintag_preview on.')],
    };
}


function complain(title, text) {
    say($('problem-title'), title);
    say($('problem-say'), text);
    say($('summary'), '');
    $('problem-place').hidden = true;
    $('problem-go').hidden = true;
    $('problem').hidden = false;
    $('problem-title').focus();
}


// ---- an answer that is an error

function refused(answer, status, text) {
    const error = String(answer.error ?? '');
    const more = meaning(ERRORS, error);

    complain(`${error || 'Refused'} (${status})`,
             [answer.message, more && more !== answer.message ? `It means: ${more}.` : ''].filter(Boolean).join('. '));

    if (answer.line > 0 && answer.column > 0) {
        point(answer.line, answer.column, text);
    }
}


function point(line, column, text) {
    const { from, length } = placeIn(text, line, column);

    $('problem-place').replaceChildren(...marked(line, column, text));
    $('problem-place').hidden = false;
    $('problem-go').hidden = false;
    say($('problem-go'), `Go to line ${format.count(line)}, column ${format.count(column)}`);

    $('problem-go').onclick = () => {
        $('event').focus();
        $('event').setSelectionRange(from, from + length);
    };
}


function marked(line, column, text) {
    const { before, at, after } = placeIn(text, line, column);

    return [`${line}: `, before, el('mark', null, at === '' || at === '\r' ? '⏎' : at), after];
}


// ---- an answer

async function show(answer, text, mine) {
    const inputs = eventsIn(text);
    const requests = (answer.requests ?? []).map(request => ({ ...request, ...takeApart(request) }));
    const notSent = new Map((answer.events ?? []).map(event => [event.index, event]));
    const total = answer.received ?? 0;
    const indexes = [...Array(Math.min(total, MOST)).keys()];

    const cards = [];

    for (const index of indexes) {
        const input = inputs[index] ?? { name: '', type: '', leaves: [] };
        const own = requests.filter(request => request.event === index);
        const left = await explain(input, own);

        cards.push(eventCard(index, input, own, notSent.get(index), left, text));
    }

    if (mine !== turn) {
        return;
    }

    say($('answer-title'), `${format.plural(total, 'event')}, ${format.plural(requests.length, 'request')}`);
    say($('answer-note'), [
        total > MOST ? `The first ${MOST} events are shown.` : '',
        answer.truncated > 0 ? `${format.plural(answer.truncated, 'value')} left out, since the query would be too long.` : '',
        'Nothing was sent.',
        requests.length > 0 ? 'Where a value came from is found by looking for it in the event.' : '',
    ].filter(Boolean).join(' '));

    $('events').replaceChildren(...cards);
    $('answer').hidden = false;
    say($('summary'), '');
    $('answer-title').focus();
}


function eventCard(index, input, requests, outcome, left, text) {
    const name = input.name || 'without a name';

    return el('article', { class: 'event', 'aria-label': `Event ${index + 1}` },
        el('h3', null, `Event ${index + 1}: ${name}${input.type ? ` (${input.type})` : ''}`),
        outcome ? outcomeCard(outcome, requests.length, text) : null,
        requests.map(request => requestCard(request)),
        requests.length > 0 ? leftCard(left) : null);
}


// An event that is not sent, or not to each of its destinations.
function outcomeCard({ status, reason, message, line, column }, sent, text) {
    const more = meaning(REASONS, reason);

    return el('div', { class: `card ${status === 'skipped' ? 'notice' : 'problem'}` },
        el('p', null,
           el('span', { class: `badge ${status === 'skipped' ? 'waiting' : 'bad'}` }, String(status)), ' ',
           el('strong', null, String(reason ?? ''))),
        more ? el('p', null, more) : null,
        message ? el('p', null, String(message)) : null,
        line > 0 && column > 0 ? el('pre', null, marked(line, column, text)) : null,
        sent > 0 ? el('p', { class: 'muted small' }, 'By one destination; what others get is below.') : null);
}


function requestCard({ destination, line, headers, body, fields }) {
    const label = String(destination).replace(/^tag /, 'Tag ').replace(/^ad account /, 'Conversions API, ad account ');

    return el('article', { class: 'card request', 'aria-label': label },
        el('h4', null, label),
        el('pre', { class: 'exact' }, [line, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\n')),
        body ? el('details', { open: true }, el('summary', null, 'Body'), el('pre', { class: 'body' }, body)) : null,
        table(['Name', ...body ? [] : ['As sent'], 'Value', 'From'], 'fields', `Fields of the request to ${label}`,
              fields.map(({ name, raw, value, header, source }) => el('tr', null,
                  el('th', { scope: 'row', 'data-label': 'Name' }, el('span', { class: 'name' }, header ? `${name}:` : name)),
                  body ? null : cell('As sent', 'raw', raw, raw === value ? 'same' : null),
                  cell('Value', 'value', value),
                  cell('From', 'small', source)))));
}


function leftCard(left) {
    const label = 'What did not leave';

    if (left.length === 0) {
        return el('p', { class: 'card muted' }, 'All that the event tells is in a request.');
    }

    return el('article', { class: 'card left', 'aria-label': label },
        el('h4', null, label),
        el('p', { class: 'muted small' }, 'Members of the event that are in none of the requests above, personal ones first.'),
        table(['Member', 'Value', 'Not sent'], 'fields', label, left.map(({ path, value, why, personal }) =>
            el('tr', { class: personal ? 'personal' : null },
               el('th', { scope: 'row', 'data-label': 'Member' }, el('span', { class: 'name' }, path)),
               cell('Value', 'value', value),
               cell('Not sent', 'small', why)))));
}


function cell(label, kind, text, more) {
    return text === '' ? el('td') : el('td', { class: more, 'data-label': label }, el('span', { class: kind }, text));
}


function table(heads, kind, caption, rows) {
    return el('table', { class: `stacks ${kind}` },
        el('caption', { class: 'visually-hidden' }, caption),
        el('thead', null, el('tr', null, heads.map(head => el('th', { scope: 'col' }, head)))),
        el('tbody', null, rows));
}


// ---- sharing

function shared() {
    const text = $('event').value;
    let url;

    try {
        url = target().href;

    } catch {
        url = $('endpoint').value;
    }

    $('curl').value = curl(url, text, typeOf(text));
    $('link').value = link(text);
}


async function give(field, what) {
    shared();
    field.closest('details').open = true;
    say($('copied'), await copy(field.value, field) ? `${what} copied` : 'Copy it from below');
}


// ---- the form

function pretty(body) {
    return JSON.stringify(body, null, 2);
}


// From its beginning, also when it is focused.
function put(text) {
    $('event').value = text;
    $('event').setSelectionRange(0, 0);
    $('event').scrollTop = 0;
}


function start() {
    const given = linked();

    for (const [i, { name }] of EXAMPLES.entries()) {
        $('example').append(el('option', { value: i }, name));
    }

    $('example').addEventListener('change', () => {
        const example = EXAMPLES[$('example').value];

        if (example) {
            put(pretty(example.body));
            shared();
        }
    });

    if (given === null) {
        $('example').value = '0';
        put(pretty(EXAMPLES[0].body));

    } else {
        put(given);
    }

    $('form').addEventListener('submit', event => {
        event.preventDefault();
        submit();
    });

    $('event').addEventListener('keydown', event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            $('form').requestSubmit();
        }
    });

    $('event').addEventListener('input', () => {
        $('example').value = '';
        shared();
    });

    $('endpoint').addEventListener('input', shared);
    $('copy-curl').addEventListener('click', () => give($('curl'), 'The command is'));
    $('copy-link').addEventListener('click', () => give($('link'), 'The link is'));

    window.addEventListener('hashchange', () => {
        const text = linked();

        if (text !== null) {
            put(text);
            $('example').value = '';
            shared();
        }
    });

    shared();
}


start();
