#!/bin/bash
# The shared library exports what its headers declare with VFA_API and nothing else, and needs only libc.
set -euo pipefail
library=$1
headers=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../include/vfa" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A declaration may run over several lines: join them, then take the name before the first parenthesis.
sed 's|/\*.*\*/||' "$headers"/*.h | grep -v '^#' | tr '\n' ' ' | grep -oE 'VFA_API [^;]*;' |
    sed -E 's/VFA_[A-Z_]+(\([^)]*\))?//g; s/^[^(]*[ *](vfa_[a-z0-9_]+)\(.*/\1/' | sort >"$work/declared"
nm -D --defined-only --format=just-symbols "$library" | sort >"$work/exported"

[ -s "$work/declared" ] || { echo "FAILED: no declarations were found in $headers" && exit 1; }
diff "$work/declared" "$work/exported" || {
    echo "FAILED: < is declared but not exported, > is exported but not declared"
    exit 1
}
if readelf -d "$library" | grep NEEDED | grep -vE '\[(libc|ld-linux[-a-z0-9]*)\.so'; then
    echo "FAILED: the library needs more than libc"
    exit 1
fi
echo "$(wc -l <"$work/exported") symbols, all of them declared"
