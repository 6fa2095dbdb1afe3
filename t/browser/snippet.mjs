// conf-examples/browser-snippet.html in a browser: node snippet.mjs url part

import { calls, watch } from './calls.mjs';
import { is, ok, part, start } from './browser.mjs';

const [url, what] = process.argv.slice(2);
const browser = await start();
const context = await browser.newContext();
const wrong = [];
const warnings = [];

const count = () => Object.keys(localStorage).filter(key => key.startsWith('pintag.event.')).length;
const kept = page => page.evaluate(count);
const settled = (page, wanted) => page.waitForFunction(`(${count})() === ${wanted}`, null, { timeout: 20000 });

const order = (page, id) => page.evaluate(id => pintag.track('Order Completed', { order_id: id }), id);

// the page's requests reach no one
const cut = () => context.route('**/v1/batch', route => route.abort());
const mend = () => context.unroute('**/v1/batch');


async function open() {
    const page = await context.newPage();

    page.on('pageerror', error => wrong.push(error.message));
    page.on('console', message => message.type() === 'warning' && warnings.push(message.text()));

    await page.goto(`${url}/?p=${what}`);
    return page;
}


async function failed() {
    const failure = context.waitForEvent('requestfailed');
    const page = await open();

    await failure;
    await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('calls') ?? '[]').length > 0);
    return page;
}


const parts = {

    async sends() {
        const page = await open();

        await page.evaluate(() => {
            pintag.identify('user-7', { email: 'Ada@Shop.Example' });
            pintag.track('Order Completed', { order_id: 'o-1', total: 18.99, currency: 'EUR' });
        });
        await settled(page, 0);
        ok(true, 'what was taken is not kept');
    },

    async leaves() {
        // a request whose answer the page does not live to see
        await context.addInitScript(() => {
            if (!sessionStorage.getItem('asked')) {
                window.fetch = () => new Promise(() => { sessionStorage.setItem('asked', 'yes'); });
            }
        });

        const page = await open();

        await page.waitForFunction(() => sessionStorage.getItem('asked'));
        await page.evaluate(() => {
            pintag.track('Lead', { order_id: 'leaves' });
            location.href = '/left.html';
        });
        await page.waitForURL('**/left.html');

        is((await calls(page)).map(({ how, queued, events }) => [how, queued, events]),
           [['beacon', true, 1]], 'sendBeacon takes what is not on its way');
        is(await kept(page), 1, 'what is, is kept');
        await page.goto(`${url}/quiet.html`);
        await settled(page, 0);
        ok(true, 'for the next page, which sends it');
    },

    async retries() {
        const page = await open();

        await order(page, 'retries');
        await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('calls') ?? '[]').length > 0);
        is(await kept(page), 2, 'what was not taken is kept');
        await settled(page, 0);
        ok(true, 'until it is');
    },

    async stays() {
        await cut();

        const page = await failed();

        await order(page, 'stays');
        await page.goto(`${url}/left.html`);
        is((await calls(page)).filter(({ how }) => how === 'beacon'), [], 'after a failure no beacon takes it');
        is(await kept(page), 2, 'what failed is kept');
        await mend();
        await page.close();

        const next = await context.newPage();

        await next.goto(`${url}/quiet.html`);
        await settled(next, 0);
    },

    async hangs() {
        let asked = 0;

        await context.addInitScript(() => {
            const { timeout } = AbortSignal;
            let first = 100;

            AbortSignal.timeout = ms => {
                const signal = timeout.call(AbortSignal, ms / first);

                first = 1;
                return signal;
            };
        });
        await context.route('**/v1/batch', route => asked++ === 0 ? undefined : route.continue());

        const page = await open();

        await order(page, 'hangs');
        await settled(page, 0);
        ok(asked > 1, 'it was sent again');
    },

    async large() {
        const page = await open();

        await page.evaluate(() => {
            const event = (id, size) => pintag.track('Order Completed', { order_id: id, filler: 'ä'.repeat(size / 2) });

            for (let i = 1; i <= 20; i++) {
                event(`large-${i}`, 5000);
            }

            event('huge', 70000);
            event('after', 10);
        });
        await settled(page, 0);

        const sent = await calls(page);

        is(sent.filter(({ status }) => status !== 200), [], 'the browser refuses none of the requests');
        is(sent.filter(({ bytes, keepalive }) => keepalive !== (bytes < 32000)).length, 0,
           'those that may outlive the page do');
        is(sent.filter(({ bytes }) => bytes > 65536).length, 1, 'the one that is larger is alone');
        ok(sent.length <= 8, 'the others leave together', JSON.stringify(sent));
    },

    async refused() {
        const page = await open();

        await settled(page, 0);
        await page.evaluate(() => {
            for (let i = 1; i <= 7; i++) {
                // more values than the endpoint takes in a request
                pintag.track('Order Completed', i === 4 ? { order_id: 'bad', list: Array(10400).fill(0) }
                                                        : { order_id: `good-${i - (i > 4)}` });
            }
        });
        await settled(page, 0);
        await page.evaluate(() => pintag.track());
        await settled(page, 0);
        await page.evaluate(() => pintag.page());
        await settled(page, 0);

        is(warnings.map(text => text.replace(/: pintag\.event\..*/, '')),
           ['pintag: an event is lost, the answer is 413', 'pintag: an event is lost, the answer is 400'],
           'the console tells what was lost');
    },

    async full() {
        await cut();

        const page = await failed();

        await page.evaluate(() => {
            for (let i = 1; i <= 105; i++) {
                pintag.track('Order Completed', { order_id: `full-${i}` });
            }
        });
        is(await kept(page), 100, 'a hundred are kept');
        is(warnings.length, 6, 'the console tells of each of the others');
        await mend();
        await settled(page, 0);
    },

    async tabs() {
        await cut();

        const tabs = [await failed(), await failed()];

        // in turn, each a few
        for (let i = 1; i <= 20; i += 5) {
            await Promise.all(tabs.map((page, n) => page.evaluate(([name, from]) => {
                for (let i = from; i < from + 5; i++) {
                    pintag.track('Order Completed', { order_id: `${name}-${i}` });
                }
            }, ['ab'[n], i])));
        }

        const third = await context.newPage();

        await third.goto(`${url}/left.html`);
        await settled(third, 42);
        await Promise.all(tabs.map(page => page.close()));
        await mend();
        await third.goto(`${url}/quiet.html`);
        await settled(third, 0);
        ok(true, 'a page sends what others have left');
    },

    async turns() {
        const asked = [];
        let go;
        const gone = new Promise(resolve => { go = resolve; });

        await context.route('**/v1/batch', async route => {
            asked.push(route.request().postData());
            await gone;
            await route.continue();
        });

        const first = await open();

        await order(first, 'first');

        const second = await open();

        await order(second, 'second');
        await second.waitForFunction(async () => (await navigator.locks.query()).pending.length === 1);
        is(asked.length, 1, 'one tab sends at a time');
        go();
        await settled(first, 0);
    },

    async crowded() {
        await context.addInitScript(() => {
            for (let size = 1 << 23; size >= 1; size >>= 1) {
                try {
                    localStorage[`other-${size}`] = 'x'.repeat(size);
                } catch { /* less, then */ }
            }
        });

        const page = await open();

        await order(page, 'crowded');
        await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('calls') ?? '[]').length > 0);
        is(await kept(page), 0, 'localStorage has no room');
    },

    async unstored() {
        await context.addInitScript(() => {
            Object.defineProperty(window, 'localStorage', {
                get() { throw new DOMException('no', 'SecurityError'); },
            });
        });

        const page = await open();

        await order(page, 'unstored');
        await page.waitForFunction(() => JSON.parse(sessionStorage.getItem('calls') ?? '[]').length > 0);
        is((await calls(page)).map(({ status }) => status).filter(status => status !== 200), [], 'without localStorage');
    },
};

await part(what, async () => {
    await watch(context);
    await parts[what]();
    is(wrong, [], 'no error in the page');
});

await browser.close();
