// conf-examples/browser-snippet.html in a browser: node snippet.mjs url part

import { is, ok, part, start } from './browser.mjs';

const [url, what] = process.argv.slice(2);
const browser = await start();

const kept = page => page.evaluate(() => JSON.parse(localStorage.getItem('pintag')).queue.length);

async function empty(page) {
    await page.waitForFunction(() => JSON.parse(localStorage.getItem('pintag'))?.queue.length === 0,
                               null, { timeout: 20000 });
}

await part(what, async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const wrong = [];

    page.on('pageerror', error => wrong.push(error.message));

    await page.goto(`${url}/?p=${what}`);

    switch (what) {

    case 'sends':
        await page.evaluate(() => {
            pintag.identify('user-7', { email: 'Ada@Shop.Example' });
            pintag.track('Order Completed', { order_id: 'o-1', total: 18.99, currency: 'EUR' });
        });
        await empty(page);
        is(await kept(page), 0, 'what was taken is not kept');
        break;

    case 'leaves':
        await empty(page);
        await page.evaluate(() => {
            pintag.track('Lead', { order_id: 'o-2' });
            location.href = 'about:blank';
        });
        await page.waitForURL('about:blank');
        ok(true, 'the page has gone');
        break;

    case 'retries':
        await page.evaluate(() => pintag.track('Order Completed', { order_id: 'o-3' }));
        await page.waitForTimeout(500);
        is(await kept(page), 2, 'what was not taken is kept');
        await empty(page);
        is(await kept(page), 0, 'until it is');
        break;
    }

    is(wrong, [], 'no error in the page');
    await context.close();
});

await browser.close();
