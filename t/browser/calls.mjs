// What a page sends by fetch() and by sendBeacon(), kept in its tab's sessionStorage,
// so that what it does while it is left can be seen, too.

function wrap() {
    const { fetch, navigator } = window;
    const beacon = navigator.sendBeacon.bind(navigator);

    function keep(call) {
        const calls = JSON.parse(sessionStorage.getItem('calls') ?? '[]');

        sessionStorage.setItem('calls', JSON.stringify([...calls, call]));
    }

    window.fetch = (url, options = {}) => {
        const call = {
            how: 'fetch',
            bytes: new Blob([options.body ?? '']).size,
            keepalive: Boolean(options.keepalive),
        };
        const answer = fetch(url, options);

        if (options.method?.toLowerCase() === 'post') {
            answer.then(({ status }) => keep({ ...call, status }),
                        error => keep({ ...call, error: String(error) }));
        }

        return answer;
    };

    navigator.sendBeacon = (url, data) => {
        const queued = beacon(url, data);

        keep({ how: 'beacon', queued, events: JSON.parse(data).batch?.length });
        return queued;
    };
}

export const watch = context => context.addInitScript(wrap);

export const calls = page => page.evaluate(() => JSON.parse(sessionStorage.getItem('calls') ?? '[]'));
