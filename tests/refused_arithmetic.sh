#!/bin/sh
# Compilers whose arithmetic would give wrong numbers are refused, in words that say what to do; the
# flags of this build are not. Usage: refused_arithmetic.sh SOURCE COMPILER...
set -u
source=$1
shift
status=0

compile() { "$@" -std=gnu11 -fsyntax-only "$source" 2>&1; }

# WORDS COMPILER...: must fail and say so. A flag that the compiler or its target has not is passed over.
refused() {
    words=$1
    shift
    if said=$(compile "$@"); then
        echo "accepted: $*"
        status=1
    elif ! echo "$said" | grep -q "gradtape looks for NaN\|doubles are computed in another precision"; then
        echo "passed over: $*: $said"
    elif ! echo "$said" | grep -q -e "$words"; then
        echo "$*: says: $said"
        status=1
    else
        count=$((count + 1))
    fi
}

compile "$@" || { echo "refused: $*"; status=1; }
count=0
for flag in -ffast-math -Ofast -ffinite-math-only; do
    refused "compile without -ffast-math or -Ofast" "$@" "$flag"
done
[ "$count" -eq 3 ] || status=1
# The x87 unit, where it is: gcc may use it in 64 bits too, clang only without SSE.
if "$@" -dM -E -x c /dev/null | grep -q "__x86_64__\|__i386__"; then
    count=0
    refused "compile with -msse2 -mfpmath=sse" "$@" -mfpmath=387
    refused "compile with -msse2 -mfpmath=sse" "$@" -m32 -mno-sse
    [ "$count" -ge 1 ] || { echo "no form of x87 arithmetic was tried"; status=1; }
fi
# What compilers tell of by no macro is refused when a build is configured.
if command -v meson >/dev/null; then
    folder=$(mktemp -d)
    for flag in -fassociative-math -freciprocal-math; do
        if CC="$*" CFLAGS=$flag meson setup "$folder/build" "$(dirname "$source")/../.." >"$folder/log" 2>&1; then
            echo "configured: $flag"
            status=1
        elif ! grep -q "ERROR: .*gradtape looks for NaN .* compile without $flag" "$folder/log"; then
            echo "$flag: says: $(tail -n 3 "$folder/log")"
            status=1
        fi
        rm -rf "$folder/build"
    done
    rm -r "$folder"
fi
exit $status
