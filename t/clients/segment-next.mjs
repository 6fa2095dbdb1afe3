// @segment/analytics-next's build for browsers, in a page that it is leaving
// when the report is printed: segment-next.mjs http://127.0.0.1:8080 single|batching.
// The browser stays until the input ends, for what a page sends on its way out.

import { open } from './chromium.mjs';
import { browserEvents, report } from './events.mjs';

const [, , site, delivery] = process.argv;
const page = await open(`${site}/shop.html?utm_source=mail&email=ada%40shop.example&delivery=${delivery}#top`);

try {
    const sent = await page.evaluate(`send(${JSON.stringify(browserEvents)})`);

    await page.go('about:blank');
    report(sent);

    process.stdin.resume();
    await new Promise(resolve => process.stdin.once('end', resolve));

} finally {
    await page.close();
}
