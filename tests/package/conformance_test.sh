#!/bin/bash
# What docs/conformance.md shows: the plug-in is that of consumer/plugin.c, it compiles by VPL's headers and vfa's alone,
# and the answer is the one printed.
#   conformance_test.sh PROGRAM FOLDER
set -euo pipefail
program=$1
work=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${CC:=cc}"

block() # LANGUAGE
{
    awk -v fence="\`\`\`$1" '
        $0 == fence { inside = 1; next }
        inside && $0 == "```" { exit }
        inside' "$root/docs/conformance.md"
}

part=$(block c)
[[ -n $part && "$(<"$here/consumer/plugin.c")" == *"$part"* ]] || {
    echo "FAILED: the plug-in of docs/conformance.md is no part of tests/package/consumer/plugin.c"
    exit 1
}
mkdir -p "$work"
read -ra cflags < <(pkg-config --cflags vpl)
"$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror -shared -fPIC -I "$root/include" "${cflags[@]}" \
    "$here/consumer/plugin.c" -o "$work/plugin.so"
status=0
said=$("$program" --only sharing --only lock "$work/plugin.so") || status=$?
[ "$status" -eq 1 ] || {
    echo "FAILED: exit status $status, not 1"
    exit 1
}
same=$("$program" --only misuse_foreign_mid --verbose "$work/plugin.so")
[[ $same == *'gives the same allocator twice'* ]] || {
    echo "FAILED: one allocator, opened twice, was judged as two"
    exit 1
}
diff <(block text) <(printf '%s\n' "$said") || {
    echo "FAILED: < in docs/conformance.md, > printed by $program"
    exit 1
}
