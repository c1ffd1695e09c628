# The progress line that a person at a terminal sees.
. "$(dirname "$0")/lib.sh"

if ! command -v script >/dev/null; then
    echo "SKIPPED: needs the program 'script' of util-linux"
    exit 77
fi
if ! script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    echo "SKIPPED: this machine gives no pseudo-terminal (is devpts mounted?)"
    exit 77
fi

ff -f lavfi -i testsrc2=s=640x360:r=30:d=8 -pix_fmt yuv420p -c:v libx264 -preset ultrafast long.mp4
script -qec "$WRAPPER '$TRANSCODE' --overwrite long.mp4 out.mp4" typescript >/dev/null </dev/null
equal "exit" 0 $?
check "progress" grep -qE '[0-9]+ frames, [0-9.]+ fps, [0-9.]+x, [0-9]+:[0-9]+ left' typescript
check "the last word is the summary" grep -q "out.mp4: 240 frames" typescript

finish
