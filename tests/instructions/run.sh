#!/bin/bash
# Counts the instructions of what is done for every frame, under callgrind, and compares them with recorded.txt: more by
# over 5% is a failure. The counts depend on the compiler and the processor, not on the load of the machine; they are of
# Debian 12's GCC on x86-64, in a release build.
#
#   run.sh LIBRARY-FOLDER WORK-FOLDER            compares
#   run.sh --record LIBRARY-FOLDER WORK-FOLDER   writes recorded.txt anew
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
record=false
if [ "${1:-}" = --record ]; then
    record=true
    shift
fi
library=$1 work=$2
mkdir -p "$work"
program=$work/hot_paths
# shellcheck disable=SC2046
"${CC:-cc}" -std=c11 -O2 -Wall -Wextra -Werror -I"$here/../../include" $(pkg-config --cflags vpl) "$here/hot_paths.c" \
    -o "$program" -L"$library" -lvfa -Wl,-rpath,"$library"

# The instructions of a whole run.
whole() # PATH TIMES
{
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\)$/\1/p' | grep .
}

once() # PATH
{
    local few many
    few=$(whole "$1" 1000)
    many=$(whole "$1" 6000)
    echo $(((many - few + 2500) / 5000))
}

paths="acquire_8 acquire_64 acquire_64_full acquire_4096_full lock alloc_kept"
if $record; then
    {
        sed -n '/^#/p' "$here/recorded.txt"
        for path in $paths; do echo "$path $(once "$path")"; done
    } >"$work/recorded.txt"
    mv "$work/recorded.txt" "$here/recorded.txt"
    exit
fi

failed=0
for path in $paths; do
    recorded=$(sed -n "s/^$path \([0-9]*\)$/\1/p" "$here/recorded.txt")
    [ -n "$recorded" ] || { echo "FAILED: recorded.txt has no $path" && exit 1; }
    now=$(once "$path")
    echo "FIGURE instructions_$path $now"
    if [ $((now * 100)) -gt $((recorded * 105)) ]; then
        echo "FAILED: $path takes $now instructions; recorded are $recorded"
        failed=1
    elif [ $((now * 100)) -lt $((recorded * 95)) ]; then
        echo "$path takes $now instructions; recorded are $recorded: worth recording anew (--record)"
    fi
done
exit $failed
