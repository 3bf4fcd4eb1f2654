#!/bin/bash
# What the shells complete. Usage: completion.sh GRADTAPE
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
status=0
for shell in bash zsh fish; do
    "$1" completion $shell > "$folder/$shell" || exit 1
    if command -v $shell > "$folder/where"; then
        $shell -n "$folder/$shell" || status=1
    else
        echo "$shell is not here: its script is not checked"
    fi
done
. "$folder/bash"
# completes WANTED WORD...: the last word is the one being written
completes() {
    local wanted=$1
    shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _gradtape
    [[ " ${COMPREPLY[*]} " == *" $wanted "* ]] && return
    echo "'$*' gives '${COMPREPLY[*]}', without $wanted"
    status=1
}
completes train gradtape tr
completes --save gradtape train --sa
completes lstm gradtape check ls
completes lstm gradtape train --cell ls
completes fish gradtape completion f
completes --overwrite gradtape train --log x --over
exit $status
