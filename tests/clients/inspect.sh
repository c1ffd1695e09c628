#!/bin/bash
# vpl-inspect and system_analyzer: the runtime as every client finds it.
. "$(dirname "$0")/lib.sh"
need_client vpl-inspect onevpl-tools

client vpl-inspect
for line in 'ImplName: vfa-softrt' 'Impl: MFX_IMPL_TYPE_SOFTWARE' 'ApiVersion: 2.8' 'Mode: MFX_ACCEL_MODE_NA' \
    'CodecID: AVC' 'CodecID: HEVC' 'CodecID: MPG2' 'CodecID: JPEG' 'CodecID: VP8' 'CodecID: VP9' 'CodecID: AV1' \
    'FilterFourCC: VSCL'; do
    check "$command_line: no line '$line'" grep -qE "^ *$line *\$" log.txt
done
tell "one implementation, its codecs and filters"

client system_analyzer
check "$command_line: no vfa-softrt" grep -q 'ImplName: vfa-softrt' log.txt
tell "the implementation"

# What cannot be written is said, and costs no more than that.
SOFTRT_TRACE=no/such/folder vpl-inspect >log.txt 2>err.txt
check 'vpl-inspect without a trace' grep -q 'ImplName: vfa-softrt' log.txt
check 'a trace that cannot be written' grep -q '^softrt: .*SOFTRT_TRACE=no/such/folder' err.txt

finish_section vpl-inspect
