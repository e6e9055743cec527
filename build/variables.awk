# Prints the help of ./run (-v mode=help), or checks its arguments by the rules in image/Run/variables.txt: a wrong one is an error with the nearest
# right one, before anything is built. Arguments are VAR=value, EXEC without its value. Uses what POSIX says of awk: Debian's is mawk.

function fail(message) { print "run: " message; failed = 1; exit 2 }

function least_of(a, b) { return a < b ? a : b }

# Levenshtein's distance of the names in capitals: insertions, deletions and replacements of one character.
function distance(left, right,    row, column, previous, current, replaced) {
    left = toupper(left); right = toupper(right)
    for (column = 0; column <= length(right); column++) previous[column] = column
    for (row = 1; row <= length(left); row++) {
        current[0] = row
        for (column = 1; column <= length(right); column++) {
            replaced = previous[column - 1] + (substr(left, row, 1) != substr(right, column, 1))
            current[column] = least_of(replaced, least_of(previous[column], current[column - 1]) + 1)
        }
        for (column = 0; column <= length(right); column++) previous[column] = current[column]
    }
    return previous[length(right)]
}

function suggestion(mistyped, names,    known, count, i, nearest, best) {
    count = split(names, known, " ")
    for (i = 1; i <= count; i++)
        if (i == 1 || distance(mistyped, known[i]) < best) { nearest = known[i]; best = distance(mistyped, nearest) }
    if (count > 0 && (best <= 1 || best <= int(length(nearest) / 2))) return "(did you mean " nearest "?)"
    gsub(" ", ", ", names)
    return "(known: " names ")"
}

function bytes(size) {
    if (size ~ /[kK]$/) return size * 1024
    if (size ~ /[mM]$/) return size * 1048576
    if (size ~ /[gG]$/) return size * 1073741824
    return size + 0
}

function read_rules(file,    line, name, key, rest) {
    while ((getline line < file) > 0) {
        if (line ~ /^#/ || line == "") continue
        key = line; sub(/^ +/, "", key); rest = key
        if (!sub(/^[^ ]+ /, "", rest)) rest = ""
        sub(/ .*/, "", key)
        if (line ~ /^[A-Z]/) { name = key; value_of[name] = rest; all = all (all == "" ? "" : " ") name; continue }
        if (rest == "@configurations") rest = configurations
        rule[name, key] = rest
        has[name, key] = 1
    }
}

function help(    count, known, i, name) {
    print "usage: ./run [VAR=value ...]"
    print ""
    print "Builds what is missing or old, and boots in QEMU: a shell on this terminal (^A x leaves), or one command with EXEC."
    print ""
    count = split(all, known, " ")
    for (i = 1; i <= count; i++) {
        name = known[i]
        printf "  %-16s %s\n", name "=" value_of[name], rule[name, "help"]
        if (has[name, "names"]) printf "  %-16s one of: %s\n", "", rule[name, "names"]
        printf "  %-16s default: %s\n", "", rule[name, "default"]
    }
    print ""
    print "Exit status: that of TEXT; 2 wrong variables; 124 TIMEOUT has passed; 125 panicked, never came up or not built;"
    print "130 interrupted; 141 whoever read the output has gone. Logs lie in .build/runs. More: docs/running.md"
}

function check(argument,    name, value, end) {
    end = index(argument, "=")
    name = all; gsub(" ", ", ", name)
    if (end <= 1) fail("expected VAR=value, found " argument " (variables: " name "; ./run --help explains them)")
    name = substr(argument, 1, end - 1); value = substr(argument, end + 1)
    if (!(name in value_of)) fail("unknown variable " name " " suggestion(name, all))
    if ((name in given) && !has[name, "repeats"]) fail(name " is given twice")
    given[name] = value
    if (has[name, "match"] && value !~ rule[name, "match"]) fail(name "=" value ": expected " rule[name, "expected"])
    if (has[name, "least"] && bytes(value) < bytes(rule[name, "least"])) fail(name "=" value ": expected " rule[name, "expected"])
    if (name == "TIMEOUT" && (value + 0 <= 0 || value + 0 > 86400)) fail(name "=" value ": expected " rule[name, "expected"])
    if (has[name, "names"] && index(" " rule[name, "names"] " ", " " value " ") == 0)
        fail(name "=" value ": unknown " (name == "SYSTEM" ? "system " : "configuration ") suggestion(value, rule[name, "names"]))
}

BEGIN {
    read_rules(rules)
    if (mode == "help") { help(); exit 0 }
    for (i = 1; i < ARGC; i++) check(ARGV[i])
    if (given["ICOUNT"] == "1" && given["CPUS"] + 0 > 1) fail("ICOUNT=1 contradicts CPUS=" given["CPUS"] ": instructions can be counted on one CPU only")
    if (("TIMEOUT" in given) && !("EXEC" in given) && terminal) fail("TIMEOUT needs EXEC, or input that is no terminal: an interactive shell ends when you end it")
    exit 0
}
