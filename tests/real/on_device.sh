#!/bin/sh
# Runs a command with an Intel GPU: on the machine's own where it has one, else under the preload shim of the kernel
# driver, else not at all: "SKIPPED" with the reason, and status 77. tests/real/CMakeLists.txt puts it before each test.
#
#   on_device.sh [--shim] [--needs FILE]... -- COMMAND [ARGUMENT]...
#
# --shim    under the shim even where there is a GPU: for tests of the shim, and of failures that only it can make
# --needs   a file without which there is no point; may be given several times
#
# The command finds the path of the render node in VFA_TEST_NODE, and under the shim a 1 in VFA_TEST_UNDER_SHIM. From the
# environment:
#   VFA_TEST_SHIM     the shim; empty where it cannot be built
#   VFA_TEST_DRIVERS  the folder of the VA drivers
#   VFA_TEST_DEVICE   a render node to be used instead of the first one of Intel's, or "shim"
# and the shim's own (tests/support/i915/shim.h).
set -u

skip()
{
    echo "SKIPPED: $*"
    exit 77
}

# The first render node of Intel's that this user may use.
intel_node()
{
    for node in /sys/class/drm/renderD*; do
        device=/dev/dri/${node##*/}
        if [ "$(cat "$node/device/vendor" 2>/dev/null)" = 0x8086 ] && [ -r "$device" ] && [ -w "$device" ]; then
            echo "$device"
            return
        fi
    done
}

wanted=${VFA_TEST_DEVICE:-$(intel_node)}
while [ "$#" -gt 0 ]; do
    case $1 in
    --shim) wanted=shim ;;
    --needs)
        [ -e "$2" ] || skip "this machine has no $2"
        shift
        ;;
    --)
        shift
        break
        ;;
    *)
        echo "on_device.sh: unknown option '$1'" >&2
        exit 2
        ;;
    esac
    shift
done
[ -e "$VFA_TEST_DRIVERS/iHD_drv_video.so" ] || skip "there is no iHD_drv_video.so (Debian: intel-media-va-driver)"

export LIBVA_DRIVER_NAME=iHD
if [ -n "$wanted" ] && [ "$wanted" != shim ]; then
    export VFA_TEST_NODE="$wanted"
    exec "$@"
fi
[ -n "$VFA_TEST_SHIM" ] || skip "there is no Intel render node, and the shim is for x86-64 with glibc 2.33 or later"
export VFA_TEST_NODE=/dev/dri/renderD128 VFA_TEST_UNDER_SHIM=1
# AddressSanitizer wants to be the first library; the shim, which it would find before itself, hides nothing that it
# watches memory by.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
export LD_PRELOAD="$VFA_TEST_SHIM"
exec "$@"
