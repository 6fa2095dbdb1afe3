// A request of the answer, taken apart.

import { leavesOf } from './events.js';


// { line, headers, body, fields }: what goes out as text, and its fields:
// [{ name, raw, value, header }], raw in a query.
export function takeApart(request) {
    const uri = typeof request.uri === 'string' ? request.uri : '';
    const headers = Object.entries(request.headers ?? {});
    const body = request.body ?? null;

    const fields = body === null ? queryFields(uri)
                   : leavesOf(body.data?.[0] ?? body, '').map(({ path, value }) => ({
                       name: path, raw: '', value: String(value),
                   }));

    return {
        line: `${request.method} ${uri}`,
        headers,
        body: body === null ? '' : JSON.stringify(body, null, 2),
        fields: [
            ...fields,
            ...headers.map(([name, value]) => ({ name, raw: '', value: String(value), header: true })),
        ],
    };
}


function queryFields(uri) {
    const query = uri.includes('?') ? uri.slice(uri.indexOf('?') + 1) : '';

    return query.split('&').filter(pair => pair !== '').map(pair => {
        const at = pair.includes('=') ? pair.indexOf('=') : pair.length;

        return {
            name: decode(pair.slice(0, at)),
            raw: pair.slice(at + 1),
            value: decode(pair.slice(at + 1)),
        };
    });
}


// A query of the module is UTF-8 in percent-encoding; what is not stays raw.
function decode(text) {
    try {
        return decodeURIComponent(text);

    } catch {
        return text;
    }
}
