// What dashboard.t tests: node dashboard.mjs URL-OF-NGINX FOLDER-OF-SCREENSHOTS

import { VIEWS, accessible, fits, is, like, ok, part, rows, shot, start, tabbable, text, until } from './browser.mjs';
import { XSS, busy, mock } from './mock.mjs';
import * as format from '../../html/format.js';
import { History, addKeys, buckets, fault, fullness, quantile, state } from '../../html/status.js';

const [nginx, shots] = process.argv.slice(2);
const server = await mock();
const browser = await start();
const PAGE = '/pintag-dashboard/';


// ---- figures, without a page

await part('formats', () => {
    is([0, 1234567, NaN, undefined, 'x'].map(format.count), ['0', '1,234,567', '–', '–', '–'], 'counts');
    is([0, 0.25, 12.345, 1234.5].map(format.rate), ['0', '0.3', '12.3', '1,235'], 'rates');
    is([0, 1023, 1024, 1073741824, 5e15].map(format.bytes), ['0 B', '1,023 B', '1.0 KB', '1.0 GB', '4,547 TB'], 'sizes');
    is([0, 0.0042, 0.107, 0.9999, 1.3].map(format.duration), ['0 ms', '4.2 ms', '107 ms', '1,000 ms', '1.30 s'], 'durations');
    is([0, 59, 3600, 93784].map(format.age), ['0 s', '59 s', '1 h', '1 d 2 h'], 'ages');
    is([[0, 5], [1, 5000], [4999, 5000], [5, 5], [1, 0]].map(pair => format.share(...pair)),
       ['0 %', '<0.1 %', '>99.9 %', '100 %', '–'], 'shares: not quite all is not all');
});

await part('histograms', () => {
    // as a parser gives it: names that are whole numbers stand first
    const now = { buckets: { 1: 90, 10: 100, 0.5: 50, 0.1: 0, '+Inf': 101 } };
    const list = buckets(now);

    is(list.map(({ to, count }) => [String(to), count]),
       [['0.1', 0], ['0.5', 50], ['1', 40], ['10', 10], ['Infinity', 1]], 'buckets are in the order of their bounds');
    is(quantile(list, 0.5), { value: 0.50625, more: false }, 'a quantile is between the bounds of its bucket');
    is(quantile(list, 0.25).value, 0.1 + 0.4 * 25.25 / 50, 'in proportion');
    is(quantile(list, 0.999), { value: 10, more: true }, 'above the last bound it is more than that');
    is(quantile(buckets({ buckets: { 1: 0, '+Inf': 0 } }), 0.5), null, 'of nothing there is none');
    is(buckets(now, { buckets: { 0.1: 0, 0.5: 50, 1: 85, 10: 90, '+Inf': 90 } }).map(({ count }) => count),
       [0, 0, 5, 5, 1], 'the difference of two');
});

await part('rates', () => {
    const history = new History();
    const at = (n, time, more) => {
        const status = { ...busy(n, time), ...more };

        addKeys(status.destinations);
        history.add(status);
        return status;
    };

    at(1000, 100);
    is(history.rates(), [], 'one poll is no rate');
    is(history.average('received'), null, 'and no average');
    at(1030, 101.5);
    is(history.rates().map(({ received }) => received), [20], 'events a second between two polls');
    at(1030, 101.5);
    is(history.rates().length, 1, 'the same status twice is one');

    for (let i = 1; i <= 200; i++) {
        at(1030 + 10 * i, 101.5 + i);
    }

    is(history.average('received'), 10, 'the average of ten seconds');
    ok(history.polls.length < 130, 'what is older than the chart is forgotten', history.polls.length);

    const { destinations } = at(5000, 303);

    is(history.before(destinations[1])?.id, '549755885175', 'a destination is found again in the first of them');
    at(3, 304);
    is(history.polls.length, 1, 'counters that fell begin anew');
    at(9, 305, { started: 7 });
    is(history.polls.length, 1, 'and so does another zone');
});

await part('states', () => {
    const destination = (more, requests) => ({ stopped: 0, pending: 0, requests: { sent: 1, in_flight: 0, ...requests }, ...more });

    is([destination({ stopped: 2 }), destination({ stopped: 1 }), destination({ stopped: 2, misconfigured: 1 }),
        destination({ misconfigured: 2 }), destination({}, { in_flight: 1 }), destination({ pending: 1 }), destination({ spooled: 1 }),
        destination(), destination({}, { sent: 0 })].map(one => Object.values(state(one, 2)).join(', ')),
       ['backing off, bad', 'backing off in 1 of 2 workers, waiting', 'misconfigured in 1 of 2 workers, bad', 'misconfigured, bad',
        'delivering, good', 'waiting, waiting', 'waiting, waiting', 'idle, good', 'nothing sent yet, plain'], 'what a destination does');
    is([[0, 0], [79, 100], [80, 100], [95, 100]].map(pair => fullness(...pair)), ['good', 'good', 'waiting', 'bad'], 'how full it is');
    is([{}, 7, null, [], { version: 1, zone: null }, busy(1)].map(fault), ['other', 'other', 'other', 'other', 'no zone', ''],
       'what is a status');

    const twins = [{ transport: 'api', id: '1' }, { transport: 'api', id: '1' }];

    addKeys(twins);
    ok(twins[0].key !== twins[1].key, 'destinations that are alike are told apart');
});


// ---- the page, in all views

for (const view of VIEWS) {
    await part(view.name, async () => {
        server.state = 'moving';

        const page = await browser.view(server.url + PAGE, view);

        await until(page, '#rate-received', /^\d.*\/s$/);
        await until(page, '#rate-received-average', /over 10 s/);
        await until(page, '#state', /^Live$/);

        is(await page.title(), 'Dashboard – pintag', `${view.name}: it has a title`);
        is(await page.locator('article.destination').count(), 2, 'a card for each destination');

        const received = '#destinations article:first-child .outcomes tbody tr:first-child td:nth-child(2)';
        const first = await text(page, received);

        await until(page, received, new RegExp(`^(?!${first}$)`));
        ok(true, `${view.name}: figures move`);

        const polls = server.polls;

        await page.waitForFunction(() => document.querySelectorAll('#rate polyline')[0]
            ?.getAttribute('points').split(' ').length >= 4);
        ok(server.polls > polls, `${view.name}: the chart grows with each poll`);

        await accessible(page, view.name);
        await fits(page, view.name);
        await tabbable(page, view.name);

        // of the top, as it is seen
        await page.evaluate(() => document.activeElement.blur());
        await shot(page, shots, `dashboard-${view.name}`);
        await page.end(view.name);
    });
}


// ---- what it says, of figures that stand still

await part('figures', async () => {
    server.state = 'still';

    const page = await browser.view(server.url + PAGE);

    await until(page, '#rate-received', /^0\/s$/);
    is(await rows(page, '#types'), ['track | 700', 'page | 250', 'screen | 0', 'identify | 50', 'group | 0', 'alias | 0', 'other | 0'],
       'events by type');
    is(await rows(page, '#destinations article:nth-child(2) .outcomes tbody'), [
        'received | 1,000 | 100 %', 'delivered | 782 | 78.2 %', 'in memory only | 3 | 0.3 %', 'in the spool | 3 | 0.3 %',
        'skipped | 210 | 21.0 %', 'unsupported_type: identify, group, alias or an unknown type: nothing to send, no error | 50 | ',
        'no_identity: nothing tells the Conversions API whose event it is: no e-mail address, no advertising id, not both address '
        + 'and user agent | 160 | ', 'refused | 0 | 0 %', 'failed | 2 | 0.2 %', 'timeout: not settled within the timeout of pintag_ack | 2 | ',
    ], 'outcomes and reasons of a destination');
    is(await rows(page, '#errors'), ['too_many_requestslimit_req or limit_conn | 31', 'invalid_jsonno JSON | 2'], 'errors, most first');
    is(await page.locator('#recent tr').count(), 8, 'the last events');
    like(await text(page, '#about'), /since 2025-11-2\d.* in zone pintag, 1\.0 MB\. ngx_http_pintag_module 0\.1\.0, nginx 1\.22\.1, JSON read by yyjson\./,
         'zone and versions');
    is(await text(page, '#waiting-note'), '3 only there', 'what is in memory and not in the spool');
    is([await text(page, '#queue-deliveries'), await text(page, '#queue-bytes'), await text(page, '#queue-fullest')],
       ['3', '2.1 KB', '2 of 65,536, 1.4 KB of 64.0 MB (<0.1 %)'], 'the queue, of all workers and of the fullest');
    like(await text(page, '#spool-facts'), /3 deliveries.*32\.0 KB of 1\.0 GB \(<0\.1 %\).*4 s old/s, 'the spool');

    // nothing was delivered since the page is open, much before
    const durations = page.locator('#destinations article:first-child .durations');

    like(await durations.innerText(), /Nothing was delivered in the last 2 minutes/, 'durations of the last minutes');
    await page.getByLabel('of all').check();
    like(await durations.innerText(), /half within\s9\.8 ms.*95 % within\s104 ms.*99 % within\s2\.63 s/s, 'and of all');
    await durations.locator('summary').click();
    is((await rows(page, '#destinations article:first-child .durations tbody')).slice(0, 3),
       ['≤ 5 ms | 208', '≤ 10 ms | 275', '≤ 25 ms | 257'], 'and as a table');

    // what is open stays so through polls
    const before = server.polls;

    while (server.polls < before + 3) {
        await page.waitForTimeout(100);
    }

    ok(await durations.locator('details').getAttribute('open') !== null, 'what was opened stays open');
    await page.end('figures');
});


// ---- states that are hard to get into

const shown = async (name, run, view = {}) => part(name, async () => {
    server.state = name;

    const page = await browser.view(server.url + PAGE, { errors: true, ...view });

    await run(page);
    await accessible(page, name);
    await page.end(name);
});

await shown('empty', async page => {
    await until(page, '#empty-title', /No event has come yet/);
    await page.waitForSelector('#empty:not([hidden])');
    like(await text(page, '#empty-curl'), /^curl http:\/\/127\.0\.0\.1:\d+\/pintag -d '\{/, 'empty: it says how to post one');
    like(await text(page, '#spool-off'), /no spool/, 'empty: and that there is no spool');
    is(await page.locator('#errors-none').isVisible(), true, 'empty: no error');
    like(await text(page, '#destinations .badge'), /nothing sent yet/, 'empty: nothing sent');
});

await shown('stopped', async page => {
    await until(page, '#destinations', /Fallback/);
    is(await page.$$eval('#destinations .badge', list => list.map(node => node.textContent)),
       ['backing off', 'backing off in 1 of 2 workers', 'misconfigured', 'idle'], 'stopped: it says which destination backs off');
    is(await page.$$eval('#destinations h3', list => list.map(node => node.textContent)),
       ['Tag 2612826764086', 'Conversions API 549755885175', 'Conversions API, test mode 549755885175', 'Fallback'], 'stopped: by their names');
    like(await text(page, '#workers-note'), /^3 destinations backing off$/, 'stopped: and how many');
    is(await page.locator('#recent-off').isVisible(), true, 'stopped: last events are not kept, and how to keep them');
    is(await page.locator('#destinations article:nth-child(4) table').first().isVisible(), false,
       'stopped: the fallback has requests, no outcomes');
});

await shown('full', async page => {
    await until(page, '#spool-warning', /The spool is full/);
    is(await page.locator('#spool-bar .fill-bad').count(), 1, 'full: the spool is red');
    is(await page.locator('#queue-bar .fill-bad').count(), 1, 'full: and so is the queue, of whose workers one is full');
    like(await text(page, '#errors tr:first-child'), /queue_full.*memory of the worker is full.*812/s, 'full: with what it meant');
});

await shown('xss', async page => {
    await until(page, '#destinations h3', /<img/);
    is(await page.locator('main img, footer img').count(), 0, 'xss: no markup comes of texts');
    is(await page.evaluate(x => document.body.innerText.split(x).length > 12, XSS), true, 'xss: they are shown as they are');
    await fits(page, 'xss');
}, { width: 390, height: 844 });

await shown('strange', async page => {
    await until(page, '#recent', /7/);
    is(await page.locator('article.destination').count(), 3, 'strange: what has no figures is shown without');
    ok(!/NaN|undefined|Infinity/.test(await text(page, 'body')), 'strange: and no figure is nonsense', await text(page, 'body'));
});

for (const [name, title, remedy] of [
    ['gone', /^Nothing answers at \/pintag-status$/, /Does nginx run/],
    ['silent', /^No answer at \/pintag-status within 5 seconds$/, /busy/],
    ['401', /password.*\(401\)/, /Open that address/],
    ['403', /refuses.*\(403\)/, /allow 192\.0\.2\.1;/],
    ['404', /no \/pintag-status \(404\)/, /pintag_status;/],
    ['503', /answered with 503/, /error log/],
    ['html', /is no JSON/, /It is text\/html\..*pintag_status;/s],
    ['prometheus', /format of Prometheus/, /pintag_status;/],
    ['other', /is not the status/, /pintag_status;/],
    ['no zone', /no pintag_zone/, /pintag_zone zone=pintag:1m/],
]) {
    await shown(name, async page => {
        await page.waitForSelector('#problem:not([hidden])');
        like(await text(page, '#problem-title'), title, `${name}: it says what is wrong`);
        like(await text(page, '#problem'), remedy, `${name}: and what to do`);
        is(await page.locator('#figures-all').isVisible(), false, `${name}: no figures are shown`);
        like(await text(page, '#state'), /^No figures$/, `${name}: that is its state`);
    });
}

await part('an outage', async () => {
    server.state = 'moving';

    const page = await browser.view(server.url + PAGE, { errors: true });

    await until(page, '#state', /^Live$/);
    server.state = 'gone';
    await until(page, '#problem-title', /Nothing answers/);
    like(await text(page, '#problem-old'), /^What is below is of \d\d:\d\d:\d\d\.$/, 'in an outage the last figures stay, with their time');
    is(await page.locator('#figures-all').isVisible(), true, 'and are seen');
    server.state = 'moving';
    await page.waitForSelector('#problem', { state: 'hidden' });
    await until(page, '#state', /^Live$/);
    await page.end('an outage that ends');
});


// ---- a page that is not seen asks for nothing; its clock is the test's, and what
// it asks is counted in the page: a busy machine hands it on late

await part('hidden and paused', async () => {
    server.state = 'moving';

    const page = await browser.view(server.url + PAGE, {
        before: async page => {
            await page.clock.install();
            await page.addInitScript(() => {
                const { fetch } = window;

                window.pintagHidden = false;
                window.pintagPolls = 0;
                Object.defineProperty(document, 'hidden', { get: () => window.pintagHidden });

                window.fetch = (...all) => {
                    window.pintagPolls++;
                    return fetch(...all);
                };
            });
        },
    });
    const hide = hidden => page.evaluate(hidden => {
        window.pintagHidden = hidden;
        document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    const polls = () => page.evaluate(() => window.pintagPolls);

    // answers come in the machine's own time
    const more = async () => {
        const wanted = await polls() + 3;

        for (let i = 0; i < 500 && await polls() < wanted; i++) {
            await page.clock.runFor(500);
        }

        return await polls() >= wanted;
    };

    await until(page, '#state', /^Live$/);
    ok(await more(), 'a page that is seen asks on');
    await hide(true);

    let before = await polls();

    await page.clock.runFor(60000);
    is(await polls(), before, 'a hidden page asks for nothing in a minute');
    like(await text(page, '#state'), /^Paused: not in view$/, 'and says so');
    await hide(false);
    is(await polls(), before + 1, 'when it is seen again it asks at once');
    ok(await more(), 'and on');
    await until(page, '#state', /^Live$/);

    await page.focus('#pause');
    await page.keyboard.press('Enter');
    is(await page.getAttribute('#pause', 'aria-pressed'), 'true', 'a key pauses it');
    like(await text(page, '#state'), /^Paused$/, 'it says that it is paused');
    before = await polls();
    await page.clock.runFor(60000);
    await hide(true);
    await hide(false);
    is(await polls(), before, 'and asks for nothing, also when it is seen again');
    await page.keyboard.press('Space');
    ok(await more(), 'until a key resumes it');
    await page.end('hidden and paused');
});


// ---- two minutes of it, which pass faster here: the pictures of docs/dashboard.md

for (const [name, view] of [['dashboard', { width: 1280, height: 1060 }],
                            ['dashboard-phone', { width: 390, height: 844, scheme: 'dark' }]]) {
    await part(name, async () => {
        server.state = 'told';

        const page = await browser.view(server.url + PAGE, { ...view, before: page => page.clock.install() });
        // Where the line begins, from the chart's left edge.  Not how many points it
        // has: an answer that took too long leaves a gap.
        const begins = () => page.evaluate(() => {
            const line = document.querySelector('#rate .received');

            return line && parseFloat(line.getAttribute('points')) - document.querySelector('#rate .grid').getAttribute('x1');
        });
        let left;

        for (let i = 0; i < 3000 && (left = await begins()) !== 0; i++) {
            await page.clock.runFor(500);
        }

        is(left, 0, `${name}: the chart shows two minutes`);
        like(await page.getAttribute('#rate', 'aria-label'), /^Events a second over the last two minutes: now \d+(\.\d)? received, \d+(\.\d)? delivered; at most \d+ received$/,
             `${name}: and tells them in words`);
        await shot(page, shots, name, {});
        await page.end(name);
    });
}


// ---- another endpoint

await part('the endpoint', async () => {
    server.state = 'moving';

    const page = await browser.view(`${server.url}${PAGE}?status=${encodeURIComponent('/nothing')}`, { errors: true });

    await until(page, '#problem-title', /no \/nothing \(404\)/);
    is(await page.inputValue('#endpoint'), '/nothing', 'the endpoint of the address is asked');
    await page.fill('#endpoint', 'https://pinterest.example/status');
    await page.keyboard.press('Enter');
    await until(page, '#problem-title', /must be a location of this server/);
    await page.fill('#endpoint', '/pintag-status');
    await page.keyboard.press('Enter');
    await until(page, '#state', /^Live$/);
    like(page.url(), /\?status=%2Fpintag-status$/, 'one that was typed in stands in the address');
    await page.end('the endpoint');
});

// ---- an nginx, from its first event on

await part('nginx', async () => {
    const page = await browser.view(nginx + PAGE);
    const row = (card, n) => `#destinations article:nth-child(${card}) .outcomes tbody tr:nth-child(${n}) td:nth-child(2)`;
    const order = n => ({
        type: 'track', event: 'Order Completed', messageId: `m-${n}`,
        properties: { order_id: `o-${n}`, revenue: n },
        context: { ip: '192.0.2.1', userAgent: 'Mozilla/5.0' },
    });

    const post = async (path, body) => (await fetch(nginx + path, {
        method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body),
    })).status;

    await page.waitForSelector('#empty:not([hidden])');
    like(await text(page, '#destinations article:first-child .badge'), /^nothing sent yet$/, 'nginx: no event has come yet');

    // until the page has seen them come
    const statuses = new Set();
    let sent = 0;

    for (; sent < 2000 && !/^[1-9]|^0\.\d/.test(await text(page, '#rate-received')); sent++) {
        statuses.add(await post('/pintag', order(sent)));
    }

    is([...statuses], [200], 'nginx: orders are delivered');
    like(await text(page, '#rate-received'), /^\d+(\.\d)?\/s$/, 'nginx: and seen to come');
    is(await post('/pintag', { batch: [{ type: 'identify', userId: 'u' }, { type: 'track', event: 'Lead' }] }), 200, 'nginx: a batch');
    is(await post('/pintag', '{"type":'), 400, 'nginx: and no JSON');
    sent += 2;

    await until(page, '#errors', /invalid_json/);
    await until(page, row(1, 1), new RegExp(`^${sent}$`));
    await until(page, row(1, 2), new RegExp(`^${sent - 1}$`));
    await until(page, row(2, 2), new RegExp(`^${sent - 2}$`));

    const outcomes = async card => (await rows(page, `#destinations article:nth-child(${card}) .outcomes tbody`))
        .map(row => row.replace(/: .*? \|/, ' |').replace(/ \| [^|]*$/, ''));

    is(await outcomes(1),
       [`received | ${sent}`, `delivered | ${sent - 1}`, 'in memory only | 0', 'skipped | 1', 'unsupported_type | 1',
        'refused | 0', 'failed | 0'], 'nginx: the Tag has got all but the identify call');
    is((await outcomes(2)).sort(),
       [`received | ${sent}`, `delivered | ${sent - 2}`, 'in memory only | 0', 'skipped | 2', 'unsupported_type | 1',
        'no_identity | 1', 'refused | 0', 'failed | 0'].sort(), 'nginx: the Conversions API those that tell whose they are');
    like(await text(page, '#destinations article:first-child .durations'), /half within/, 'nginx: how long they took');
    await until(page, '#recent', /Tag 2612826764086/);
    like(await text(page, '#recent'), /checkout/, 'nginx: the last events');
    like(await text(page, '#types'), new RegExp(`track\\s+${sent - 1}\\s.*identify\\s+1\\s`, 's'), 'nginx: by type');
    like(await text(page, '#about'), /in zone pintag, 1\.0 MB\..*nginx \d+\.\d+\.\d+, JSON read by (yyjson|jansson)\./, 'nginx: its versions');

    is(await post('/pintag-dead', order(0)), 503, 'nginx: where Pinterest does not answer');
    await until(page, '#destinations', /backing off/);
    like(await text(page, '#workers-note'), /^2 destinations backing off$/, 'nginx: it backs off');
    await accessible(page, 'nginx');
    await page.end('nginx');

    for (const [path, title] of [['/forbidden', /refuses to show \/forbidden \(403\)/], ['/none', /no \/none \(404\)/],
                                 ['/prometheus', /in the format of Prometheus/], [PAGE, /is no JSON/]]) {
        const other = await browser.view(`${nginx}${PAGE}?status=${path}`, { errors: true });

        await until(other, '#problem-title', title);
        ok(true, `nginx: what is wrong with ${path}`);
        await other.end(path);
    }

    const answer = await fetch(nginx + PAGE);

    is(answer.headers.get('content-security-policy'), "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
       'nginx: the page may load nothing from elsewhere, nor be framed');
    is(answer.headers.get('x-content-type-options'), 'nosniff', 'nginx: nor guess types');
});

await browser.close();
server.close();
