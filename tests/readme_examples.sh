#!/bin/sh
# The C programs in the README are those of examples/, to the letter. Usage: readme_examples.sh SOURCE_ROOT
set -u
cd "$1" || exit 2
block() {
    awk -v wanted="$1" '/^```c$/ { n++; inside = n == wanted; next } /^```$/ { inside = 0 } inside' README.md
}
status=0
n=0
for example in examples/expression.c examples/minimal_gated_unit.c; do
    n=$((n + 1))
    block $n | diff - "$example" || {
        echo "block $n of C in README.md differs from $example"
        status=1
    }
done
exit $status
