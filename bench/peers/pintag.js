// What somebody would write who has njs in nginx: the events of a POST, mapped
// by the table that the module had first, a pixel each by a subrequest, 50 at a
// time.

import crypto from 'crypto';

const TAG = '2612826764086';
const AT_A_TIME = 50;

const NAMES = {
    'Products Searched': 'search',
    'Product List Viewed': 'viewcategory',
    'Promotion Viewed': 'pagevisit',
    'Product Viewed': 'pagevisit',
    'Product Added': 'addtocart',
    'Cart Viewed': 'pagevisit',
    'Order Completed': 'checkout',
};

// ed[a]=1&ed[b][c]=2
function flatten(args, prefix, values) {
    for (const name in values) {
        const value = values[name];
        const key = prefix + '[' + encodeURIComponent(name) + ']';

        if (value !== null && typeof value === 'object') {
            flatten(args, key, value);
        } else if (value !== null) {
            args.push(key + '=' + encodeURIComponent(value));
        }
    }
}

function query(event) {
    const args = ['tid=' + TAG, 'noscript=1'];
    const properties = event.properties || {};
    let name = event.type === 'page' ? 'pagevisit' : NAMES[event.event];

    const email = properties.email;
    delete properties.email;

    if (!name) {
        name = 'custom';
        args.push('ed[custom_event_name]=' + encodeURIComponent(event.event.replace(/\s+/g, '')));
    }

    args.push('event=' + name);
    flatten(args, 'ed', properties);

    if (email) {
        args.push('pd[em]=' + crypto.createHash('sha256').update(email.toLowerCase()).digest('hex'));
    }

    return args.join('&');
}

async function handle(r) {
    let document;

    try {
        document = JSON.parse(r.requestText);
    } catch (e) {
        r.return(400, JSON.stringify({ error: e.message }));
        return;
    }

    document = document.obj || document;

    const events = document.batch || [document];
    let delivered = 0;

    for (let i = 0; i < events.length; i += AT_A_TIME) {
        const answers = await Promise.all(events.slice(i, i + AT_A_TIME)
            .map((event) => r.subrequest('/_peer', { args: query(event) })));

        answers.forEach((answer) => {
            if (answer.status === 200) {
                delivered++;
            }
        });
    }

    r.headersOut['Content-Type'] = 'application/json';
    r.return(200, '{"success":' + (delivered === events.length) + '}\n');
}

export default { handle };
