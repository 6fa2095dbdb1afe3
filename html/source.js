// Where each field of a request came from: its value is looked for in the event,
// as it is and as the module normalises and hashes.  An estimate, not a trace.

import { fold, namesOf, whyPersonal } from './personal.js';

// other names that a field is read from
const ALSO = {
    value: ['revenue', 'total', 'price'],
    orderquantity: ['numitems', 'numofitems', 'quantity'],
    numitems: ['orderquantity', 'numofitems', 'quantity'],
    promocode: ['coupon'],
    searchquery: ['query'],
    searchstring: ['searchquery', 'query'],
    productid: ['sku', 'id'],
    id: ['productid', 'sku'],
    contentids: ['productid', 'sku', 'id'],
    contentname: ['event', 'name', 'title'],
    eventname: ['event'],
    customeventname: ['event'],
    event: ['event'],
    eventid: ['messageid', 'eid', 'orderid'],
    eventtime: ['timestamp', 'originaltimestamp', 'sentat', 'receivedat'],
    eventsourceurl: ['url'],
    referer: ['url'],
    useragent: ['useragent'],
    clientuseragent: ['useragent'],
    clientipaddress: ['ip', 'requestip'],
    externalid: ['userid', 'anonymousid'],
    clickid: ['epik'],
    epik: ['clickid'],
    em: ['email', 'userid'],
    ph: ['phone', 'phonenumber', 'mobile'],
    fn: ['firstname', 'givenname'],
    ln: ['lastname', 'familyname', 'surname'],
    ge: ['gender'],
    db: ['birthday', 'birthdate', 'dateofbirth', 'dob'],
    ct: ['city'],
    st: ['state'],
    zp: ['zip', 'zipcode', 'postalcode', 'postcode'],
    hashedmaids: ['advertisingid'],
    language: ['locale'],
    appid: ['namespace'],
};

// what no event tells
const FIXED = {
    tid: 'integrations.yaml: tagId',
    noscript: 'always 1',
    'user_data.client_ip_address': 'the request: the address of its client',
    'user_data.client_user_agent': 'the request: User-Agent',
    'user-agent': 'the request: User-Agent',
    'x-forwarded-for': 'the request: the address of its client',
    authorization: 'integrations.yaml: the access token, which is not shown',
    'content-type': 'always this',
    partner_name: 'integrations.yaml: partnerName',
    'custom_data.np': 'integrations.yaml: np',
    action_source: 'integrations.yaml: actionSource, or web',
    event_time: 'the time at which the event came in',
    event_id: 'worked out from the whole event',
    'ed[event_id]': 'worked out from the whole event',
    event_name: 'the event\'s type and name, as the mapping says',
    event: 'the event\'s type and name, as the mapping says',
    'ed[custom_event_name]': 'the event\'s name',
    'pd[epik]': 'the request: the cookie _epik',
    'pd[pin_unauth]': 'the request: the cookie _pin_unauth',
    'pd[derived_epik]': 'the request: the cookie _derived_epik',
    'pd[opt_out_type]': 'limited data processing: of the event, of integrations.yaml, or Sec-GPC',
    'pd[st]': 'integrations.yaml: limitedDataProcessing',
    'pd[country]': 'integrations.yaml: limitedDataProcessing',
    'user_data.st[0]': 'integrations.yaml: limitedDataProcessing',
    'user_data.country[0]': 'integrations.yaml: limitedDataProcessing',
    'custom_data.opt_out_type': 'limited data processing: of the event, of integrations.yaml, or Sec-GPC',
};

// they steer what is sent and are not sent
const STEERS = /^(?:obj\.)?(?:type$|integrations\b|writeKey$|context\.consent(?:Management)?\b|context\.device\.adTrackingEnabled$|channel$)/;

const MOST = 2000;
const HEX = /^[0-9a-f]{64}$/;


// the words of a field's name: "ed[line_items][0][product_id]", "custom_data.value"
const wordsOf = name => name.split(/[[\].]+/).filter(word => word !== '' && !/^\d+$/.test(word));
const lastOf = names => fold(names.at(-1) ?? '');
const pathOf = leaf => leaf.inherited ? `the batch's ${leaf.path}` : leaf.path;
const indexOf = name => /\[(\d+)\]/.exec(name)?.[1];


// How well a leaf's name fits a field: 0 is not at all.
function fits(field, leaf) {
    const name = lastOf(wordsOf(field.name));
    const other = lastOf(namesOf(leaf.path));
    const index = indexOf(field.name);
    const same = index !== undefined && index === indexOf(leaf.path) ? 1 : 0;

    return name === other ? 4 + same
           : (ALSO[name] ?? []).includes(other) ? 3 + same
           : other.length > 1 && (name.endsWith(other) || other.endsWith(name)) ? 2 + same
           : 0;
}


// A number in a text, as the module reads it, roughly.
function numberOf(value) {
    if (typeof value === 'number') {
        return value;
    }

    if (typeof value !== 'string' || !/\d/.test(value) || value.length > 40) {
        return NaN;
    }

    let text = value.replace(/[\s'\p{L}\p{Sc}]/gu, '');

    if (text.includes(',') && text.includes('.')) {
        text = text.lastIndexOf(',') > text.lastIndexOf('.') ? text.replace(/\./g, '').replace(',', '.')
               : text.replace(/,/g, '');

    } else {
        text = /^[^,]*,\d{1,2}$/.test(text) ? text.replace(',', '.') : text.replace(/,/g, '');
    }

    return text === '' ? NaN : Number(text);
}


// The forms in which a value is hashed.
function normal(text) {
    const lower = text.trim().toLowerCase();
    const digits = text.replace(/\D/g, '');

    return [...new Set([
        lower.replace(/\s/g, ''),
        lower,
        lower.replace(/[^\p{L}\p{N}]/gu, ''),
        lower.replace(/[\s-]/g, ''),
        digits.replace(/^0+/, ''),
        digits.slice(0, 8),
        lower.slice(0, 1),
        text,
    ])].filter(form => form !== '');
}


async function sha256(text) {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));

    return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}


// Map of a hash to the leaf that it is of; null where the browser does not hash,
// which it does only on https and on this machine.
async function hashesOf(leaves) {
    if (!globalThis.crypto?.subtle) {
        return null;
    }

    const hashes = new Map();

    for (const leaf of leaves) {
        const text = String(leaf.value);

        for (const form of text.length <= 320 ? normal(text) : []) {
            const hash = await sha256(form);

            for (const [key, how] of [[hash, `SHA-256 of ${form === text ? 'it' : `“${form}”`}`],
                                      [hash.slice(0, 32), 'SHA-256 of it, cut short']]) {
                hashes.set(key, [...hashes.get(key) ?? [], { leaf, how }]);
            }
        }
    }

    return hashes;
}


// A URL that lost parameters: these, or null.
function lessOf(value, url) {
    if (typeof url !== 'string' || value.length < 2 || value.length > url.length
        || value.split(/[?#]/)[0] !== url.replace(/^(\w+:\/\/)[^/?#]*@/, '$1').split(/[?#]/)[0]) {
        return null;
    }

    const parts = text => text.split(/[?#]/).slice(1).join('&').split('&').filter(Boolean);
    const kept = new Set(parts(value));

    return parts(url).filter(part => !kept.has(part));
}


// How a value was made of a leaf's, '' when it was not.
function made(field, leaf, trusted) {
    const { value } = field;
    const text = String(leaf.value);
    const squeezed = text.replace(/\s/g, '');
    const less = lessOf(value, leaf.value);
    const name = lastOf(wordsOf(field.name));

    if (value === text) {
        return 'as it is';
    }

    if (value === text.trim()) {
        return 'trimmed';
    }

    if (value.toLowerCase() === squeezed.toLowerCase() && squeezed !== '') {
        return squeezed === value ? 'without white space'
               : value === squeezed.toUpperCase() ? 'in upper case'
               : value === squeezed.toLowerCase() ? 'in lower case' : 'in other case';
    }

    if (less) {
        return less.length > 0 ? `without ${less.map(part => part.split('=')[0]).join(', ')}` : 'without its user';
    }

    if (!trusted) {
        return '';
    }

    if (value !== '' && Number(value) === numberOf(leaf.value)) {
        return 'as a number';
    }

    if (name === 'eventtime' && Math.floor(Date.parse(text) / 1000) === Number(value)) {
        return 'in seconds';
    }

    if (name === 'language' && text.toLowerCase().startsWith(value)) {
        return 'its language';
    }

    if (fold(value) === fold(text)) {
        return 'as Pinterest spells it';
    }

    return '';
}


// sums over the products
function summed(field, leaves) {
    const name = lastOf(wordsOf(field.name));
    const items = new Map();

    if (!['value', 'orderquantity', 'numitems'].includes(name)) {
        return null;
    }

    for (const leaf of leaves) {
        const [, i, what] = /\bproducts\[(\d+)\]\.(price|quantity)$/i.exec(leaf.path) ?? [];

        if (what) {
            items.set(i, { ...items.get(i), [what.toLowerCase()]: leaf });
        }
    }

    const list = [...items.values()];
    const quantity = item => item.quantity ? numberOf(item.quantity.value) : 1;
    const total = name === 'value' ? list.reduce((sum, item) =>
                      sum + (item.price ? numberOf(item.price.value) : 0) * quantity(item), 0)
                  : list.reduce((sum, item) => sum + quantity(item), 0);

    return list.length > 0 && Math.abs(total - Number(field.value)) < 1e-6 ? {
        text: name === 'value' ? 'the sum of products[].price × quantity' : 'the sum of products[].quantity',
        leaves: list.flatMap(item => [item.price, item.quantity]).filter(Boolean),
    } : null;
}


// The best of what a field may have come from: { text, leaves }.
function sourceOf(field, leaves, hashes) {
    const found = [];
    const seen = field.value;

    for (const leaf of leaves) {
        const fit = fits(field, leaf);
        const how = made(field, leaf, fit > 0);

        // 1, true and EUR are in many places: their name must fit, too
        if (how && (fit > 0 || seen.length > 3)) {
            const page = /^(?:referer|event_source_url)$/i.test(field.name) && /\bpage\./.test(leaf.path);

            found.push({ leaf, how, fit: fit + (how === 'as it is' ? 0.5 : 0) + (page ? 0.25 : 0) });
        }
    }

    for (const { leaf, how } of hashes?.get(seen) ?? []) {
        found.push({ leaf, how, fit: fits(field, leaf) });
    }

    found.sort((a, b) => b.fit - a.fit);

    const [best] = found;
    const sum = best && best.fit >= 3 ? null : summed(field, leaves);
    const fixed = FIXED[field.header ? field.name.toLowerCase() : field.name];

    if (sum) {
        return sum;
    }

    if (best && (best.fit > 0 || !fixed)) {
        const from = pathOf(best.leaf);

        return {
            text: best.how === 'as it is' ? from : `${from}, ${best.how}`,
            leaves: found.filter(other => other.fit >= best.fit || seen.length > 3).map(other => other.leaf),
        };
    }

    const click = /epik|click_id/.test(field.name)
                  && leaves.find(leaf => String(leaf.value).includes(`epik=${encodeURIComponent(seen)}`));

    if (click) {
        return { text: `${click.path}, its epik`, leaves: [click] };
    }

    if (fixed) {
        return { text: fixed, leaves: leaves.filter(leaf => /^(?:obj\.)?event$/.test(leaf.path) && /event/.test(field.name)) };
    }

    return {
        text: HEX.test(seen) && hashes === null
            ? 'a hash: this browser finds out of what only on https or on this machine' : 'worked out by the module',
        leaves: [],
    };
}


// For the requests of one event (each with its fields): gives each field a
// `source`, and says what did not leave: [{ path, value, why, personal }].
export async function explain(event, requests) {
    const leaves = event.leaves.slice(0, MOST);
    const wanted = requests.some(({ fields }) => fields.some(({ value }) => /^[0-9a-f]{32,64}$/.test(value)));
    const hashes = wanted ? await hashesOf(leaves) : new Map();
    const sent = new Set();

    for (const { fields } of requests) {
        for (const field of fields) {
            const source = sourceOf(field, leaves, hashes);

            field.source = source.text;
            source.leaves.forEach(leaf => sent.add(leaf));
        }
    }

    const values = requests.flatMap(({ fields }) => fields.map(field => field.value));

    // of a URL that leaves, what nowhere does
    const cleaned = [...sent].flatMap(leaf => values.includes(String(leaf.value)) ? []
        : (values.map(value => lessOf(value, leaf.value)).find(Boolean) ?? []).map(part => ({
            path: `${pathOf(leaf)}, its ${part.split('=')[0]}`,
            value: part,
            personal: true,
            why: 'taken out of the URL',
        })));

    const others = leaves.filter(leaf => !sent.has(leaf)).map(leaf => {
        const personal = whyPersonal(leaf);

        return {
            path: pathOf(leaf),
            value: String(leaf.value),
            personal: personal !== '' && !STEERS.test(leaf.path),
            why: STEERS.test(leaf.path) ? 'tells what to do, and is not sent'
                 : personal || 'no request has a place for it',
        };
    });

    return [...cleaned, ...others].sort((a, b) => b.personal - a.personal);
}
