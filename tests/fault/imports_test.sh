#!/bin/bash
# What a library imports from the C library is in imports.txt: swept, counted, or said why it cannot fail. With --list,
# the other way round: what is said to be swept is called by one of the libraries.
set -euo pipefail
list=$(dirname "${BASH_SOURCE[0]}")/imports.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# libva's calls are swept by the sweep of the driver, through the table that tests give the backend.
imports_of() # LIBRARY...
{
    nm --undefined-only --format=just-symbols --dynamic "$@" | sed 's/@.*//' | grep -E '^[A-Za-z_]+$' |
        grep -vE '^(vfa_|va[A-Z]|_ITM_|__gmon_start__$)' | sort -u
}

if [ "$1" = --list ]; then
    imports_of "${@:2}" >"$work/imported"
    awk '$2 ~ /^(fails|counts)$/ && $3 != "spare" { print $1 }' "$list" | sort -u >"$work/swept"
    awk '$3 == "spare" { print $1 }' "$list" | sort -u >"$work/spare"
    if comm -13 "$work/imported" "$work/swept" | grep .; then
        echo "FAILED: imports.txt says that these are swept or counted, and no library calls them"
        exit 1
    fi
    if comm -12 "$work/imported" "$work/spare" | grep .; then
        echo "FAILED: imports.txt says that these are spare, and a library calls them"
        exit 1
    fi
    echo "$(wc -l <"$work/swept") of the list are called, $(wc -l <"$work/spare") are spare"
    exit
fi

library=$1
imports_of "$library" >"$work/imported" || true
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
