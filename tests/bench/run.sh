#!/bin/bash
# Measures the sample transcoder against ffmpeg on a clip made here: 10 s of 1280x720 AVC. Called by
# tests/run.sh --bench, which builds what it needs.
set -euo pipefail
build=$1
shift
clip=$build/bench-clip.mp4

if [ ! -s "$clip" ]; then
    ffmpeg -nostdin -v error -y -f lavfi -i "mandelbrot=size=1280x720:rate=30:end_scale=0.001:end_pts=300" \
        -frames:v 300 -c:v libx264 -preset medium -crf 18 -pix_fmt yuv420p -f mp4 "$clip.part"
    mv "$clip.part" "$clip"
fi
exec "$build/tests/bench/transcode_bench" --transcode "$build/samples/transcode/sample_transcode" \
    --softrt "$build/softrt" --clip "$clip" --work "$build" "$@"
