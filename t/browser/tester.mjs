// What tester.t tests: node tester.mjs URL-OF-NGINX FOLDER-OF-SCREENSHOTS

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { VIEWS, accessible, fits, is, like, ok, part, rows, shot, start, tabbable, text, until } from './browser.mjs';
import { XSS, mock } from './mock.mjs';
import { keysIn } from '../../html/events.js';
import { EXAMPLES } from '../../html/examples.js';
import { holdsEmail, whyPersonal } from '../../html/personal.js';
import { placeIn } from '../../html/place.js';
import { ERRORS, REASONS } from '../../html/reasons.js';

const [nginx, shots] = process.argv.slice(2);
const server = await mock();
const browser = await start();
const PAGE = '/pintag-dashboard/tester.html';
const run = promisify(execFile);

// what no shell, JSON or URL should stumble over
const NASTY = '@{"event":"it\'s \\"$(touch x)\\" `id` !! %41 & <b> \\\\ ü 😀",\n"properties":{"a":"[1-3]{x,y}"}}';


async function send(page, body) {
    if (body !== undefined) {
        await page.fill('#event', typeof body === 'string' ? body : JSON.stringify(body));
    }

    await page.click('#send');
    await page.waitForSelector('#answer:not([hidden]), #problem:not([hidden])');
}


// rows of the table of a request, or of what did not leave, of an event
const fields = (page, label, event = 1) => rows(page, `article[aria-label="Event ${event}"] [aria-label^="${label}"] tbody`);
const has = (list, row, name) => ok(list.includes(row), name, `no ${row}\nin ${list.join('\n')}`);


// ---- without a page

await part('texts', async () => {
    const answers = await readFile(new URL('../../docs/answers.md', import.meta.url), 'utf8');

    const zone = await readFile(new URL('../../ngx_http_pintag_module/ngx_http_pintag_zone.c', import.meta.url), 'utf8');
    const pages = await readFile(new URL('../../ngx_http_pintag_module/ngx_http_pintag_error_page.c', import.meta.url), 'utf8');

    // what is counted by its name, and what nginx is made to answer
    const counted = [...(/ngx_http_pintag_reasons\[\] = \{(.*?)\n\};/s.exec(zone)?.[1] ?? '').matchAll(/"(\w+)"/g)].map(([, name]) => name);
    const answered = [...pages.matchAll(/error_page_text\("(\w+)"/g)].map(([, name]) => name);
    const [errors, reasons] = ['error', 'reason'].map(what => {
        const [, table] = new RegExp(`^\\| status \\| ${what} \\| meaning \\|\n((?:\\|.*\n)+)`, 'm').exec(answers);

        return [...table.matchAll(/^\|[\w ]*\| `(\w+)` \|/mg)].map(([, name]) => name);
    });
    const all = [...errors, ...reasons, ...counted, ...answered];

    for (const [table, what] of [[ERRORS, 'error'], [REASONS, 'reason']]) {
        is(Object.keys(table).filter(name => !all.includes(name)), [], `each ${what} is one that docs/answers.md or the module has`);
    }

    is(errors.concat(answered).filter(name => !Object.hasOwn(ERRORS, name)), [], 'all errors that are answered have a meaning');
    is(reasons.filter(name => !Object.hasOwn(REASONS, name)), [], 'and all reasons of events');
    is(counted.filter(name => !Object.hasOwn(ERRORS, name) && !Object.hasOwn(REASONS, name)), [], 'and what is counted');
    is([ERRORS, REASONS].map(table => ['queue_full', 'other'].map(name => Object.hasOwn(table, name))), [[true, true], [true, true]],
       'of requests and of events, where it is of both');
    ok(errors.length > 10 && reasons.length > 20 && counted.length > 30 && answered.length > 5, 'which are many');
});

await part('write keys', () => {
    const keys = [
        [{ type: 'track', writeKey: 'a' }, ['a']],
        [{ type: 'track', write_key: 7 }, [7]],
        [{ batch: [{ writeKey: 'b' }, { writeKey: 'b' }, 7, null], writeKey: 'a' }, ['a', 'b']],
        [[{ writeKey: 'b' }, {}, null, { writeKey: 'c' }], ['b', 'c']],
        [{ opts: {}, obj: { writeKey: 'b' } }, ['b']],
        [{ writeKey: ' ' }, []], [{ writeKey: null }, []], [{ writeKey: {} }, []], [7, []],
    ];

    is(keys.map(([body]) => keysIn(JSON.stringify(body))), keys.map(([, wanted]) => wanted), 'write keys of a body');
    is(keysIn('{"writeKey":"a"}\n{"writeKey":"b"}\n{'), ['a', 'b'], 'of lines');
    is(keysIn('{"writeKey":'), [], 'and of no JSON');
});

// names and texts: the page must call personal what nginx leaves out
const NAMES = ['plan', 'email', 'E-Mail Address', 'customerPhone', 'customerPHONE', 'CUSTOMERPHONE', 'HTTPPhone', 'HTTPphone', 'line2Phone',
    'line2phone', 'customer_firstname', 'customerFirstname', 'customer_emailaddress', 'größePhone', 'ÄPhone', 'home_phone_number',
    'phone number', 'firstnames', 'microphone', 'blackmail', 'e_mail', 'postal code', 'workPostalCode', 'work_postalcode', 'userSecret',
    'zip+', 'myZIP', 'myZIPCode', 'card_number', 'MyCardNumber', 'birth_date_', 'dateOfBirth', 'childDateOfBirth',
    'language', 'manage', 'age', 'shippingState', 'name', 'username', 'billingName', 'myIBAN', 'theSSN', 'ssns', '_street', 'street-'];

const TEXTS = ['x', 'a@b.example', 'a@2xyz.com', 'logo@2x.png', 'logo@12X.png', 'a@2x2.com', 'a@x2x.de', 'a@b', 'a@b.c', 'a@b.c1', 'a@b.cd1',
    'a@b.c.de', 'a@b..de', '@b.de', 'a @b.de', 'ü@b.de', 'a@ü.de', 'a@b.ü', 'a@b.xü', 'a%40b.de', 'a%2540b.de', 'a%252540b.de',
    'a%25252540b.de', 'a%E9%40b.de', '100%@', 'a@-.de', 'a@2x.2x.de', 'a%4', 'see a@b.de!', 'a@@b.de', '(a)@b.de', 'a@b-c.de', 'a@b_c.de'];

await part('what is personal', async () => {
    const event = properties => ({ type: 'track', event: 'Size Chosen', properties });
    const events = [
        ...NAMES.map(name => ({ path: `properties.${name}`, value: 'kept17', event: event({ [name]: 'kept17' }), has: 'kept17' })),
        ...['customer', 'Billing', 'order', 'userData'].map(outer => ({
            path: `properties.${outer}.orders[0].name`, value: 'kept17', event: event({ [outer]: { orders: [{ name: 'kept17' }] } }),
            has: 'kept17',
        })),
        ...TEXTS.map(text => ({ path: 'properties.note', value: text, event: event({ note: text }), has: 'ed[note]=' })),
    ];
    const answer = await (await fetch(`${nginx}/pintag-preview`, {
        method: 'POST', body: JSON.stringify(events.map(({ event }) => event)),
    })).json();

    for (const [index, { path, value, event, has }] of events.entries()) {
        const { uri } = answer.requests.find(request => request.event === index && request.destination.startsWith('tag'));
        const gone = !uri.includes(has);

        is(whyPersonal({ path, value }) !== '', gone, `${JSON.stringify(event.properties)} ${gone ? 'does not leave, and is called personal' : 'leaves'}`);
    }

    is(holdsEmail('a'.repeat(100000) + '@'.repeat(1000)), false, 'a long text is looked at once');
});

await part('places', () => {
    is(placeIn('{\n "é😀": x}', 2, 8), { before: ' "é😀": ', at: 'x', after: '}', from: 10, length: 1 },
       'a column is a character, however many units it has');
    is(placeIn('{', 1, 2), { before: '{', at: '', after: '', from: 1, length: 0 }, 'the end of a text is a place');
    is(placeIn('a', 5, 5), { before: '', at: '', after: '', from: 1, length: 0 }, 'and one that it does not have does no harm');
    is(placeIn('x'.repeat(100) + 'y' + 'z'.repeat(100), 1, 101), { before: '…' + 'x'.repeat(60), at: 'y', after: 'z'.repeat(60) + '…',
        from: 100, length: 1 }, 'of a long line the part around it is shown');
});


// ---- a round trip through nginx, in all views

for (const view of VIEWS) {
    await part(view.name, async () => {
        const page = await browser.view(nginx + PAGE, view);

        await page.waitForFunction(() => document.getElementById('event').value !== '');
        is(await page.title(), 'Event tester – pintag', `${view.name}: it has a title`);
        await accessible(page, `${view.name}, empty`);
        await send(page);
        like(await text(page, '#answer-title'), /^1 event, 2 requests$/, `${view.name}: the example makes two requests`);
        is(await page.evaluate(() => document.activeElement.id), 'answer-title', 'which is where one is then');
        await accessible(page, view.name);
        await fits(page, view.name);
        await tabbable(page, view.name);
        await page.evaluate(() => {
            document.activeElement.blur();
            window.scrollTo(0, 0);
        });
        await shot(page, shots, `tester-${view.name}`);

        // the picture of docs/dashboard.md
        if (view.name === 'desktop-light') {
            await shot(page, shots, 'tester', { clip: { x: 0, y: 0, width: 1280, height: 760 } });
        }

        await page.end(view.name);
    });
}

await part('an order', async () => {
    const page = await browser.view(nginx + PAGE);
    const body = EXAMPLES[0].body;

    await send(page, body);

    const tag = await fields(page, 'Tag 2612826764086');
    const api = await fields(page, 'Conversions API');

    for (const row of [
        'tid | 2612826764086 | 2612826764086 | integrations.yaml: tagId',
        'ed[value] | 89.7 | 89.7 | properties.total',
        'ed[order_quantity] | 3 | 3 | the sum of products[].quantity',
        'ed[currency] | EUR | EUR | properties.currency, in upper case',
        'ed[order_id] | A-1001 | A-1001 | properties.order_id',
        'ed[promo_code] | SPRING | SPRING | properties.coupon',
        'ed[line_items][0][product_name] | Linen%20shirt | Linen shirt | properties.products[0].name',
        'ed[line_items][1][product_price] | 9.90 | 9.90 | properties.products[1].price, as a number',
        'ed[event_id] | m-1001 | m-1001 | messageId',
        'pd[epik] | dj0yJnU9click | dj0yJnU9click | context.page.url, its epik',
        'Referer: |  | https://shop.example/thanks?epik=dj0yJnU9click&step=3 | context.page.url',
    ]) {
        has(tag, row, `Tag: ${row}`);
    }

    const hash = '86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d';
    const agent = await page.evaluate(() => navigator.userAgent);

    for (const row of [
        `user_data.em[0] | ${hash} | context.traits.email, SHA-256 of “jane.doe@example.com”`,
        'user_data.client_ip_address | 127.0.0.1 | the request: the address of its client',
        `user_data.client_user_agent | ${agent} | the request: User-Agent`,
        'custom_data.value | 89.7 | properties.total',
        'custom_data.contents[1].item_name | Socks | properties.products[1].name',
        'custom_data.num_items | 3 | the sum of products[].quantity',
        'Authorization: | Bearer *** | integrations.yaml: the access token, which is not shown',
    ]) {
        has(api, row, `Conversions API: ${row}`);
    }

    is(await fields(page, 'What did not leave'), ['type | track | tells what to do, and is not sent',
        'properties.store | Bonn | no request has a place for it', 'context.page.title | Thank you | no request has a place for it'],
       'what did not leave');

    // the same as nginx says it
    const answer = await (await fetch(`${nginx}/pintag-preview`, {
        method: 'POST', body: JSON.stringify(body),
        headers: { 'User-Agent': agent, Origin: nginx },
    })).json();
    const { method, uri, headers } = answer.requests[0];

    is(await text(page, '.request .exact >> nth=0'), [`${method} ${uri}`, ...Object.entries(headers).map(([name, value]) =>
        `${name}: ${value}`)].join('\n'), 'the exact request is what nginx answers');

    const shown = JSON.parse(await text(page, '.request .body'));

    delete shown.data[0].event_time;
    delete answer.requests[1].body.data[0].event_time;
    is(shown, answer.requests[1].body, 'and so is the body');
    await page.end('an order');
});

await part('examples', async () => {
    const page = await browser.view(nginx + PAGE);

    for (const [i, { name }] of EXAMPLES.entries()) {
        await page.selectOption('#example', String(i));
        is(JSON.parse(await page.inputValue('#event')), EXAMPLES[i].body, `${name}: is in the form`);
        await send(page);
        is(await page.locator('#problem').isVisible(), false, `${name}: is answered`);
    }

    await page.end('examples');
});

await part('personal data', async () => {
    const page = await browser.view(nginx + PAGE);

    await send(page, EXAMPLES.find(({ name }) => /^Personal/.test(name)).body);

    const left = await fields(page, 'What did not leave');

    for (const row of [
        'properties.landing, its email | email=jane.doe%40example.com | taken out of the URL',
        'context.page.url, its token | token=abc123 | taken out of the URL',
        'properties.customerPhone | +49 228 123456 | personal by its name, customerPhone',
        'properties.note | please write to jane.doe@example.com | holds an e-mail address',
        'properties.billing_address.street | Market Square 1 | personal by its name, billing_address',
    ]) {
        has(left, row, row);
    }

    has(await fields(page, 'Conversions API'), 'user_data.fn[0] | 81f8f6dde88365f3928796ec7aa53f72820b06db8664f5fe76a7eb13e24546a2'
        + ' | properties.first_name, SHA-256 of “jane”', 'what leaves hashed is told so');
    ok(!/jane\.doe|Market Square|49 228/.test((await page.locator('.request pre').allInnerTexts()).join()),
       'and no request holds any of it');
    await page.end('personal data');
});

await part('skipped and rejected', async () => {
    const page = await browser.view(nginx + PAGE);

    await send(page, { batch: [{ type: 'identify', userId: 'u' }, { type: 'track', event: 'Lead' }, { type: 'track' },
                               { type: 'track', event: 'Lead', integrations: { All: false } }] });
    like(await text(page, '#answer-title'), /^4 events, 2 requests$/, 'of four events one is sent');

    for (const [n, pattern] of [[1, /skipped unsupported_type.*nothing to send, no error/s],
                                [3, /rejected missing_event_name.*a track without an event/s],
                                [4, /skipped integration_disabled.*turn Pinterest off/s]]) {
        like(await text(page, `article[aria-label="Event ${n}"]`), pattern, `event ${n}: why, and what that means`);
    }

    await send(page, '{"type":"track","event":"Lead"}\n{"type":"track","event": x}\n{"type":"page"}');
    like(await text(page, '#answer-title'), /^3 events, 4 requests$/, 'lines of JSON are sent as such');
    like(await text(page, 'article[aria-label="Event 2"] pre'), /^2: \{"type":"track","event": x\}$/, 'the line that is none is shown');
    is(await text(page, 'article[aria-label="Event 2"] mark'), 'x', 'with its place');
    await accessible(page, 'skipped and rejected');
    await page.end('skipped and rejected');
});

await part('no JSON', async () => {
    const page = await browser.view(nginx + PAGE, { errors: true });

    await send(page, '{"type":"track",\n "event":"é😀", x}');
    like(await text(page, '#problem-title'), /^invalid_json \(400\)$/, 'no JSON: the error');
    is(await text(page, '#problem-place'), '2:  "event":"é😀", x}', 'no JSON: the line');
    is(await text(page, '#problem-place mark'), 'x', 'no JSON: the place');
    like(await text(page, '#problem-go'), /^Go to line 2, column 16$/, 'no JSON: line and column');
    await accessible(page, 'no JSON');
    await page.focus('#problem-go');
    await page.keyboard.press('Enter');
    is(await page.evaluate(() => {
        const field = document.activeElement;

        return [field.id, field.value.slice(field.selectionStart, field.selectionEnd)];
    }), ['event', 'x'], 'no JSON: a key leads there');

    await send(page, '{"type":"track"');
    is(await text(page, '#problem-place mark'), '⏎', 'no JSON: the end is marked, too');
    await page.end('no JSON');
});

await part('markup', async () => {
    const page = await browser.view(nginx + PAGE);

    await send(page, { type: 'track', event: XSS, messageId: XSS, properties: { [XSS]: XSS, order_id: XSS }, context: { page: { title: XSS } } });
    like(await text(page, '#answer'), /Event 1: <img src=x onerror=alert\(1\)> \(track\)/, 'a name that looks like markup is text');
    has(await fields(page, 'Tag'), `ed[${XSS}] | %3Cimg%20src%3Dx%20onerror%3Dalert%281%29%3E | ${XSS} | properties.${XSS}`,
        'and so are names and values of properties');
    is(await page.locator('main img').count(), 0, 'nothing becomes an element');
    await page.end('markup');
});


// ---- answers that nginx hardly gives

for (const [name, title, say] of [
    ['live', /is no preview, and the event was not sent/, /no pintag_preview on: what it takes it delivers/],
    ['html', /is no JSON \(200\)/, /needs pintag_pass and pintag_preview on/],
    ['403', /is no JSON \(403\)/, /not allowed there/],
    ['404', /is no JSON \(404\)/, /Add a location/],
    ['unauthorized', /^unauthorized \(401\)$/, /a password is needed\. It means: auth_basic/],
    ['gone', /^Nothing answers at \/pintag-preview$/, /Does nginx run/],
    ['silent', /^No answer at \/pintag-preview within 15 seconds$/, /busy/],
    ['refused', /^<img src=x onerror=alert\(1\)> \(400\)$/, /^<img src=x onerror=alert\(1\)>$/],
]) {
    await part(name, async () => {
        server.preview = name;
        server.posts = [];

        const page = await browser.view(server.url + PAGE, { errors: true });

        await send(page, { type: 'track', event: 'Lead' });
        like(await text(page, '#problem-title'), title, `${name}: it says what is wrong`);
        like(await text(page, '#problem-say'), say, `${name}: and more of it`);
        is([...new Set(server.posts)], ['[]'], `${name}: the event itself was not posted`);
        is(await page.locator('main img').count(), 0, `${name}: no markup`);
        await accessible(page, name);
        await page.end(name);
    });
}

await part('markup in an answer', async () => {
    server.preview = 'xss';

    const page = await browser.view(server.url + PAGE, { width: 390, height: 844 });

    await send(page);
    is(await page.locator('main img').count(), 0, 'an answer with markup everywhere makes no element');
    is(await page.evaluate(x => document.getElementById('answer').innerText.split(x).length > 12, XSS), true, 'and is shown as it is');
    await fits(page, 'markup in an answer');
    await accessible(page, 'markup in an answer');
    await page.end('markup in an answer');
});

await part('many events', async () => {
    server.preview = 'many';

    const page = await browser.view(server.url + PAGE);

    await send(page);
    like(await text(page, '#answer-title'), /^1,000 events, 1,000 requests$/, 'a thousand events are counted');
    is(await page.locator('.event').count(), 50, 'and fifty are shown');
    like(await text(page, '#answer-note'), /The first 50 events are shown/, 'which it says');
    await page.end('many events');
});

await part('another server', async () => {
    const page = await browser.view(server.url + PAGE);

    server.posts = [];
    await page.fill('#endpoint', 'https://pinterest.example/pintag-preview');
    await send(page);
    like(await text(page, '#problem-title'), /must be a location of this server/, 'an endpoint of another server is not asked');
    is(server.posts, [], 'nor is this one');
    await page.fill('#endpoint', 'http://[');
    await send(page);
    like(await text(page, '#problem-title'), /is no path/, 'nor one that is no path');
    await page.end('another server');
});

await part('a location without preview', async () => {
    const page = await browser.view(nginx + PAGE);

    await page.fill('#endpoint', '/pintag');
    await send(page);
    like(await text(page, '#problem-title'), /is no preview, and the event was not sent/, 'a location that delivers is not given the event');
    await page.end('a location without preview');
});


await part('a location with write keys', async () => {
    const page = await browser.view(nginx + PAGE, { errors: true });

    await page.fill('#endpoint', '/keyed-preview');

    for (const [body, title] of [
        [{ type: 'track', event: 'Lead', writeKey: 'key-1' }, /^1 event, 2 requests$/],
        [{ batch: [{ type: 'track', event: 'Lead' }], writeKey: 'key-1' }, /^1 event, 2 requests$/],
        [[{ type: 'track', event: 'Lead', writeKey: 'x' }, { type: 'track', event: 'Lead', writeKey: 'key-1' }], /^2 events, 2 requests$/],
        [{ type: 'track', event: 'Lead', writeKey: 'x' }, /^invalid_write_key \(401\)$/],
        [{ type: 'track', event: 'Lead' }, /^invalid_write_key \(401\)$/],
    ]) {
        await send(page, body);
        like(await text(page, '#answer:not([hidden]) #answer-title, #problem:not([hidden]) #problem-title'), title,
             `${JSON.stringify(body)}: a key of the events opens it`);
    }

    await page.fill('#endpoint', '/keyed-preview?writeKey=key-1');
    await send(page, { type: 'track', event: 'Lead' });
    like(await text(page, '#answer-title'), /^1 event, 2 requests$/, 'and one of the address');
    await send(page, { type: 'track', event: 'Lead', writeKey: 'x' });
    like(await text(page, 'article[aria-label="Event 1"]'), /rejected invalid_write_key/, 'but an event of another is rejected');

    await page.fill('#endpoint', '/keyed');
    await send(page, { type: 'track', event: 'Lead', writeKey: 'key-1' });
    like(await text(page, '#problem-title'), /is no preview, and the event was not sent/, 'a location that delivers is not given the event');
    await page.end('a location with write keys');
});


// ---- to hand on

await part('sharing', async () => {
    server.preview = 'xss';

    const page = await browser.view(server.url + PAGE, { permissions: ['clipboard-read', 'clipboard-write'] });
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

    await page.fill('#event', NASTY);
    await page.click('#copy-curl');
    await until(page, '#copied', /^The command is copied$/);

    const command = await clipboard();

    is(command, await page.inputValue('#curl'), 'the command that is shown is copied');
    server.posts = [];
    await run('bash', ['-c', command], { timeout: 30000 });
    is(server.posts, [NASTY], 'a shell that runs it posts the event to the byte');
    await run('dash', ['-c', command], { timeout: 30000 });
    is(server.posts, [NASTY, NASTY], 'whichever it is');

    await page.click('#copy-link');
    await until(page, '#copied', /^The link is copied$/);

    const link = await clipboard();

    server.posts = [];

    const other = await browser.view(link);

    await until(other, '#send', /./);
    await other.waitForFunction(() => document.getElementById('event').value !== '');
    is(await other.inputValue('#event'), NASTY, 'the link brings the event along');
    is(server.posts, [], 'and posts nothing');
    await other.end('the link');
    await page.end('sharing');

    const broken = await browser.view(`${server.url}${PAGE}#event=%E0%A4%A`);

    await broken.waitForFunction(() => document.getElementById('event').value !== '');
    is(JSON.parse(await broken.inputValue('#event')), EXAMPLES[0].body, 'a link that is damaged brings the first example');
    await broken.end('a damaged link');
});


// ---- with a keyboard alone

await part('keys', async () => {
    const page = await browser.view(nginx + PAGE);

    await page.waitForFunction(() => document.getElementById('event').value !== '');

    const tab = async id => {
        for (let i = 0; i < 20 && await page.evaluate(() => document.activeElement.id) !== id; i++) {
            await page.keyboard.press('Tab');
        }

        return await page.evaluate(() => document.activeElement.id) === id;
    };

    ok(await tab('event'), 'Tab leads to the event');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('{"type":"track","event":"Lead"}');
    await page.keyboard.press('Control+Enter');
    await until(page, '#answer-title', /^1 event, 2 requests$/);
    ok(true, 'Ctrl+Enter shows its requests');
    ok(await tab('example') || await page.focus('#example') === undefined, 'the examples');
    await page.keyboard.press('End');
    await page.focus('#send');
    await page.keyboard.press('Enter');
    await until(page, '#answer-title', /^3 events, 4 requests$/);
    ok(true, 'keys choose an example and send it');
    await page.end('keys');
});

await browser.close();
server.close();
