// Making and changing elements.  Text goes in as text, never as markup.

const SVG = 'http://www.w3.org/2000/svg';


function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (value !== null && value !== undefined && value !== false) {
            node.setAttribute(name, value === true ? '' : String(value));
        }
    }

    node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
    return node;
}


export function el(name, attributes, ...children) {
    return fill(document.createElement(name), attributes, children);
}


export function svg(name, attributes, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
}


export const $ = id => document.getElementById(id);


// What did not change is not touched: a screen reader and a selection stay.
export function say(node, text) {
    text = String(text);

    if (node.textContent !== text) {
        node.textContent = text;
    }
}


export function attribute(node, name, value) {
    if (node.getAttribute(name) !== String(value)) {
        node.setAttribute(name, String(value));
    }
}


// Makes the children of a node those of the items, each known by its key, so that
// what is open, focused or selected in one stays so.
export function keyed(parent, items, keyOf, make, update) {
    const old = new Map([...parent.children].map(node => [node.pintagKey, node]));
    let next = parent.firstElementChild;

    for (const item of items) {
        const key = keyOf(item);
        let node = old.get(key);

        if (node) {
            old.delete(key);

        } else {
            node = make(item);
            node.pintagKey = key;
        }

        if (node === next) {
            next = next.nextElementSibling;

        } else {
            parent.insertBefore(node, next);
        }

        update?.(node, item);
    }

    old.forEach(node => node.remove());
}


// Copies a text: to the clipboard where pages may, else by selecting it.
export async function copy(text, field) {
    try {
        await navigator.clipboard.writeText(text);
        return true;

    } catch {
        field.focus();
        field.select();
        return document.execCommand('copy');
    }
}
