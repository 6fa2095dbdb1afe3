// A headless chromium, told what to do over a pipe (--remote-debugging-pipe):
// commands and answers are JSON, each ended by a NUL.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const arguments_ = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
    '--no-first-run', '--disable-background-networking', '--disable-sync',
    '--disable-component-update', '--disable-default-apps',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    '--remote-debugging-pipe',
];


export async function open(url) {
    const profile = mkdtempSync(join(tmpdir(), 'pintag-'));
    const browser = spawn('chromium', [...arguments_, `--user-data-dir=${profile}`],
                          { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const [, , , commands, answers] = browser.stdio;
    const waiting = new Map();
    const gone = new Promise(resolve => browser.once('close', resolve));
    let last = 0;
    let text = '';
    let loaded;

    answers.setEncoding('utf8').on('data', chunk => {
        const messages = (text += chunk).split('\0');

        text = messages.pop();
        messages.forEach(message => receive(JSON.parse(message)));
    });

    browser.on('error', fail);
    browser.on('exit', () => fail(new Error('chromium is gone')));
    commands.on('error', () => {});


    function fail(error) {
        waiting.forEach(({ reject }) => reject(error));
        waiting.clear();
    }


    function receive({ id, method, result, error }) {
        if (method === 'Page.loadEventFired') {
            loaded();
        }

        const { resolve, reject } = waiting.get(id) ?? {};

        waiting.delete(id);
        error ? reject?.(new Error(error.message)) : resolve?.(result);
    }


    function command(method, params = {}, sessionId) {
        return new Promise((resolve, reject) => {
            waiting.set(++last, { resolve, reject });
            commands.write(JSON.stringify({ id: last, method, params, sessionId }) + '\0');
        });
    }


    const { targetId } = await command('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await command('Target.attachToTarget', { targetId, flatten: true });

    async function go(to) {
        const load = new Promise(resolve => { loaded = resolve; });
        const { errorText } = await command('Page.navigate', { url: to }, sessionId);

        if (errorText) {
            throw new Error(`${to}: ${errorText}`);
        }

        return load;
    }

    await command('Page.enable', {}, sessionId);
    await go(url);

    return {
        go,

        // an expression's value, the promised one when it is a promise
        async evaluate(expression) {
            const { result, exceptionDetails } = await command(
                'Runtime.evaluate',
                { expression, awaitPromise: true, returnByValue: true }, sessionId);

            if (exceptionDetails) {
                throw new Error(exceptionDetails.exception?.description
                                ?? exceptionDetails.text);
            }

            return result.value;
        },

        async close() {
            await command('Browser.close');
            await gone;
            rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}
