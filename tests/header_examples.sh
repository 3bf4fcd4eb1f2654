#!/bin/sh
# Compiles the examples in the public headers. Usage: header_examples.sh SOURCE_ROOT COMPILER...
# An example is a block of indented lines in a comment that calls the library. What it
# takes from its surroundings stands in header_examples.h.
set -u
root=$1
shift
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
file=$folder/examples.c

cat >"$file" <<HEAD
#include <gradtape.h>
#include <stdio.h>
#include <string.h>
#include "$root/tests/header_examples.h"
HEAD

# Functions and tables stand at file scope, statements in a function of their own.
awk '
function finish(  i, body) {
    if (code && lines > 0) {
        printf "\n#line %d \"%s\"\n", first, name
        body = !(block[1] ~ /^static/)
        if (body)
            printf "void example_%d(void) {\n", ++examples
        for (i = 1; i <= lines; i++) {
            if (i > 1 && block[i - 1] == "" && !body && block[i] !~ /^static/) {
                printf "void example_%d(void) {\n", ++examples
                body = 1
            }
            print block[i]
        }
        if (body)
            print "}"
    }
    lines = code = 0
}
FNR == 1 { finish(); name = FILENAME }
/^ \*     / {
    if (lines == 0)
        first = FNR
    block[++lines] = substr($0, 8)
    if ($0 ~ /gt_[a-z_]*[ (]/ && $0 ~ /[;{]/)
        code = 1
    next
}
/^ \*$/ && lines > 0 { block[++lines] = ""; next }
{ finish() }
END { finish(); print "/* " examples " examples */" }
' "$root"/include/gradtape.h "$root"/include/gradtape/*.h >>"$file"

# Fewer than there are today: the examples were not found.
count=$(sed -n 's/^\/\* \([0-9]*\) examples \*\/$/\1/p' "$file")
if [ "${count:-0}" -lt 15 ]; then
    echo "only ${count:-0} examples were found in $root/include" >&2
    exit 1
fi
"$@" -std=c11 -Wall -Werror -Wno-unused -Wno-missing-prototypes -fsyntax-only -I"$root/include" "$file" || exit 1
echo "$count examples compile"
