// The pages, and a made-up nginx behind them: in states that a real one is hard to
// get into.  On its own, to look at the pages: node mock.mjs [port] [state]

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../html/', import.meta.url));

const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };

export const XSS = '<img src=x onerror=alert(1)>';

const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];

// parts in a hundred that are within each
const SPREAD = { tag: [22, 51, 78, 90, 95, 97, 98, 99, 99, 100, 100, 100],
                 api: [0, 2, 9, 21, 48, 80, 93, 97, 99, 99, 99, 100] };


// A status with n events, as one of a busy place.
export function busy(n, now = Date.now() / 1000) {
    const part = x => Math.floor(n * x);

    return {
        version: '0.1.0', nginx: '1.22.1', json_reader: 'yyjson',
        zone: { name: 'pintag', size: 1048576 },
        started: 1764120000, time: now, workers: 2,
        events: { track: part(0.7), page: n - part(0.7) - part(0.05), screen: 0, identify: part(0.05), group: 0, alias: 0, other: 0 },
        errors: { invalid_json: 2, too_many_requests: 31 },
        queue: { deliveries: 3, bytes: 2100, max: 65536, max_bytes: 67108864, fullest: { deliveries: 2, bytes: 1400 } },
        spool: { rows: 3, bytes: 32768, max_bytes: 1073741824, oldest: 4 },
        destinations: [
            destination('tag', '2612826764086', n, {
                skipped: part(0.05), refused: part(0.001),
                reasons: { skipped: { unsupported_type: part(0.05) }, refused: { refused: part(0.001) } },
            }),
            destination('api', '549755885175', n, {
                skipped: part(0.21), failed: part(0.002), pending: 3, spooled: 3,
                reasons: { skipped: { unsupported_type: part(0.05), no_identity: part(0.16) },
                           failed: { timeout: part(0.002) } },
                requests: { sent: part(0.02), retries: 12, window: 2, in_flight: 1 },
            }),
        ],
        recent: recent(now, n),
    };
}


function destination(transport, id, n, { requests = {}, ...more }) {
    const counts = { delivered: 0, refused: 0, failed: 0, skipped: 0, rejected: 0, fallback: 0, lost: 0,
                     pending: 0, spooled: 0, recovered: 0, ...more };
    const { refused, failed, skipped, rejected, fallback, lost, pending, spooled } = counts;
    const delivered = Math.max(0, n - refused - failed - skipped - rejected - fallback - lost - pending - spooled);

    return {
        transport, id, server: 'shop.example', pass: '/_pinterest',
        received: n, ...counts, delivered,
        reasons: {}, ...more,
        requests: {
            sent: delivered, in_flight: 0, window: 16, retries: 0, bytes: delivered * 412, events: delivered, ...requests,
            status: { '2xx': requests.sent ?? delivered, '3xx': 0, '4xx': refused, '5xx': requests.retries ?? 0, none: 0 },
        },
        stopped: 0, misconfigured: 0,
        duration: {
            count: delivered, sum: delivered * 0.02,
            buckets: Object.fromEntries(BOUNDS.map((bound, i) =>
                [bound, i === BOUNDS.length - 1 ? delivered : Math.floor(delivered * SPREAD[transport][i] / 100)])),
        },
    };
}


function recent(now, n) {
    const names = ['Order Completed', 'Product Added', 'page', 'Products Searched', 'Lead'];

    return [...Array(Math.min(8, n)).keys()].map(i => {
        const k = n - i;
        const api = k % 3 === 0;

        return {
            time: now - i * 0.031 - 0.01, event: names[k % names.length],
            transport: api ? 'api' : 'tag', id: api ? '549755885175' : '2612826764086',
            outcome: k % 7 === 0 ? 'skipped' : 'delivered', reason: k % 7 === 0 ? 'no_identity' : null,
        };
    });
}


// What the status endpoint answers in a state: [status, type, body], with the
// events so far and how many came since the last poll.
const STATES = {
    moving: at => json(busy(at.n)),

    // a second passes with each poll
    told: at => {
        at.k = (at.k ?? 0) + 1;
        at.told = (at.told ?? 84211) + 140 + Math.round(60 * Math.sin(at.k / 9) + 20 * Math.sin(at.k * 2.3));

        const status = busy(at.told, 1764124000 + at.k);

        status.destinations.forEach(one => { one.requests.in_flight = 1 + at.k % 3; });
        return json(status);
    },

    still: at => json(busy(1000, at.now)),
    empty: at => json({
        ...busy(0, at.now), errors: {}, recent: [],
        queue: { deliveries: 0, bytes: 0, max: 65536, max_bytes: 67108864, fullest: { deliveries: 0, bytes: 0 } }, spool: null,
        destinations: [destination('tag', '2612826764086', 0, {})],
    }),
    stopped: at => {
        const status = busy(at.n, at.now);

        status.destinations[0].stopped = 2;
        status.destinations[0].pending = 41;
        status.destinations[1].stopped = 1;
        status.destinations.push({ ...status.destinations[1], transport: 'api-test', stopped: 2, misconfigured: 2 });
        status.destinations.push({ transport: 'fallback', id: '', server: 'shop.example', pass: '/_rabbitmq',
                                   requests: { sent: 7, in_flight: 0, window: 2, retries: 0, bytes: 4000, events: 11,
                                               status: { '2xx': 7, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 } }, stopped: 0, misconfigured: 0 });
        delete status.recent;
        return json(status);
    },
    full: at => {
        const status = busy(at.n, at.now);

        status.spool = { rows: 120431, bytes: 1073741824, max_bytes: 1073741824, oldest: 93784 };
        // one of two workers is full
        status.queue = { deliveries: 66100, bytes: 41000000, max: 65536, max_bytes: 67108864,
                         fullest: { deliveries: 65000, bytes: 40000000 } };
        status.errors.queue_full = 812;
        return json(status);
    },
    xss: at => {
        const status = busy(at.n, at.now);

        Object.assign(status, { version: XSS, nginx: XSS, json_reader: XSS });
        status.zone.name = XSS;
        status.errors[XSS] = 3;
        status.events[XSS] = 3;
        Object.assign(status.destinations[0], { id: XSS, server: XSS, pass: XSS, reasons: { skipped: { [XSS]: 4 } } });
        Object.assign(status.recent[0], { event: XSS, transport: XSS, id: XSS, outcome: XSS, reason: XSS });
        return json(status);
    },
    strange: at => json({ ...busy(at.n, at.now), queue: null, errors: null, recent: [{}, { time: 'x', event: 7 }],
                          destinations: [{ transport: 'tag', id: '1' }, { transport: 'tag', id: '1' }, {}] }),
    'no zone': () => json({ version: '0.1.0', nginx: '1.22.1', zone: null }),
    other: () => json({ hello: 'world' }),
    html: () => [200, 'text/html', '<!DOCTYPE html><title>A shop</title>'],
    prometheus: () => [200, 'text/plain', '# HELP pintag_events_total Events\n# TYPE pintag_events_total counter\n'],
    401: () => [401, 'text/html', '<h1>401</h1>'],
    403: () => [403, 'text/html', '<h1>403 Forbidden</h1>'],
    404: () => [404, 'text/html', '<h1>404</h1>'],
    503: () => [503, 'text/html', '<h1>503</h1>'],
};

const json = (body, status = 200) => [status, 'application/json', JSON.stringify(body)];


// and what the preview endpoint answers
const PREVIEWS = {
    xss: () => json({
        success: true, preview: true, received: 2,
        requests: [
            { event: 0, destination: `tag ${XSS}`, method: XSS, uri: `/v3/?tid=${XSS}&${XSS}=1`, headers: { [XSS]: XSS }, body: null },
            { event: 0, destination: 'ad account 1', method: 'POST', uri: '/v5/', headers: {}, body: { data: [{ [XSS]: XSS }] } },
        ],
        events: [{ index: 1, message_id: XSS, status: XSS, reason: XSS, message: XSS }],
    }),
    refused: () => json({ success: false, error: XSS, message: XSS, line: 2, column: 3 }, 400),
    live: () => json({ success: true, received: 0, delivered: 0 }),
    html: () => [200, 'text/html', '<h1>A shop</h1>'],
    403: () => [403, 'text/html', '<h1>403</h1>'],
    404: () => [404, 'text/html', '<h1>404</h1>'],
    unauthorized: () => json({ success: false, error: 'unauthorized', message: 'a password is needed' }, 401),
    many: () => json({
        success: true, preview: true, received: 1000,
        requests: [...Array(1000).keys()].map(event => ({ event, destination: 'tag 1', method: 'GET',
                                                          uri: `/v3/?tid=1&noscript=1&event=lead`, headers: {}, body: null })),
    }),
};


export async function mock(port = 0) {
    const self = { state: 'moving', preview: 'xss', polls: 0, posts: [] };
    const at = { n: 1000, get now() { return Date.now() / 1000; } };

    const server = createServer(async (request, response) => {
        const path = new URL(request.url, 'http://127.0.0.1').pathname;
        let answer;

        if (path === '/pintag-status') {
            self.polls++;
            at.n += 25 + self.polls % 7 * 3;
            answer = self.state;

        } else if (path === '/pintag-preview') {
            let body = '';

            for await (const chunk of request) {
                body += chunk;
            }

            self.posts.push(body);
            answer = self.preview;

        } else {
            return file(path, response);
        }

        if (answer === 'gone') {
            return request.socket.destroy();
        }

        // never answered, until the page gives up
        if (answer === 'silent') {
            return;
        }

        const [status, type, text] = (path === '/pintag-status' ? STATES : PREVIEWS)[answer](at);

        response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(text);
    });

    await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));

    self.url = `http://127.0.0.1:${server.address().port}`;
    self.close = () => {
        server.closeAllConnections();
        server.close();
    };

    return self;
}


async function file(path, response) {
    const name = normalize(path.replace(/^\/pintag-dashboard\//, '')) || '.';

    try {
        const text = await readFile(join(ROOT, name === '.' ? 'index.html' : name));

        response.writeHead(200, {
            'Content-Type': TYPES[extname(name)] ?? 'text/html',
            'Content-Security-Policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            'X-Content-Type-Options': 'nosniff',
        }).end(text);

    } catch {
        response.writeHead(404).end();
    }
}


if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const { url } = Object.assign(await mock(Number(process.argv[2] ?? 8081)), { state: process.argv[3] ?? 'moving' });

    console.log(`${url}/pintag-dashboard/`);
}
