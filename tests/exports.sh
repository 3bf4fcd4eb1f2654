#!/bin/sh
# The shared library exports what the public headers declare with GT_API, and nothing else.
# What clang adds to count coverage is no name of ours.
# Usage: exports.sh NM LIBRARY SOURCE_ROOT COMPILER...
set -u
nm=$1 library=$2 root=$3
shift 3
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

"$nm" -D --defined-only "$library" | awk 'NF == 3 && $2 ~ /^[TDBRVW]$/ && $3 !~ /^__(start_|stop_)?_*llvm_/ { print $3 }' | sort >"$work/exported"
# One declaration a line; its name is the first before a parenthesis, a bracket or the end.
"$@" -E -P -I"$root/include" -x c "$root/include/gradtape.h" | tr '\n' ' ' | tr ';{}' '\n\n\n' |
    sed -n 's/.*__attribute__((visibility("default")))//p' |
    sed 's/^[^([]*[^A-Za-z0-9_]\(gt_[a-z0-9_]*\) *\([([].*\)\{0,1\}$/\1/' | sort >"$work/declared"
[ "$(wc -l <"$work/declared")" -gt 200 ] || { echo "only $(wc -l <"$work/declared") declarations were found"; exit 2; }

wrong=0
complain() {
    [ -z "$1" ] && return
    printf '%s\n' "$1" | sed "s|\$|: $2|"
    wrong=1
}
complain "$(comm -13 "$work/declared" "$work/exported")" "exported, but no public header declares it"
complain "$(comm -23 "$work/declared" "$work/exported")" "declared in a public header, but not exported"
complain "$(cd "$root" && grep -ln 'GT_API' -r src)" "only a public header may say GT_API"
echo "$(wc -l <"$work/exported") names are exported"
exit $wrong
