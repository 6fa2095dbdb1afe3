// An event to hand on: as a command, and as a link to this page.

// A text as one word of a shell: within single quotes only these end them.
const quoted = text => `'${text.replace(/'/g, '\'\\\'\'')}'`;

const FRAGMENT = '#event=';


// --data-raw takes a text that begins with @ as it is, --globoff a URL with brackets.
export function curl(url, text, type) {
    return `curl -sS --globoff ${quoted(url)} -H ${quoted(`Content-Type: ${type}`)} --data-raw ${quoted(text)}`;
}


// The fragment of a URL stays in the browser: no log has it.
export function link(text) {
    return `${location.origin}${location.pathname}${FRAGMENT}${encodeURIComponent(text)}`;
}


// The event of this page's own address, null when it has none.
export function linked() {
    if (!location.hash.startsWith(FRAGMENT)) {
        return null;
    }

    try {
        return decodeURIComponent(location.hash.slice(FRAGMENT.length));

    } catch {
        return null;
    }
}
