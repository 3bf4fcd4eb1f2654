#!/bin/sh
# Includes inside src/ go one way:
#   base <- graph <- ops <- native <- exec <- plan <- check, dump <- lang <- diagnose, train, cli
# io/, which replaces files as a whole, stands on base/ alone; dump/ writes with it.
# models/ composes ops through the public headers, like a user; of src/ it may
# use base/ alone. The command line and the examples use the public headers only.
# A folder may always include its own headers. Usage: include_order.sh SOURCE_ROOT
set -u
cd "$1" || exit 2

allowed() {
    case "$1" in
    base) echo "base" ;;
    graph) echo "base graph" ;;
    ops) echo "base graph ops" ;;
    native) echo "base ops native" ;;
    exec) echo "base graph ops native exec" ;;
    plan) echo "base graph ops native exec plan" ;;
    check) echo "base graph ops plan exec check" ;;
    dump) echo "base graph ops plan exec io dump" ;;
    lang) echo "base graph ops plan exec check dump lang" ;;
    diagnose) echo "base graph ops plan exec check lang diagnose" ;;
    io) echo "base io" ;;
    models) echo "base models" ;;
    train) echo "base train" ;;
    cli) echo "cli" ;;
    *) echo "" ;;
    esac
}

wrong=0
checked=0
for file in $(find src -name '*.c' -o -name '*.h' | sort); do
    folder=$(echo "$file" | cut -d/ -f2)
    for target in $(sed -n 's/^ *# *include "\([^"]*\)".*/\1/p' "$file"); do
        checked=$((checked + 1))
        case "$target" in
        gradtape.h | gradtape/*) continue ;;
        */*) to=${target%%/*} ;;
        *)
            echo "$file includes \"$target\" without its folder: write \"$folder/...\""
            wrong=1
            continue
            ;;
        esac
        case " $(allowed "$folder") " in
        *" $to "*) ;;
        *)
            # The command line shares the handwritten formulas with the tests.
            [ "$folder" = cli ] && [ "$to" = handwritten ] && continue
            echo "$file includes \"$target\": $folder/ may include $(allowed "$folder") and the public headers"
            wrong=1
            ;;
        esac
    done
done
for file in $(find examples -name '*.c' | sort); do
    for target in $(sed -n 's/^ *# *include "\([^"]*\)".*/\1/p' "$file"); do
        checked=$((checked + 1))
        case "$target" in
        gradtape.h | gradtape/*) ;;
        *)
            echo "$file includes \"$target\": examples use the public headers only"
            wrong=1
            ;;
        esac
    done
done
# graph/, exec/ and dump/ read descriptors and never name an op of ops/.
if grep -nE '\bgt_op_(add|sub|mul|div|tanh|sigmoid|matmul|concat|split|slice|sum|softmax|input|fill)\b' \
    src/graph/*.[ch] src/exec/*.[ch] src/dump/*.[ch] 2>/dev/null; then
    echo "the lines above name an op; read its descriptor instead"
    wrong=1
fi
[ "$checked" -gt 50 ] || { echo "only $checked includes were found: is $1 the source tree?"; exit 2; }
exit $wrong
