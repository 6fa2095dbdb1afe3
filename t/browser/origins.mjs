// Pages of another origin than the endpoint: node origins.mjs site endpoint client list ...
// "listed" takes the page's events; of "foreign" and "silent" the page sees an error.

import { calls, watch } from './calls.mjs';
import { is, ok, part, start } from './browser.mjs';

const [site, endpoint, client, ...lists] = process.argv.slice(2);
const browser = await start();


// waits until so many requests of the page have their answers
const answered = (page, count) => page.waitForFunction(
    count => JSON.parse(sessionStorage.getItem('calls') ?? '[]').length >= count, count, { timeout: 20000 });

const kept = () => Object.keys(localStorage).filter(key => key.startsWith('pintag.event.')).length;


const parts = {

    async snippet(page, list) {
        // listeners are called in the order in which they came
        await page.addInitScript(() => addEventListener('pagehide', () => window.pintag?.track('Lead', { order_id: 'o-2' })));
        await page.goto(`${site}/${list}.html`);
        await answered(page, 1);

        if (list !== 'listed') {
            const pinged = page.waitForResponse(response => response.request().resourceType() === 'ping');

            is(await page.evaluate(kept), 1, 'the event is kept');
            await page.evaluate(to => navigator.sendBeacon(to, '{"writeKey":"shop-web-1","type":"page"}'),
                                `${endpoint}/${list}/v1/batch`);
            is((await pinged).status(), 403, 'a beacon is refused, too');
            return;
        }

        await page.evaluate(() => pintag.track('Lead', { order_id: 'o-1' }));
        await page.waitForFunction(`(${kept})() === 0`, null, { timeout: 20000 });

        const before = (await calls(page)).length;

        await page.goto(`${site}/left.html`);

        is((await calls(page)).slice(before).map(({ how, queued }) => [how, queued]), [['beacon', true]],
           'what happens while the page is left leaves by sendBeacon, and by nothing else');

        // no page hears the answer to it: nginx tells when it has it
        await page.waitForFunction(async () =>
            /^\/listed\S* POST no-cors .* 200$/m.test(await (await fetch('/seen.log')).text()),
            null, { polling: 100, timeout: 20000 });
    },

    // as an SDK asks that has a key in a header and calls its JSON by its name
    async json(page, list) {
        await page.goto(`${site}/left.html`);
        await page.evaluate(to => fetch(to, {
            method: 'POST',
            headers: {
                'Content-Type': 'application/json',
                'Authorization': `Basic ${btoa('wk:')}`,
                'AnonymousId': btoa('anon-1'),
            },
            body: '{"batch":[{"type":"track","event":"Lead","messageId":"m-1"}]}',
        }).catch(() => {}), `${endpoint}/${list}/v1/batch`);
    },

    single: segment,
    batching: segment,
};


// a page and a lead, with @segment/analytics-next
async function segment(page, list) {
    const collector = `${endpoint}/${list}/v1`.replace('http://', '');

    await page.goto(`${site}/shop.html?delivery=${client}&collector=${encodeURIComponent(collector)}`);

    const sent = page.evaluate(() => send([{ type: 'page', name: 'Home' }, { type: 'track', event: 'Lead' }]));

    // batches leave with the page, or after a while
    if (client === 'single') {
        await answered(page, 2);
    } else {
        await sent;
        await page.evaluate(() => dispatchEvent(new Event('pagehide')));
        await answered(page, 1);
    }
}


for (const list of lists) {
    await part(`${client}, ${list}`, async () => {
        const context = await browser.newContext();
        const page = await context.newPage();
        const wrong = [];
        const refused = [];

        page.on('pageerror', error => wrong.push(error.message));
        page.on('console', message => {
            if (/blocked by CORS policy/.test(message.text())) {
                refused.push(message.text());
            }
        });

        await watch(context);
        await parts[client](page, list);

        const answers = (await calls(page)).filter(({ how }) => how === 'fetch');

        ok(answers.length > 0, `${client}, ${list}: there were answers`);
        is(wrong, [], 'no error that the page throws');

        if (list === 'listed') {
            is(answers.filter(({ status }) => status !== 200), [], 'the page reads them: 200');
            is(refused, [], 'the browser refuses nothing');
        } else {
            is(answers.filter(({ error }) => error !== 'TypeError: Failed to fetch'), [], 'the page sees an error');
            ok(refused.length > 0, 'the browser tells that it is for CORS');
        }

        await context.close();
    });
}

await browser.close();
