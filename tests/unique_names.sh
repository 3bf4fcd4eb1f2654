#!/bin/sh
# A static library shows all of its names, so no two parts of the command may define the same one.
# Usage: unique_names.sh NM LIBRARY...
set -u
nm=$1
shift
names=$("$nm" --defined-only --extern-only "$@" | awk 'NF == 3 && $2 ~ /^[TDBRV]$/ { print $3 }')
count=$(printf '%s\n' "$names" | grep -c '^gt_')
[ "$count" -gt 500 ] || { echo "only $count names were found in $*"; exit 2; }
twice=$(printf '%s\n' "$names" | grep '^gt_' | sort | uniq -d)
[ -z "$twice" ] && exit 0
echo "defined more than once: $twice"
exit 1
