// The charts, drawn into an <svg> that is there.

import { attribute, svg } from './dom.js';
import * as format from './format.js';
import { SPAN } from './status.js';

const LEFT = 46;
const RIGHT = 8;
const TOP = 10;
const BOTTOM = 20;


// the least of 1, 2, 5, 10, 20 ... that is not below
function nice(n) {
    let step = 1;

    while (step < n) {
        step *= String(step).startsWith('2') ? 2.5 : 2;
    }

    return step;
}


// As many units as there are pixels, so that text keeps its size.
function size(node) {
    const width = node.clientWidth || 600;
    const height = node.clientHeight || 170;

    attribute(node, 'viewBox', `0 0 ${width} ${height}`);
    return { width, height };
}


// Events a second: rates are [{ time, received, delivered }].
export function drawRates(node, rates) {
    const { width, height } = size(node);
    const now = rates.at(-1)?.time ?? 0;
    const shown = rates.filter(rate => rate.time >= now - SPAN);
    const top = nice(Math.max(1, ...shown.flatMap(rate => [rate.received, rate.delivered])));
    const floor = height - BOTTOM;
    const x = time => LEFT + (width - LEFT - RIGHT) * (1 - (now - time) / SPAN);
    const y = value => floor - (floor - TOP) * value / top;
    const round = n => Math.round(n * 10) / 10;
    const parts = [];

    for (const part of [0, 0.5, 1]) {
        parts.push(
            svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(top * part), y2: y(top * part) }),
            svg('text', { x: LEFT - 6, y: y(top * part) + 4, 'text-anchor': 'end' },
                format.tick(top * part)));
    }

    for (const [ago, text, anchor] of [[SPAN, `${SPAN / 60} min ago`, 'start'],
                                       [SPAN / 2, `${SPAN / 120} min ago`, 'middle'], [0, 'now', 'end']]) {
        parts.push(svg('text', { x: x(now - ago), y: height - 5, 'text-anchor': anchor }, text));
    }

    for (const what of ['received', 'delivered']) {
        parts.push(svg('polyline', {
            class: what,
            points: shown.map(rate => `${round(x(rate.time))},${round(y(rate[what]))}`).join(' '),
        }));
    }

    node.replaceChildren(...parts);
}


// A histogram: a bar for each bucket, the name of every third below it.
export function drawBuckets(node, list) {
    const { width, height } = size(node);
    const most = Math.max(1, ...list.map(bucket => bucket.count));
    const step = width / Math.max(1, list.length);
    const floor = height - 18;

    node.replaceChildren(
        svg('line', { class: 'grid', x1: 0, x2: width, y1: floor, y2: floor }),
        ...list.flatMap((bucket, i) => {
            // a single one is seen, too
            const tall = bucket.count === 0 ? 0 : Math.max(2, (floor - 4) * bucket.count / most);
            const bar = svg('rect', { class: 'bar', x: i * step + 1, y: floor - tall,
                                      width: Math.max(1, step - 2), height: tall });

            return i % 3 !== 1 ? [bar]
                   : [bar, svg('text', { x: (i + 0.5) * step, y: height - 4, 'text-anchor': 'middle' },
                               bound(bucket))];
        }));
}


export function bound({ from, to }) {
    const text = seconds => seconds >= 1 ? `${seconds} s` : `${Math.round(seconds * 1e4) / 10} ms`;

    return to === Infinity ? `> ${text(from)}` : `≤ ${text(to)}`;
}


// Parts of a whole: [{ value, kind }], side by side.
export function drawShare(node, parts, whole) {
    const { width, height } = size(node);
    let x = 0;

    node.replaceChildren(
        svg('rect', { class: 'track', x: 0, y: 0, width, height, rx: 3 }),
        ...parts.filter(part => part.value > 0).map(({ value, kind }) => {
            const wide = Math.min(width - x, Math.max(2, width * value / Math.max(1, whole)));
            const rect = svg('rect', { class: `fill-${kind}`, x, y: 0, width: Math.max(0, wide), height });

            x += wide;
            return rect;
        }));
}
