# What else a file holds: other streams, metadata, chapters, rotation, aspect, colours.
. "$(dirname "$0")/lib.sh"

ff -f lavfi -i testsrc2=s=320x180:r=25:d=2 -pix_fmt yuv420p -c:v libx264 -preset ultrafast video.mp4
cat >words.srt <<'SRT'
1
00:00:00,200 --> 00:00:00,900
One.

2
00:00:01,000 --> 00:00:01,800
Two.
SRT
cat >chapters.txt <<'META'
;FFMETADATA1
title=A title
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1000
title=First
[CHAPTER]
TIMEBASE=1/1000
START=1000
END=2000
title=Second
META
ff -i video.mp4 -f lavfi -i sine=440:d=2 -f lavfi -i sine=880:d=2 -i words.srt -i chapters.txt -map 0:v -map 1:a -map 2:a \
    -map 3:s -map_metadata 4 -c:v copy -c:a:0 aac -c:a:1 flac -c:s srt -metadata:s:a:0 language=fra \
    -metadata:s:v:0 title="The picture" -disposition:a:1 comment full.mkv
run 0 full.mkv out.mkv
equal "streams" "h264 aac flac subrip" "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 out.mkv | tr -d ',' | xargs)"
for stream in a:0 a:1; do
    equal "sound $stream" "$(copied_md5 full.mkv $stream)" "$(copied_md5 out.mkv $stream)"
done
equal "subtitles" "$(ffmpeg -v error -i full.mkv -map 0:s -f srt -)" "$(ffmpeg -v error -i out.mkv -map 0:s -f srt -)"
equal "language" fra "$(ffprobe -v error -select_streams a:0 -show_entries stream_tags=language -of csv=p=0 out.mkv)"
equal "comment" 1 "$(ffprobe -v error -select_streams a:1 -show_entries stream_disposition=comment -of csv=p=0 out.mkv)"
equal "title of the stream" "The picture" "$(ffprobe -v error -select_streams v -show_entries stream_tags=title -of csv=p=0 out.mkv)"
equal "title" "A title" "$(ffprobe -v error -show_entries format_tags=title -of csv=p=0 out.mkv)"
list_chapters() { ffprobe -v error -show_entries chapter=start_time,end_time:chapter_tags=title -of csv=p=0 "$1"; }
equal "chapters" "$(list_chapters full.mkv)" "$(list_chapters out.mkv)"

# A container that cannot hold a stream leaves it out, and says so.
run 0 full.mkv out.mp4
check "mp4 without srt: said" grep -q "stream 3 (subtitle, subrip) is left out" err.txt
equal "mp4: streams, and the track that mp4 keeps chapters in" "h264 aac flac bin_data" \
    "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 out.mp4 | tr -d ',' | xargs)"
equal "mp4: chapters" "0.000000,1.000000,First 1.000000,2.000000,Second" "$(list_chapters out.mp4 | xargs)"

# Rotation.
ff -i video.mp4 -c copy -metadata:s:v rotate=90 rotated.mp4
rotation() { ffprobe -v error -select_streams v -show_entries stream_side_data=rotation -of csv=p=0 "$1" | tr -d ',\n'; }
run 0 --overwrite rotated.mp4 out.mp4
check "the clip is rotated" test -n "$(rotation rotated.mp4)"
equal "rotation" "$(rotation rotated.mp4)" "$(rotation out.mp4)"
equal "rotation: the picture is not" "h264 320x180 50" "$(ffprobe -v error -noautorotate out.mp4 2>/dev/null; summary out.mp4)"

# Shape of pixels; scaling keeps the shape of the picture.
ff -i video.mp4 -c copy -aspect 4:3 wide.mp4
run 0 --overwrite wide.mp4 out.mp4
equal "aspect" "$(field wide.mp4 sample_aspect_ratio) 4:3" "$(field out.mp4 sample_aspect_ratio) $(field out.mp4 display_aspect_ratio)"
run 0 --overwrite --size 320x240 wide.mp4 out.mp4
equal "aspect, scaled to square pixels" "1:1 4:3" "$(field out.mp4 sample_aspect_ratio) $(field out.mp4 display_aspect_ratio)"
run 0 --overwrite wide.mp4 out.mkv
equal "aspect in mkv" 4:3 "$(field out.mkv display_aspect_ratio)"
run 0 --overwrite --codec hevc wide.mp4 out.mp4
equal "aspect in hevc" 4:3 "$(field out.mp4 display_aspect_ratio)"

# Colours.
colours() { ffprobe -v error -select_streams v -show_entries stream=color_range,color_space,color_transfer,color_primaries -of csv=p=0 "$1" | grep . | head -n 1; }
ff -i video.mp4 -c:v libx264 -preset ultrafast -color_range tv -colorspace bt709 -color_trc bt709 -color_primaries bt709 bt709.mp4
for output in out.mp4 out.mkv out.ts; do
    run 0 --overwrite bt709.mp4 $output
    equal "colours in $output" "tv,bt709,bt709,bt709" "$(colours $output)"
done
run 0 --overwrite bt709.mp4 out.264
equal "colours in the stream itself" "tv,bt709,bt709,bt709" "$(colours out.264)"
ff -i video.mp4 -vf scale=out_range=pc -c:v libx264 -preset ultrafast -pix_fmt yuvj420p full.mp4
run 0 --overwrite full.mp4 out.264
equal "full range" pc "$(field out.264 color_range)"
psnr_at_least "full range: the same picture" out.264 full.mp4 30
run 0 --overwrite --codec jpeg bt709.mp4 out.mkv
equal "jpeg is full range" pc "$(field out.mkv color_range)"
psnr_at_least "jpeg: the same picture" out.mkv bt709.mp4 30

# HDR10: what the container says of the display is kept, in it and in the stream.
ff -i video.mp4 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params \
    "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:hdr10=1:repeat-headers=1:max-cll=1000,400:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)" \
    hdr.mp4
run 0 --overwrite --codec hevc hdr.mp4 out.mp4
equal "hdr: colours" "$(colours hdr.mp4)" "$(colours out.mp4)"

finish
