# Making clips: sourced by scripts that set `ffmpeg` (the program) and `folder` (where the clips are).

# A clip that is there is whole.
clip() # NAME SIZE PICTURES FFMPEG-OPTION...
{
    name=$1 size=$2 pictures=$3
    shift 3
    [ ! -e "${folder:?}/$name" ] || return 0
    "${ffmpeg:?}" -nostdin -hide_banner -loglevel error -y -f lavfi -i "testsrc2=size=$size:rate=25" \
        -frames:v "$pictures" "$@" "$folder/part-$name"
    mv "$folder/part-$name" "$folder/$name"
}
