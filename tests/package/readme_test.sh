#!/bin/bash
# The README's programs are those of samples/minimal, and what the first is said to print is what it prints.
set -euo pipefail
minimal=$1 # the built program
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Prints the first fenced block of a language, or the one of that number.
block() # LANGUAGE [NUMBER]
{
    awk -v fence="\`\`\`$1" -v number="${2:-1}" '
        $0 == fence { inside = ++count == number; next }
        inside && $0 == "```" { exit }
        inside' "$root/README.md"
}

diff <(block c) "$root/samples/minimal/minimal.c" || {
    echo "FAILED: < in README.md, > in samples/minimal/minimal.c"
    exit 1
}
part=$(block c 2)
[[ -n $part && "$(<"$root/samples/minimal/video.c")" == *"$part"* ]] || {
    echo "FAILED: the second example of README.md is no part of samples/minimal/video.c"
    exit 1
}
said=$("$minimal")
diff <(block text) <(printf '%s\n' "$said") || {
    echo "FAILED: < in README.md, > printed by $minimal"
    exit 1
}
