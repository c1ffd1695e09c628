#!/bin/sh
# The dispatcher finds Intel's runtime for this device, and the runtime says what it is.
#   runtime_test.sh VPL_INSPECT NAME MAJOR-VERSION-OF-API
set -u
output=$("$1" 2>&1) || {
    echo "FAILED: $1 returned $?:"
    echo "$output"
    exit 1
}
echo "$output" | head -n 12
echo "$output" | sed -n "/^Implementation #[0-9]*: $2/,/ApiVersion/p" | grep -q "ApiVersion: $3[.]" || {
    echo "FAILED: no implementation $2 with API $3"
    exit 1
}
