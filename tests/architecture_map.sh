#!/bin/sh
# docs/architecture.md is a map of the tree as it is: every room of src/ is on it, and every file
# and every function that it names is there. Usage: architecture_map.sh SOURCE_ROOT
set -u
cd "$1" || exit 2
map=docs/architecture.md
wrong=0
checked=0

for folder in src/*/; do
    room=${folder#src/}
    grep -q "src/$room\|\`$room[a-z_]*\.[ch]\`\|[^a-z]$room[a-z_*]*\.[ch]" $map || {
        echo "$map does not name $folder"
        wrong=1
    }
done

# Files: with their room, or alone where the room was named before; * stands for any letters.
for file in $(grep -o '`[a-z_*/]*\.[ch]`' $map | tr -d '`' | sort -u); do
    checked=$((checked + 1))
    case $file in
    src/* | include/*) found=$(ls $file 2>/dev/null) ;;
    */*) found=$(ls src/$file 2>/dev/null) ;;
    *) found=$(ls src/*/$file 2>/dev/null) ;;
    esac
    [ -n "$found" ] || { echo "$map names $file, which is not there"; wrong=1; }
done
[ $checked -gt 40 ] || { echo "only $checked files were found in $map"; exit 2; }

for name in $(grep -o '`[a-z_]*_[a-z_]*`' $map | tr -d '`' | sort -u); do
    case $name in n_* | repair_*) continue ;; esac
    grep -rqw "$name" src include || { echo "$map names $name, which is nowhere"; wrong=1; }
done
exit $wrong
