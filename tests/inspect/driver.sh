# What it prints of a driver, as text, Markdown and JSON.
. "$(dirname "$0")/lib.sh"

run 0 --device "$VFA_TEST_NODE"
check "text keeps to 100 columns" test "$(wc -L <out.txt)" -le 100
check "text names the driver" grep -q 'iHD driver' out.txt
check "text has costs" grep -q '^NV12  *read+write  *[0-9]' out.txt
check "text says why not" grep -q '^NV16  *create .*no equivalent' out.txt
created=$(grep -c '^[A-Z0-9_]*  *yes ' out.txt)
check "text: there are formats" test "$created" -gt 10

run 0 --device "$VFA_TEST_NODE" --markdown
equal "Markdown: the same formats" "$created" "$(grep -c '^| [A-Z0-9_]* | yes | ' out.txt)"

run 0 --device "$VFA_TEST_NODE" --json
equal "JSON: the same formats" "$created" "$(grep -c '"created": true' out.txt)"
equal "JSON: the node" "$VFA_TEST_NODE" "$(json device)"
equal "JSON: all formats" "$($INSPECT --list | tail -n +2 | wc -l)" "$(json LENGTH formats)"
equal "JSON: NV12" NV12 "$(json formats 0 name)"
equal "JSON: NV12 through an image" ON "$(json formats 0 ways image works)"
check "JSON: what a map costs" test "$(json formats 0 ways image ns read)" -gt 0
equal "JSON: NV12 out as a dma-buf and in again" yes "$(json formats 0 import result)"
equal "JSON: NV12 in a layer for all, and in one a plane" "1 2" \
    "$(json formats 0 export layers) $(json formats 0 export separate_layers)"
check "JSON: what is taken" test -n "$(json formats 0 taken read)"

run 0 --device "$VFA_TEST_NODE" --json --no-times --format P010 --size 64x48 --usage decode,export
equal "one format" 1 "$(json LENGTH formats)"
equal "one format: its name" P010 "$(json formats 0 name)"
equal "size" 64x48 "$(json width)x$(json height)"
equal "usage: decoder and export" 33 "$(json formats 0 usage)"
check "--no-times: no times" test -z "$(grep -E '_ns"|"ns"|taken' out.txt)"

# Larger than the driver makes: part of the answer.
run 0 --device "$VFA_TEST_NODE" --format NV12 --size 65535x65535
check "too large: not created" grep -q '^NV12  *no ' out.txt
check "too large: why" grep -q '^NV12  *create  *.*VA_STATUS_ERROR_' out.txt
finish
