// @segment/analytics-node: segment-node.mjs http://127.0.0.1:8080

import { Analytics } from '@segment/analytics-node';
import { events, report } from './events.mjs';

const analytics = new Analytics({ writeKey: 'wk', host: process.argv[2] });
const errors = [];

analytics.on('error', ({ code, reason }) => errors.push(`${code}: ${reason}`));

const sent = events.map(({ type, ...event }) => new Promise(resolve => {
    analytics[type]({ anonymousId: 'anon-1', ...event }, (error, ctx) => {
        if (error) {
            errors.push(error);
        }
        resolve(ctx.event.messageId);
    });
}));

await analytics.closeAndFlush({ timeout: 20_000 });

report({ messageIds: await Promise.all(sent), errors });
