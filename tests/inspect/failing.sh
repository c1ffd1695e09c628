# A driver that is missing, and one that fails.
. "$(dirname "$0")/lib.sh"

LIBVA_DRIVER_NAME=none run 4
check "no driver: the node is named" grep -q "^vfa-inspect: .*$VFA_TEST_NODE" err.txt

# iHD loses what it knew of a surface whose buffer it did not get.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
VFA_I915_FAIL=gem_create:60+:ENOMEM run 0 --no-times
check "out of memory: said of the formats it hit" grep -q '^[A-Z0-9_]*  *create  *.*VA_STATUS_ERROR_ALLOCATION_FAILED' out.txt
check "out of memory: formats before it are there" grep -q '^NV12  *yes' out.txt
finish
