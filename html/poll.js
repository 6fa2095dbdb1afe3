// Asks the status endpoint once a second, while the page is seen and not paused.

import { fault } from './status.js';

const EVERY = 1000;
const AFTER_A_PROBLEM = 3000;
const TIMEOUT = 5000;


// What is wrong and what to do about it: { title, say, conf }, conf to be put into
// nginx's configuration.
function problem(kind, url, detail) {
    const path = new URL(url, location.href).pathname;
    const status = `location = ${path} {\n    allow 127.0.0.1;    # and who else may look\n    deny  all;\n\n    pintag_status;\n}`;

    switch (kind) {
    case 'unreachable':
        return {
            title: `Nothing answers at ${path}`,
            say: 'Does nginx run, and does the network reach it? A page that was loaded over https '
                 + 'needs https here, too. It is tried again every 3 seconds.',
        };

    case 'timeout':
        return {
            title: `No answer at ${path} within ${TIMEOUT / 1000} seconds`,
            say: 'The worker that has the connection is busy, or something between here and nginx '
                 + 'does not get on. It is tried again every 3 seconds.',
        };

    case 'foreign':
        return {
            title: 'The endpoint must be a location of this server',
            say: `${url} is of another server, and this page asks no other. Give a path, such as /pintag-status.`,
        };

    case 401:
        return {
            title: `A password is asked for at ${path} (401)`,
            say: 'Open that address in this browser once, give the password, and reload this page.',
        };

    case 403:
        return {
            title: `nginx refuses to show ${path} (403)`,
            say: 'This browser\'s address is not allowed there. Allow it, then reload nginx: the '
                 + 'error log has the address, after "client:".',
            conf: `location = ${path} {\n    allow 192.0.2.1;    # the address of this browser\n    ...`,
        };

    case 404:
        return {
            title: `There is no ${path} (404)`,
            say: 'Add the location and reload nginx, or give another path at the end of this page.',
            conf: status,
        };

    case 'no zone':
        return {
            title: 'nothing is counted: there is no pintag_zone',
            say: 'Counters are kept in a zone of shared memory. Add one to http { } and reload nginx.',
            conf: 'pintag_zone zone=pintag:1m recent=50;',
        };

    case 'prometheus':
        return {
            title: `${path} answers in the format of Prometheus`,
            say: 'This page reads the JSON. Add a location of its own for it.',
            conf: status,
        };

    case 'not json':
        return {
            title: `What ${path} answers is no JSON`,
            say: `It is ${detail || 'of no type'}. Something else answers there, perhaps a page of the site: `
                 + 'the location needs pintag_status.',
            conf: status,
        };

    case 'other':
        return {
            title: `What ${path} answers is not the status`,
            say: 'It is JSON, but not that of pintag_status. Give the right path at the end of this page.',
            conf: status,
        };

    default:
        return {
            title: `${path} is answered with ${kind}`,
            say: kind >= 500 ? 'nginx or what stands before it fails: the error log says why. It is '
                               + 'tried again every 3 seconds.'
                 : 'The location needs pintag_status, and nothing that answers in its place.',
            conf: kind >= 500 ? undefined : status,
        };
    }
}


async function ask(url) {
    let answer;
    let text;

    if (new URL(url, location.href).origin !== location.origin) {
        return { problem: problem('foreign', url) };
    }

    try {
        answer = await fetch(url, {
            cache: 'no-store',
            headers: { Accept: 'application/json' },
            signal: AbortSignal.timeout(TIMEOUT),
        });
        text = await answer.text();

    } catch (error) {
        return { problem: problem(error.name === 'TimeoutError' ? 'timeout' : 'unreachable', url) };
    }

    if (!answer.ok) {
        return { problem: problem(answer.status, url) };
    }

    let status;

    try {
        status = JSON.parse(text);

    } catch {
        return {
            problem: problem(/^(?:# (?:HELP|TYPE) |pintag_)/m.test(text) ? 'prometheus' : 'not json',
                             url, answer.headers.get('Content-Type')),
        };
    }

    const wrong = fault(status);

    return wrong ? { problem: problem(wrong, url) } : { status };
}


// Calls heard({ status } or { problem }) after each poll, and changed('live' |
// 'paused' | 'hidden') when that changes.
export function poll(url, heard, changed) {
    let timer;
    let paused = false;
    let running = false;
    let turn = 0;

    async function next() {
        const mine = ++turn;
        const result = await ask(url);

        // the page was hidden, paused or sent elsewhere meanwhile
        if (mine !== turn) {
            return;
        }

        heard(result);
        timer = setTimeout(next, result.problem ? AFTER_A_PROBLEM : EVERY);
    }

    function look() {
        const run = !paused && !document.hidden;

        changed(run ? 'live' : paused ? 'paused' : 'hidden');

        if (run === running) {
            return;
        }

        running = run;
        clearTimeout(timer);
        turn++;

        if (run) {
            next();
        }
    }

    document.addEventListener('visibilitychange', look);
    look();

    return {
        pause(yes) {
            paused = yes;
            look();
        },

        at(other) {
            url = other;
            turn++;
            clearTimeout(timer);

            if (running) {
                next();
            }
        },
    };
}
