// A place in a text, given as nginx gives it: lines end at LF, columns are
// characters, and both count from 1.

const AROUND = 60;


// { before, at, after } of the line, and where in the text it is (in UTF-16, as
// fields count).
export function placeIn(text, line, column) {
    const lines = text.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    const characters = [...(lines[line - 1] ?? '')];
    const before = characters.slice(0, column - 1);
    const at = characters[column - 1] ?? '';

    return {
        before: (before.length > AROUND ? '…' : '') + before.slice(-AROUND).join(''),
        at,
        after: characters.slice(column, column + AROUND).join('') + (characters.length > column + AROUND ? '…' : ''),
        from: Math.min(start + before.join('').length, text.length),
        length: at.length,
    };
}
