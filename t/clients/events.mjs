// The fixed set of events, and the one line that every client prints.

import { readFileSync } from 'node:fs';

const all = JSON.parse(readFileSync(new URL('events.json', import.meta.url)));


// what a client is called with; what Pinterest should get is the test's affair
export const events = all.map(({ call }) => call);

export const browserEvents = all.filter(({ server }) => !server).map(({ call }) => call);


// messageIds: the events' own, in their order; errors: all that the client said
export function report({ messageIds, errors, ...more }) {
    console.log(JSON.stringify({ messageIds, errors: errors.map(String), ...more }));
}
