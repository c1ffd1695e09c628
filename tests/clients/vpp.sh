#!/bin/bash
# sample_vpp: conversions equal ffmpeg's, whose libswscale does them for both.
#   vpp.sh sw      in system memory
#   vpp.sh hw      in VA surfaces, on the runtime in its guise of hardware
. "$(dirname "$0")/lib.sh"
need_client sample_vpp onevpl-tools
kind=$1
case $kind in
sw) memory=(-lib sw) ;;
hw) memory=(-lib hw -vaapi -dispatcher:fullSearch -device "$node") ;;
esac

# process RAW PIXEL-FORMAT WIDTHxHEIGHT TO-FORMAT WIDTHxHEIGHT FILTER OPTION...
process()
{
    local raw=$1 from=$2 size=$3 to=$4 out=$5 filter=$6 expected
    shift 6
    client sample_vpp "${memory[@]}" -i "$raw" -sw "${size%x*}" -sh "${size#*x}" -o out.yuv \
        -dw "${out%x*}" -dh "${out#*x}" "$@"
    expected=$("$FFMPEG" -nostdin -v error -f rawvideo -pix_fmt "$from" -s "$size" -i "$raw" ${filter:+-vf "$filter"} \
        -f rawvideo -pix_fmt "$to" - | md5sum)
    equal "$command_line: md5 of the pictures" "$expected" "$(md5sum <out.yuv)"
    tell "ffmpeg's $to${filter:+, $filter}"
}

# In both memories. (-denoise looks at the argument after its own, and so cannot be the last one.)
process src.nv12 nv12 176x144 nv12 96x80 scale=96:80 -scc nv12 -dcc nv12
process src.nv12 nv12 176x144 nv12 96x80 crop=96:80:16:16 -scc nv12 -scrX 16 -scrY 16 -scrW 96 -scrH 80 -dcc nv12
process src.nv12 nv12 176x144 nv12 96x80 scale=96:80:flags=lanczos -scc nv12 -dcc nv12 -scaling_mode 2
process src.nv12 nv12 176x144 yuyv422 176x144 '' -scc nv12 -dcc yuy2
process src.nv12 nv12 176x144 bgra 176x144 '' -scc nv12 -dcc rgb4
process src.p010 p010le 176x144 nv12 176x144 '' -scc p010 -sbitshift 0 -dcc nv12
process src.nv12 nv12 176x144 nv12 176x144 hqdn3d=4 -denoise 50 -scc nv12 -dcc nv12
process src.nv12 nv12 176x144 nv12 176x144 unsharp=la=1 -scc nv12 -dcc nv12 -detail 50
process src.nv12 nv12 176x144 nv12 144x176 transpose=clock -scc nv12 -dcc nv12 -rotate 90
process src.nv12 nv12 176x144 nv12 176x144 hflip -scc nv12 -dcc nv12 -mirror 1
process src.nv12 nv12 176x144 nv12 176x144 fps=2*source_fps:round=up -scc nv12 -dcc nv12 -df 60
process src.nv12 nv12 176x144 nv12 176x144 fps=source_fps/2:round=up -scc nv12 -dcc nv12 -df 15

# Parameters that change between frames, by Reset.
process src.nv12 nv12 176x144 nv12 176x144 'hflip=enable=lt(n\,6),vflip=enable=gte(n\,6)' \
    -scc nv12 -dcc nv12 -mirror 1 -reset_start 6 -mirror 2 -reset_end

# Colours that change from frame to frame, by a buffer on each output surface.
first='enable=lt(mod(n\,6)\,3)' then='enable=gte(mod(n\,6)\,3)'
process src.nv12 nv12 176x144 nv12 176x144 "lutyuv=y=val-20:$first,lutyuv=y=val+30:$then" -scc nv12 -dcc nv12 -rt_bri 3 -20 30
process src.nv12 nv12 176x144 nv12 176x144 "hue=h=-60:$first,hue=h=60:$then" -scc nv12 -dcc nv12 -rt_hue 3 -60 60
process src.nv12 nv12 176x144 nv12 176x144 "hue=s=0.5:$first,hue=s=2:$then" -scc nv12 -dcc nv12 -rt_sat 3 0.5 2
process src.nv12 nv12 176x144 nv12 176x144 \
    "lutyuv=y=floor((val-16)*0.5+16.5):$first,hue=s=0.5:$first,lutyuv=y=floor((val-16)*1.5+16.5):$then,hue=s=1.5:$then" \
    -scc nv12 -dcc nv12 -rt_con 3 0.5 1.5 -pa_bri 20

if [ "$kind" = sw ]; then
    process src.yuv yuv420p 176x144 yuv420p 176x144 '' -scc i420 -dcc i420
    process src.yuv yuv420p 176x144 nv12 176x144 '' -scc i420 -dcc nv12
    process src.nv12 nv12 176x144 yuv420p 176x144 '' -scc nv12 -dcc i420
    process odd.yuv yuv420p 162x122 yuv420p 162x122 '' -scc i420 -dcc i420
    process src.yuv yuv420p 176x144 yuyv422 176x144 '' -scc i420 -dcc yuy2
    process src.yuv yuv420p 176x144 bgra 176x144 '' -scc i420 -dcc rgb4
    process src.i010 yuv420p10le 176x144 yuv420p 176x144 '' -scc i010 -dcc i420
    process src.yuv yuv420p 176x144 yuv420p 176x144 hqdn3d=4 -denoise 50 -scc i420 -dcc i420
else
    process src.nv12 nv12 176x144 nv12 96x80 scale=96:80 -scc nv12 -dcc nv12 -iopattern sys_to_d3d
    process src.nv12 nv12 176x144 nv12 96x80 scale=96:80 -scc nv12 -dcc nv12 -iopattern d3d_to_sys
    process src.nv12 nv12 176x144 nv12 96x80 scale=96:80 -scc nv12 -dcc nv12 -iopattern d3d_to_d3d -async 4
fi

# Two streams of one file, the second one smaller: sample_vpp reads where they go from a file, and both from theirs.
stream() # FIRST-LINE X Y WIDTHxHEIGHT
{
    printf '%s=src.nv12\ndstx=%s\ndsty=%s\ndstw=%s\ndsth=%s\n' "$1" "$2" "$3" "${4%x*}" "${4#*x}"
    printf 'width=176\nheight=144\ncropx=0\ncropy=0\ncropw=176\ncroph=144\nframerate=30\nfourcc=nv12\n\n'
}
{ stream primarystream 0 0 176x144 && stream stream 40 20 88x72; } >streams.txt
process src.nv12 nv12 176x144 nv12 176x144 \
    'split[a][b];[b]scale=88:72:flags=bicubic[c];[a][c]overlay=40:20:format=yuv420' \
    -scc nv12 -dcc nv12 -composite streams.txt

finish_section "sample_vpp-$kind"
