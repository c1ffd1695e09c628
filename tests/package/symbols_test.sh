#!/bin/bash
# A shared library exports what the headers declare with VFA_API and nothing else, and needs no other libraries than
# those that are said here. What begins with vfa_va_ is libvfa-va's; everything else is libvfa's.
set -euo pipefail
name=$1    # vfa or vfa-va
library=$2 # the file
headers=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../include/vfa" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $name in
vfa)
    ours=(grep -v '^vfa_va_')
    needs='libc|ld-linux[-a-z0-9]*'
    ;;
vfa-va)
    ours=(grep '^vfa_va_')
    needs='libc|ld-linux[-a-z0-9]*|libvfa|libva|libva-drm'
    ;;
*)
    echo "FAILED: no library is called '$name'"
    exit 1
    ;;
esac

# A declaration may run over several lines: join them, then take the name before the first parenthesis.
sed 's|/\*.*\*/||' "$headers"/*.h | grep -v '^#' | tr '\n' ' ' | grep -oE 'VFA_API [^;]*;' |
    sed -E 's/VFA_[A-Z_]+(\([^)]*\))?//g; s/^[^(]*[ *](vfa_[a-z0-9_]+)\(.*/\1/' | "${ours[@]}" | sort >"$work/declared"
nm -D --defined-only --format=just-symbols "$library" | sort >"$work/exported"

[ -s "$work/declared" ] || { echo "FAILED: no declarations were found in $headers" && exit 1; }
diff "$work/declared" "$work/exported" || {
    echo "FAILED: < is declared but not exported, > is exported but not declared"
    exit 1
}
if readelf -d "$library" | grep NEEDED | grep -vE "\[($needs)\.so"; then
    echo "FAILED: the library needs others than $needs"
    exit 1
fi
echo "$(wc -l <"$work/exported") symbols, all of them declared"
