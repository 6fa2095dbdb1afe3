# For script/lint: what of nginx's look can be told line by line.  A
# line for each place where a C file is otherwise.
#
#   LC_ALL=C awk -f script/style.awk file ...
#
# Braces around what an if or a loop does are clang-tidy's.

function wrong(at, what) {
    printf "%s:%d: %s\n", FILENAME, at, what
    found = 1
}


# bytes that go on with a character take no column

function columns(line) {
    gsub(/[\200-\277]/, "", line)
    return length(line)
}


# the line before this one was the last of "file"

function finish(file) {
    if (blanks) {
        printf "%s:%d: a blank line at the end\n", file, last
        found = 1
    }
}


FNR == 1 {
    if (file != "") {
        finish(file)
    }

    file = FILENAME
    blanks = ended = head = 0
}

{
    last = FNR
}

columns($0) > 80 {
    wrong(FNR, "more than 80 columns")
}

/\t/ {
    wrong(FNR, "a tab")
}

/[ \t\r]$/ {
    wrong(FNR, "a blank at the end of the line")
}

# an empty line has none of the rest

$0 == "" {
    if (++blanks == 3) {
        wrong(FNR, "a third blank line")
    }

    head = 0
    next
}

# a function has ended, what follows is no part of its conditional

ended && !/^#/ && blanks != 2 {
    wrong(FNR, "after a function come two blank lines")
}

/^\{/ && head {
    if (FNR - head < 2 || type ~ /\(/) {
        wrong(head, "the type of a function has a line of its own")
    }

    body = 1
}

/^}/ {
    ended = body
    body = 0
    head = blanks = 0
    next
}

# where what may be a function begins

!head && /^[A-Za-z_]/ && !/^__attribute__/ {
    head = FNR
    type = $0
}

/^[#\/ ]/ && !/^ +[A-Za-z_*]/ {
    head = 0
}

{
    ended = blanks = 0
}

END {
    if (file != "") {
        finish(file)
    }

    exit found
}
