// The events in a body that was typed in: what docs/mapping.md calls its shapes.

import { fold } from './personal.js';

const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
const wrapped = value => isObject(value) && isObject(value.obj) ? { event: value.obj, path: 'obj.' }
                         : { event: value, path: '' };


// Lines of JSON that are no JSON together.
export function isNdjson(text) {
    try {
        JSON.parse(text);
        return false;

    } catch {
        const lines = text.split('\n').filter(line => line.trim() !== '');

        try {
            return lines.length > 1 && isObject(JSON.parse(lines[0]));

        } catch {
            return false;
        }
    }
}


// [{ name, type, leaves }], one for each event in its order; leaves are what it
// tells: [{ path, value }].  Empty when nginx reads it and this does not.
export function eventsIn(text) {
    const list = [];

    const add = (value, at, shared) => {
        const { event, path } = wrapped(value);

        if (!isObject(event)) {
            list.push({ name: '', type: '', leaves: [] });
            return;
        }

        const own = leavesOf(event, path);
        const known = new Set(own.map(leaf => leaf.path));

        // the event's own win, member by member
        const inherited = shared.filter(leaf => !known.has(leaf.path));

        list.push({
            name: typeof event.event === 'string' ? event.event : typeof event.name === 'string' ? event.name : '',
            type: typeof event.type === 'string' ? event.type : '',
            leaves: [...own, ...inherited].map(leaf => ({ ...leaf, inherited: inherited.includes(leaf) })),
        });
    };

    try {
        if (isNdjson(text)) {
            text.split('\n').filter(line => line.trim() !== '').forEach(line => add(parsed(line), '', []));
            return list;
        }

        const body = JSON.parse(text);
        const outer = wrapped(body).event;

        if (Array.isArray(body)) {
            body.forEach(event => add(event, '', []));

        } else if (isObject(outer) && Array.isArray(outer.batch)) {
            const { context, integrations, sentAt, writeKey } = outer;
            const shared = leavesOf(JSON.parse(JSON.stringify({ context, integrations, sentAt, writeKey })), '');

            outer.batch.forEach(event => add(event, '', shared));

        } else {
            add(body, '', []);
        }

    } catch {
        return [];
    }

    return list;
}


// The write keys that events and their batch have, each once.
export function keysIn(text) {
    const bodies = isNdjson(text) ? text.split('\n').map(parsed) : [parsed(text)].flat();
    const outer = bodies.map(value => wrapped(value).event).filter(isObject);
    const inner = outer.flatMap(({ batch }) => Array.isArray(batch) ? batch : [])
        .map(value => wrapped(value).event).filter(isObject);

    return [...new Set([...outer, ...inner].flatMap(event => Object.entries(event))
        .filter(([name, value]) => fold(name) === 'writekey' && value !== null && typeof value !== 'object'
                                   && String(value).trim() !== '')
        .map(([, value]) => value))];
}


function parsed(line) {
    try {
        return JSON.parse(line);

    } catch {
        return null;
    }
}


// Every value that is no object and no array, with its path.
export function leavesOf(value, path) {
    const leaves = [];
    const stack = [[value, path.replace(/\.$/, '')]];

    while (stack.length > 0) {
        const [at, where] = stack.pop();

        if (Array.isArray(at)) {
            at.map((item, i) => [item, `${where}[${i}]`]).reverse().forEach(next => stack.push(next));

        } else if (isObject(at)) {
            Object.entries(at).map(([name, item]) => [item, where ? `${where}.${name}` : name])
                .reverse().forEach(next => stack.push(next));

        } else if (at !== null && at !== undefined) {
            leaves.push({ path: where, value: at });
        }
    }

    return leaves;
}
