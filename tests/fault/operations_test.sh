#!/bin/bash
# Every function of the public headers is an operation of the sweep, or says here why not: a new one cannot be forgotten.
set -euo pipefail
program=$1
headers=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../include/vfa" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The two of session.h are calls of the session and no others; tests/real/session_test.c and softrt.session have what
# these answer passed on.
cat >"$work/exempt" <<'EXEMPT'
vfa_session_attach
vfa_session_attach_joined
EXEMPT

# A declaration may run over several lines: join them, then take the name before the first parenthesis.
sed 's|/\*.*\*/||' "$headers"/*.h | grep -v '^#' | tr '\n' ' ' |
    grep -oE '(VFA_API|static inline) [^;{]*\(' | sed -E 's/VFA_[A-Z_]+(\([^)]*\))?//g' |
    sed -E 's/^[^(]*[ *](vfa_[a-z0-9_]+)\(.*/\1/' | sort -u >"$work/declared"
"$program" --operations | sed 's/:.*//' | sort -u | cat - "$work/exempt" | sort -u >"$work/swept"

[ "$(wc -l <"$work/declared")" -ge 90 ] || { echo "FAILED: hardly any declarations were found in $headers" && exit 1; }
if comm -23 "$work/declared" "$work/swept" | grep .; then
    echo "FAILED: the headers declare these, and no operation of the sweep is called so"
    exit 1
fi
if comm -13 "$work/declared" "$work/swept" | grep '^vfa_'; then
    echo "FAILED: the sweep names these, and no header declares them"
    exit 1
fi
echo "$(wc -l <"$work/declared") functions, all of them swept"
