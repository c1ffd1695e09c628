#!/bin/bash
# What a library imports from the C library is in imports.txt: swept, counted, or said why it cannot fail.
set -euo pipefail
library=$1
list=$(dirname "${BASH_SOURCE[0]}")/imports.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# libva's calls are swept by the sweep of the driver, through the table that tests give the backend.
nm --undefined-only --format=just-symbols "${@:2}" "$library" | sed 's/@.*//' | grep -E '^[A-Za-z_]' |
    grep -vE '^(vfa_|va[A-Z]|_ITM_|__gmon_start__$)' | sort -u >"$work/imported" || true
[ -s "$work/imported" ] || { echo "FAILED: $library imports nothing" && exit 1; }

if sed '/^#/d; /^$/d' "$list" | awk '$2 !~ /^(fails|counts|lasts)$/ || ($2 == "lasts" && NF < 3)' | grep .; then
    echo "FAILED: these lines of imports.txt say neither that a function fails nor why it does not"
    exit 1
fi
sed '/^#/d; s/[[:space:]].*//; /^$/d' "$list" | sort -u >"$work/known"
if comm -23 "$work/imported" "$work/known" | grep .; then
    echo "FAILED: the library imports these, and imports.txt does not have them"
    exit 1
fi
echo "$(wc -l <"$work/imported") imports, all of them known"
