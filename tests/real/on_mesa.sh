#!/bin/sh
# Runs a command with Mesa's nouveau VA driver over Mesa's own shim of the kernel driver, which needs no GPU. The shim
# computes nothing: YUY2 and RGB surfaces keep what is put into them, others lose it.
#
#   on_mesa.sh COMMAND [ARGUMENT]...
#
# VFA_TEST_MESA: the folder of Mesa's libraries (tests/support/mesa.sh unpacks them). Without it: SKIPPED, status 77.
set -u
shim=${VFA_TEST_MESA:-}/libnouveau_noop_drm_shim.so
if [ ! -e "$shim" ] || [ ! -e "$VFA_TEST_MESA/dri/nouveau_drv_video.so" ]; then
    echo "SKIPPED: there is no Mesa with nouveau's VA driver and its shim (tests/run.sh unpacks them from Debian's backports)"
    exit 77
fi
export VFA_TEST_NODE=/dev/dri/renderD128
export LIBVA_DRIVER_NAME=nouveau LIBVA_DRIVERS_PATH="$VFA_TEST_MESA/dri"
export LD_LIBRARY_PATH="$VFA_TEST_MESA${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# AddressSanitizer wants to be the first library; the shim hides nothing that it watches memory by. But the driver leaks
# what vaInitialize made, and LeakSanitizer, which opens a file at exit to say so, waits for ever: the shim's open uses
# what the shim has freed by then.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0:detect_leaks=0"
export LD_PRELOAD="$shim"
exec "$@"
