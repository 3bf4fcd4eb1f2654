#!/bin/sh
# The rooms of src/, as the table "The tree" in CONTRIBUTING.md says:
#   - a file includes headers of its own room, of those that its row names, and the public ones;
#   - what it calls is defined in its own room or in one whose row stands above, which the
#     object files tell: the public headers would hide a circle.
# A row stands for its folder and for those below it that have no row of their own.
# Usage: rooms.sh SOURCE_ROOT [BUILD_ROOT]
set -u
cd "$1" || exit 2
build=${2-}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# room, and all the rooms whose headers it may include; without the leading src/
awk -F'|' '
/^\| *`/ {
    rooms = $2; may = $4; count = 0
    while (match(rooms, /`[^`]*`/)) {
        room = substr(rooms, RSTART + 1, RLENGTH - 2); rooms = substr(rooms, RSTART + RLENGTH)
        if (room !~ /^src\//) continue
        sub(/^src\//, "", room); sub(/\/$/, "", room)
        names[++count] = room
    }
    list = ""
    while (match(may, /`[^`]*`/)) {
        list = list " " substr(may, RSTART + 1, RLENGTH - 2); may = substr(may, RSTART + RLENGTH)
    }
    for (i = 1; i <= count; i++) print names[i] list
}' CONTRIBUTING.md >"$work/table"
[ "$(wc -l <"$work/table")" -ge 10 ] || { echo "no table of rooms was found in CONTRIBUTING.md"; exit 2; }

find src -name '*.[ch]' | sort >"$work/files"
xargs grep -n '^ *# *include "' <"$work/files" | sed 's/^\([^:]*\):[0-9]*:[^"]*"\([^"]*\)".*/\1 \2/' >"$work/includes"

awk '
function room_of(path,   best, r) {
    best = ""
    for (r in may) if (index(path, r "/") == 1 && length(r) > length(best)) best = r
    return best
}
FILENAME ~ /table$/ { may[$1] = " "; for (i = 2; i <= NF; i++) may[$1] = may[$1] $i " "; next }
{
    file = $1; sub(/^src\//, "", file); target = $2
    checked++
    if (target ~ /^gradtape(\.h|\/)/) next
    from = room_of(file); to = room_of(target)
    if (from == "") { print $1 ": its folder has no row in the table of CONTRIBUTING.md"; wrong = 1; next }
    if (to == "") { print $1 " includes \"" target "\": write the room, \"" from "/...\""; wrong = 1; next }
    if (from == to || index(may[from], " " to " ")) next
    print $1 " includes \"" target "\": " from "/ may include" may[from] "and the public headers"
    wrong = 1
}
END {
    if (checked < 50) { print "only " checked + 0 " includes were found: is this the source tree?"; exit 2 }
    exit wrong
}' "$work/table" "$work/includes"
wrong=$?

if grep -n '^ *# *include "' examples/*.c | grep -v '"gradtape[./]'; then
    echo "the lines above: examples include the public headers only"
    wrong=1
fi
# Rooms that read descriptors never name an op of ops/.
if grep -nE '\bgt_op_(add|sub|mul|div|tanh|sigmoid|matmul|concat|split|slice|sum|softmax|input|fill)\b' \
    src/graph/*.[ch] src/exec/*.[ch] src/dump/*.[ch] 2>/dev/null; then
    echo "the lines above name an op; read its descriptor instead"
    wrong=1
fi

# ---- who calls whom --------------------------------------------------------------------------

[ -n "$build" ] && command -v nm >/dev/null || exit $wrong
(cd "$build" && find . -name '*.o' \( -path './libgradtape-inside.a.p/*' -o -path './src/*' \)) | sort >"$work/objects"
# Meson names the object of src/a/b.c src_a_b.c.o, or b.c.o below src/a.
sed 's|\./||' "$work/objects" | awk '{
    key = $0; sub(/\.o$/, "", key)
    if (match(key, /[^\/]*\.p\//)) key = substr(key, 1, RSTART - 1) substr(key, RSTART + RLENGTH)
    gsub(/\//, "_", key); print key, "./" $0 }' >"$work/keys"
awk '{ key = $1; gsub(/\//, "_", key); print key, $1 }' "$work/files" >"$work/sources"
awk 'NR == FNR { source[$1] = $2; next } $1 in source { print $2, source[$1] }' "$work/sources" "$work/keys" >"$work/map"
# One line for each symbol: source D NAME where it is defined, source U NAME where it is used.
(cd "$build" && cut -d' ' -f1 "$work/map" | xargs nm -A 2>/dev/null) >"$work/nm"
awk 'NR == FNR { source[$1] = $2; next }
{
    place = index($0, ".o:"); object = substr($0, 1, place + 1); count = split(substr($0, place + 3), field, " ")
    kind = field[count - 1]; name = field[count]
    if (name ~ /^gt_/ && kind ~ /^[A-Z]$/) print source[object], kind == "U" ? "U" : "D", name
}' "$work/map" "$work/nm" >"$work/symbols"
# Objects of link-time optimisation tell nothing.
[ "$(grep -c ' D ' "$work/symbols")" -gt 500 ] || exit $wrong

awk '
function room_of(path,   best, r) {
    sub(/^src\//, "", path); best = ""
    for (r in rank) if (index(path, r "/") == 1 && length(r) > length(best)) best = r
    return best
}
FILENAME ~ /table$/ { rank[$1] = ++rows; next }
FNR == 1 { pass++ }
pass == 1 && $2 == "D" { home[$3] = $1 }
pass == 2 && $2 == "U" && $3 in home {
    from = room_of($1); to = room_of(home[$3])
    if (from != to && rank[to] > rank[from]) {
        print $1 " calls " $3 " of " home[$3] ": the row of " to "/ stands below that of " from "/"
        wrong = 1
    }
}
END { exit wrong }' "$work/table" "$work/symbols" "$work/symbols" || wrong=1
exit $wrong
