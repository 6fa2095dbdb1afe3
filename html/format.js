// Numbers as people read them.  What is no number is shown as a dash.

const NONE = '–';
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat('en', { maximumFractionDigits: 2, minimumFractionDigits: 2 });

const isNumber = n => typeof n === 'number' && Number.isFinite(n);


export function count(n) {
    return isNumber(n) ? integer.format(n) : NONE;
}


// things a second, without a unit
export function rate(n) {
    return !isNumber(n) ? NONE : n === 0 || n >= 100 ? integer.format(n) : tenths.format(n);
}


export function bytes(n) {
    if (!isNumber(n)) {
        return NONE;
    }

    let unit = 0;

    while (n >= 1024 && unit < UNITS.length - 1) {
        n /= 1024;
        unit++;
    }

    return `${unit === 0 || n >= 100 ? integer.format(n) : tenths.format(n)} ${UNITS[unit]}`;
}


// on an axis: as short as it can be
export function tick(n) {
    return n % 1 === 0 ? integer.format(n) : tenths.format(n);
}


// 0.0042 is "4.2 ms", 1.3 is "1.30 s"
export function duration(seconds) {
    if (!isNumber(seconds)) {
        return NONE;
    }

    const ms = seconds * 1000;

    return seconds >= 1 ? `${hundredths.format(seconds)} s`
           : ms === 0 || ms >= 100 ? `${integer.format(ms)} ms` : `${tenths.format(ms)} ms`;
}


// "3 d 4 h", "2 min 5 s"
export function age(seconds) {
    if (!isNumber(seconds)) {
        return NONE;
    }

    let left = Math.max(0, Math.floor(seconds));
    const parts = [];

    for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]) {
        const n = Math.floor(left / size);

        left -= n * size;

        if (n > 0) {
            parts.push(`${integer.format(n)} ${unit}`);
        }
    }

    return parts.slice(0, 2).join(' ') || '0 s';
}


export function share(part, whole) {
    if (!isNumber(part) || !isNumber(whole) || whole <= 0) {
        return NONE;
    }

    const percent = 100 * part / whole;

    // neither none nor all when it is not quite
    return percent > 0 && percent < 0.1 ? '<0.1 %'
           : percent < 100 && percent > 99.9 ? '>99.9 %'
           : `${percent === 0 || percent === 100 ? integer.format(percent) : tenths.format(percent)} %`;
}


const pad = n => String(n).padStart(2, '0');


export function clock(epoch) {
    if (!isNumber(epoch)) {
        return NONE;
    }

    const at = new Date(epoch * 1000);

    return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}


export function dateTime(epoch) {
    if (!isNumber(epoch)) {
        return NONE;
    }

    const at = new Date(epoch * 1000);

    return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${clock(epoch)}`;
}


// "1 worker", "2 workers"
export function plural(n, one, more = `${one}s`) {
    return `${count(n)} ${n === 1 ? one : more}`;
}
