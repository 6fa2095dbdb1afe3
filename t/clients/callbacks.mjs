// What analytics-node and its descendants have in common: each event's
// callback gets the batch that the event left in.

import { gunzipSync } from 'node:zlib';
import { events, report } from './events.mjs';


export async function run(client) {
    const errors = [];
    const analytics = client(error => errors.push(error));

    const sent = events.map(({ type, ...event }) => new Promise(resolve => {
        analytics[type]({ anonymousId: 'anon-1', ...event },
                        (_error, batch) => resolve(batch));
    }));

    await analytics.flush();

    const batches = [...new Set(await Promise.all(sent))];

    report({ messageIds: batches.flatMap(messageIds), errors });
}


function messageIds(data) {
    const { batch } = Buffer.isBuffer(data) ? JSON.parse(gunzipSync(data)) : data;

    return batch.map(message => message.messageId);
}
