#!/bin/bash
# The README's program is the sample of that name, and what it is said to print is what it prints.
set -euo pipefail
minimal=$1 # the built program
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Prints the first fenced block of a language.
block() # LANGUAGE
{
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } inside && $0 == "```" { exit } inside' "$root/README.md"
}

diff <(block c) "$root/samples/minimal/minimal.c" || {
    echo "FAILED: < in README.md, > in samples/minimal/minimal.c"
    exit 1
}
said=$("$minimal")
diff <(block text) <(printf '%s\n' "$said") || {
    echo "FAILED: < in README.md, > printed by $minimal"
    exit 1
}
