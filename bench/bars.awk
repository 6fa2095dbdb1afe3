# Draws horizontal bars as SVG. Each line of input is
#
#     kind <tab> label <tab> median <tab> least <tab> most
#
# and a line of the kind "section" begins bars with a scale of their own, under
# its label as a heading. Variables: title, and note, a line under it.

BEGIN {
    FS = "\t"

    width = 860
    left = 190          # where bars begin
    longest = 520       # of the longest
    height = 18         # of a line

    colour["limit"] = "#8a8f98"
    colour["peer"] = "#d9822b"
    colour["yyjson"] = "#1f6fb2"
    colour["jansson"] = "#7fb2dd"

    words["limit"] = "nginx itself"
    words["peer"] = "the peers"
    words["yyjson"] = "the module with yyjson"
    words["jansson"] = "the module with jansson"
}

{
    n++
    kind[n] = $1
    label[n] = $2
    median[n] = $3
    least[n] = $4
    most[n] = $5

    if ($1 == "section") {
        section = n
        scale[section] = 0
    } else if ($5 + 0 > scale[section]) {
        scale[section] = $5 + 0
    }

    of[n] = section
    used[$1] = 1
}

function text(x, y, string, rest) {
    gsub(/&/, "\\&amp;", string)
    gsub(/</, "\\&lt;", string)
    printf "<text x=\"%d\" y=\"%.1f\"%s>%s</text>\n", x, y, rest, string
}

END {
    total = 84 + 10

    for (i = 1; i <= n; i++) {
        total += kind[i] == "section" ? height + 20 : height
    }

    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"",
           width, total, width, total
    printf " font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"#1b1f24\">\n"
    printf "<title>%s</title>\n", title

    # a background of its own, so that the text is readable on a dark page, too
    printf "<rect width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#ffffff\" stroke=\"#d0d7de\"/>\n", width, total

    text(16, 26, title, " font-size=\"16\" font-weight=\"600\"")
    text(16, 45, note, " fill=\"#57606a\"")

    x = 16
    split("limit peer yyjson jansson", order, " ")

    for (i = 1; i <= 4; i++) {
        if (used[order[i]]) {
            printf "<rect x=\"%d\" y=\"57\" width=\"11\" height=\"11\" fill=\"%s\"/>\n", x, colour[order[i]]
            text(x + 17, 67, words[order[i]], "")
            x += 34 + 7 * length(words[order[i]])
        }
    }

    y = 84

    for (i = 1; i <= n; i++) {
        if (kind[i] == "section") {
            y += 20
            text(16, y + 12, label[i], " font-weight=\"600\"")
            y += height
            continue
        }

        per = scale[of[i]] > 0 ? longest / scale[of[i]] : 0

        text(left - 8, y + 13, label[i], " text-anchor=\"end\"")
        printf "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
               left, y + 3, median[i] * per, height - 5, colour[kind[i]]
        printf "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#1b1f24\" stroke-width=\"1\"/>\n",
               left + least[i] * per, y + 9.5, left + most[i] * per

        at = most[i] * per
        text(left + at + 8, y + 13, sprintf(median[i] < 10 ? "%.2f" : "%.1f", median[i]), "")
        y += height
    }

    print "</svg>"
}
