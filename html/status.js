// What the figures of the status endpoint say, over time.  No document here.

// seconds that the chart shows, and that "last two minutes" means
export const SPAN = 120;

// how long the average beside the live rate is
const AVERAGE = 10;

// The events that can end as these are counted apart; all of a destination are
// one of them.  In the order of the page; `kind` is a colour.
export const OUTCOMES = [
    { name: 'delivered', kind: 'good', always: true },
    { name: 'pending', kind: 'waiting', always: true },
    { name: 'spooled', kind: 'waiting' },
    { name: 'fallback', kind: 'waiting' },
    { name: 'skipped', kind: 'aside' },
    { name: 'rejected', kind: 'bad' },
    { name: 'refused', kind: 'bad', always: true },
    { name: 'failed', kind: 'bad', always: true },
    { name: 'lost', kind: 'bad' },
];


const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
const sum = values => values.reduce((a, b) => a + (Number(b) || 0), 0);


// What is wrong with an answer that was JSON: '' when it is a status.
export function fault(status) {
    if (!isObject(status) || !('version' in status)) {
        return 'other';
    }

    if (!status.zone) {
        return 'no zone';
    }

    return isObject(status.events) && Array.isArray(status.destinations) ? '' : 'other';
}


export function received(status) {
    return sum(Object.values(status.events));
}


export function delivered(status) {
    return sum(status.destinations.map(destination => destination.delivered));
}


export function inFlight(status) {
    return sum(status.destinations.map(destination => destination.requests?.in_flight));
}


// Gives each destination a key by which it is known in the next status, too.  Those
// that are alike are numbered.
export function addKeys(destinations) {
    const seen = new Map();

    for (const destination of destinations) {
        const { transport, id, server, pass } = destination;
        const key = JSON.stringify([transport, id, server, pass]);
        const n = seen.get(key) ?? 0;

        seen.set(key, n + 1);
        destination.key = `${key} ${n}`;
    }
}


// Rates from one poll to the next, and the status as it was some time ago.
export class History {
    polls = [];

    // A status that does not follow from the last one (nginx was started anew, the
    // zone is another) begins a new history.
    add(status) {
        const last = this.polls.at(-1);

        if (last && (status.started !== last.status.started || status.time < last.status.time
                     || received(status) < last.received || delivered(status) < last.delivered)) {
            this.polls = [];

        } else if (last && status.time === last.status.time) {
            return;
        }

        this.polls.push({
            status,
            time: status.time,
            received: received(status),
            delivered: delivered(status),
        });

        while (this.polls.length > 2 && this.polls[0].time < status.time - SPAN - 5) {
            this.polls.shift();
        }
    }


    // [{ time, received, delivered }], events a second up to each time
    rates() {
        return this.polls.slice(1).map((poll, i) => {
            const before = this.polls[i];
            const passed = poll.time - before.time;

            return {
                time: poll.time,
                received: (poll.received - before.received) / passed,
                delivered: (poll.delivered - before.delivered) / passed,
            };
        });
    }


    // Events a second over the last seconds, null when there are no two polls.
    average(what, seconds = AVERAGE) {
        const last = this.polls.at(-1);
        const first = this.polls.find(poll => poll.time >= last.time - seconds - 0.5);

        return !first || first === last ? null : (last[what] - first[what]) / (last.time - first.time);
    }


    // The same destination at the beginning of the span, if it was there.
    before(destination) {
        return this.polls[0]?.status.destinations.find(other => other.key === destination.key);
    }
}


// A cumulative histogram as [{ from, to, count }], sorted: an object's members are
// not in order where their names are whole numbers.  Of the difference, when there
// is an older one.
export function buckets(now, old) {
    const bounds = Object.keys(now?.buckets ?? {})
        .map(name => ({ name, to: name === '+Inf' ? Infinity : Number(name) }))
        .sort((a, b) => a.to - b.to);
    let from = 0;
    let below = 0;

    return bounds.map(({ name, to }) => {
        const upTo = now.buckets[name] - (old?.buckets?.[name] ?? 0);
        const bucket = { from, to, count: Math.max(0, upTo - below) };

        from = to;
        below = Math.max(below, upTo);
        return bucket;
    });
}


// The estimate of a quantile, as if what is in a bucket were spread evenly:
// { value, more }, more when it is somewhere above; null of nothing.
export function quantile(list, q) {
    const total = sum(list.map(bucket => bucket.count));
    let below = 0;

    if (total === 0) {
        return null;
    }

    for (const { from, to, count } of list) {
        if (count > 0 && below + count >= q * total) {
            return to === Infinity ? { value: from, more: true }
                   : { value: from + (to - from) * (q * total - below) / count, more: false };
        }

        below += count;
    }

    return null;
}


// What a destination is doing: { text, kind }.
export function state(destination, workers) {
    const { stopped = 0, misconfigured = 0, requests = {} } = destination;
    const within = n => n >= workers ? '' : ` in ${n} of ${workers} workers`;

    if (misconfigured > 0) {
        return { text: `misconfigured${within(misconfigured)}`, kind: 'bad' };
    }

    if (stopped > 0) {
        return { text: `backing off${within(stopped)}`, kind: stopped >= workers ? 'bad' : 'waiting' };
    }

    if (requests.in_flight > 0) {
        return { text: 'delivering', kind: 'good' };
    }

    if (destination.pending > 0 || destination.spooled > 0) {
        return { text: 'waiting', kind: 'waiting' };
    }

    return requests.sent > 0 ? { text: 'idle', kind: 'good' } : { text: 'nothing sent yet', kind: 'plain' };
}


// A full place is told before it is: 'good', 'waiting' (from 80 %), 'bad' (95 %).
export function fullness(used, max) {
    const part = max > 0 ? used / max : 0;

    return part >= 0.95 ? 'bad' : part >= 0.8 ? 'waiting' : 'good';
}
