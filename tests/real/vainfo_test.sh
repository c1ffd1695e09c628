#!/bin/sh
# vainfo opens the device and lists what iHD can do there: at least the decoding of AVC and processing.
#   vainfo_test.sh VAINFO
set -u
output=$("$1" --display drm --device "$VFA_TEST_NODE" 2>&1) || {
    echo "FAILED: $1 returned $?:"
    echo "$output"
    exit 1
}
echo "$output"
for line in 'Driver version: Intel iHD driver' 'VAProfileH264High *:.VAEntrypointVLD' \
    'VAProfileNone *:.VAEntrypointVideoProc'; do
    echo "$output" | grep -q "$line" || {
        echo "FAILED: the list has no '$line'"
        exit 1
    }
done
