#!/bin/sh
# docs/planner.md is a map of the planner as it is:
#   - its tables name the passes of the pipeline, in their order, and so does the public header;
#   - the file of every pass and phase begins with what it needs and leaves;
#   - every file of src/plan and src/native stands in it, and every file that it names is there.
# Usage: planner_map.sh SOURCE_ROOT
set -u
cd "$1" || exit 2
map=docs/planner.md
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
wrong=0

sed -n '/^const gt_pass gt_pipeline/,/^};/s/^ *{"\([a-z-]*\)", .*/\1/p' src/plan/pipeline.c >"$work/pipeline"
[ "$(wc -l <"$work/pipeline")" -ge 10 ] || { echo "no pipeline was found in src/plan/pipeline.c"; exit 2; }
sed -n '/^## The passes/,/^### To add/s/^| `\([a-z-]*\)` |.*/\1/p' $map >"$work/passes"
diff "$work/pipeline" "$work/passes" >"$work/diff" || {
    echo "the passes of src/plan/pipeline.c (<) and those of $map (>):"
    cat "$work/diff"
    wrong=1
}
sed -n '/^const gt_pass gt_pipeline/,/^};/s/^ *{"\([a-z-]*\)", [^,]*, \([a-z]*\), .*/\1 \2/p' src/plan/pipeline.c |
    sed 's/ true$/ yes/; s/ false$/ no/' >"$work/exact"
sed -n '/^## The passes/,/^### To add/s/^| `\([a-z-]*\)` | [^|]* | \(yes\|no\) |.*/\1 \2/p' $map >"$work/said"
diff "$work/exact" "$work/said" >"$work/diff" || {
    echo "which passes are exact, by src/plan/pipeline.c (<) and by $map (>):"
    cat "$work/diff"
    wrong=1
}
awk '!seen[$0]++' "$work/pipeline" >"$work/names"
sed -n 's/^ \*   \([a-z][a-z-]*\)  .*/\1/p' include/gradtape/plan.h >"$work/header"
diff "$work/names" "$work/header" >"$work/diff" || {
    echo "the passes of src/plan/pipeline.c (<) and those of include/gradtape/plan.h (>):"
    cat "$work/diff"
    wrong=1
}

# The files of the passes over tapes, and those of the phases.
sed -n '/^### Passes over tapes/,/^### Choices/s/^| `[a-z-]*` | `\([a-z_/]*\.c\)` |.*/\1/p
        /^## The phases/,/^### Groups/s/^| [a-z ]* | `\([a-z_/]*\.c\)` |.*/\1/p' $map | sort -u >"$work/stations"
[ "$(wc -l <"$work/stations")" -ge 15 ] || { echo "few files of passes and phases were found in $map"; exit 2; }
while read -r file; do
    sed -n '1,/\*\//p' "src/plan/$file" >"$work/top"
    for word in Needs: Leaves:; do
        grep -q "$word" "$work/top" || { echo "src/plan/$file does not begin with what it needs and leaves ($word)"; wrong=1; }
    done
done <"$work/stations"

# Files: a row of the map names it within its folder's section, as `memory/arena.c` or `arena.c`.
find src/plan src/native -name '*.[ch]' | sort >"$work/files"
awk '
/^### `src\// { room = $2; gsub(/`/, "", room); if (room == "src/plan/rewrite/" || room ~ /^src\/plan\/./) room = "src/plan/"; next }
/^## / { room = "" }
room != "" {
    line = $0
    gsub(/`gradtape\/[a-z]*\.h`/, "", line)
    while (match(line, /`[a-z_\/]*\.[ch]`/)) {
        print room substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, RSTART + RLENGTH)
    }
}' $map | sort >"$work/mapped"
comm -23 "$work/files" "$work/mapped" >"$work/missing"
[ -s "$work/missing" ] && { sed "s|^|$map says nothing of |" "$work/missing"; wrong=1; }
comm -13 "$work/files" "$work/mapped" >"$work/gone"
[ -s "$work/gone" ] && { sed "s|^|$map lists, and there is not (or twice): |" "$work/gone"; wrong=1; }

# Whatever else it names in a room of the planner or of the machine.
grep -o '`\(rewrite\|loops\|order\|memory\|code\|verify\|describe\)/[a-z_]*\.[ch]`' $map | tr -d '`' | sort -u |
    while read -r file; do [ -f "src/plan/$file" ] || echo "$map names src/plan/$file, which is not there"; done >"$work/named"
grep -o '`\(exec\|ops\)/[a-z_]*\.[ch]`' $map | tr -d '`' | sort -u |
    while read -r file; do [ -f "src/$file" ] || echo "$map names src/$file, which is not there"; done >>"$work/named"
[ -s "$work/named" ] && { cat "$work/named"; wrong=1; }

# And the functions and constants that it points at.
grep -o '`\(gt_[a-z_]*\|GT_[A-Z_]*\|[a-z]*_[a-z_]*\)`' $map | tr -d '`' | sort -u | while read -r name; do
    grep -rqw "$name" src/plan src/exec src/native src/ops include meson.build || grep -qw "$name" tests/support/plan_check.c || echo "$map names $name, which is nowhere"
done >"$work/nowhere"
[ -s "$work/nowhere" ] && { cat "$work/nowhere"; wrong=1; }
exit $wrong
