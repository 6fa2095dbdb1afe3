// A headless chromium for the tests of the pages, and what is asked of every page.

import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const VIEWS = [
    { name: 'desktop-light', width: 1280, height: 800, scheme: 'light' },
    { name: 'desktop-dark', width: 1280, height: 800, scheme: 'dark' },
    { name: 'phone-light', width: 390, height: 844, scheme: 'light' },
    { name: 'phone-dark', width: 390, height: 844, scheme: 'dark' },
];

// what a keyboard must reach
const TABBABLE = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';

// a browser's own word of an answer that is an error, in its console
const ANSWER = /^Failed to load resource/;


// ---- tests: a line of JSON each, for Pintag::Node

export function ok(good, name, why) {
    console.log(JSON.stringify({ ok: Boolean(good), name, why: why ?? '' }));
    return Boolean(good);
}


export function is(got, wanted, name) {
    const [a, b] = [got, wanted].map(value => JSON.stringify(value));

    return ok(a === b, name, `got ${a}\nnot ${b}`);
}


export function like(got, pattern, name) {
    return ok(pattern.test(got), name, `got ${JSON.stringify(got)}\nnot like ${pattern}`);
}


// A part of a script: what it throws is a test that failed, and the rest goes on.
export async function part(name, run) {
    try {
        await run();

    } catch (error) {
        ok(false, name, error.stack);
    }
}


// ---- the browser

export async function start() {
    const browser = await chromium.launch({
        executablePath: process.env.PINTAG_CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
               '--host-resolver-rules=MAP localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    });

    // Opens a URL in a view.  end() tests that nothing went wrong on the way; that
    // answers were errors is no fault where they are meant to be (`errors`).
    browser.view = async (url, { width = 1280, height = 800, scheme = 'light', errors = false, before, ...more } = {}) => {
        const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, ...more });
        const page = await context.newPage();
        const wrong = [];
        const { origin } = new URL(url);

        page.on('pageerror', error => wrong.push(`error: ${error.stack}`));
        page.on('dialog', dialog => {
            wrong.push(`dialog: ${dialog.message()}`);
            dialog.dismiss();
        });
        page.on('console', message => {
            if (['error', 'warning'].includes(message.type()) && !(errors && ANSWER.test(message.text()))) {
                wrong.push(`console: ${message.text()}`);
            }
        });
        page.on('request', request => {
            if (new URL(request.url()).origin !== origin) {
                wrong.push(`another host: ${request.url()}`);
            }
        });

        page.setDefaultTimeout(60000);
        await before?.(page);
        await page.goto(url);

        page.end = async name => {
            is(wrong, [], `${name}: nothing in the console, no other host`);
            await context.close();
        };

        return page;
    };

    return browser;
}


// ---- what is asked of every page

export async function accessible(page, name) {
    await page.evaluate(AXE);

    const { violations, passes } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));

    is(violations.flatMap(({ id, nodes }) => nodes.map(node =>
        `${id}: ${node.target.join(' ')}: ${node.failureSummary}`)), [], `${name}: axe-core finds nothing`);
    ok(passes.some(({ id }) => id === 'color-contrast'), `${name}: and has looked at contrasts`);
}


export async function fits(page, name) {
    const { wide, seen, out } = await page.evaluate(() => ({
        wide: document.documentElement.scrollWidth,
        seen: document.documentElement.clientWidth,

        // hidden for the eye, or clipped by a parent, may be anywhere
        out: [...document.querySelectorAll('main *')].filter(node => node.getClientRects().length > 0
                && !node.closest('.visually-hidden, thead, svg')
                && node.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
            .map(node => node.outerHTML.slice(0, 120)),
    }));

    is({ over: Math.max(0, wide - seen), out }, { over: 0, out: [] }, `${name}: nothing is wider than the screen`);
}


// Tab reaches all there is, in the order of the page, and one sees where it is.
export async function tabbable(page, name) {
    const wanted = await page.evaluate(selector => {
        const radios = new Set();

        window.pintagOrder = [...document.querySelectorAll(selector)].filter(node => {
            // of radio buttons one is a stop
            if (node.type === 'radio') {
                const first = !radios.has(node.name);

                radios.add(node.name);
                return first;
            }

            return node.checkVisibility() && !node.disabled;
        });

        // Tab begins where one was last
        document.body.tabIndex = -1;
        document.body.focus();
        document.body.removeAttribute('tabindex');
        window.scrollTo(0, 0);
        return window.pintagOrder.length;
    }, TABBABLE);

    const stops = [];
    const unseen = [];

    for (let i = 0; i < wanted + 3; i++) {
        await page.keyboard.press('Tab');

        const { at, seen, what } = await page.evaluate(() => {
            const node = document.activeElement;
            const style = getComputedStyle(node);
            const box = node.getBoundingClientRect();
            const group = node.type === 'radio' ? document.querySelector(`input[name="${node.name}"]`) : node;

            return {
                at: window.pintagOrder.indexOf(group),
                seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
                      && box.bottom > 0 && box.top < innerHeight,
                what: node.outerHTML.slice(0, 100),
            };
        });

        if (at < 0) {
            break;
        }

        stops.push(at);
        seen || unseen.push(what);
    }

    is(stops, [...Array(wanted).keys()], `${name}: Tab reaches all there is, in its order`);
    is(unseen, [], `${name}: and one sees where it is`);
}


// Into the folder of the screenshots, if there is one.
export async function shot(page, dir, name, more = { fullPage: true }) {
    if (dir) {
        await mkdir(dir, { recursive: true });
        await page.screenshot({ path: `${dir}/${name}.png`, ...more });
    }
}


export const text = (page, selector) => page.locator(selector).innerText();


// Waits until a selector's text matches.
export async function until(page, selector, pattern) {
    try {
        await page.waitForFunction(([selector, source]) =>
            new RegExp(source, 's').test(document.querySelector(selector)?.textContent ?? ''),
            [selector, pattern.source]);

    } catch {
        const found = await page.locator(selector).first().textContent({ timeout: 100 }).catch(() => 'not there');

        throw new Error(`${selector} is ${JSON.stringify(found)}, not like ${pattern}`);
    }
}


// The rows of a table as text: the cells of each, joined.
export const rows = (page, selector) => page.$$eval(`${selector} tr`, list =>
    list.map(row => [...row.children].map(cell => cell.textContent).join(' | ')));
