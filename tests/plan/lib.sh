# What the tests of vfa-plan share. Set by CTest: PLAN (the program), CMAKE, WRAPPER, and where a runtime is asked:
# TRANSCODE (sample_transcode), ONEVPL_PRIORITY_PATH.
PROGRAM=${PLAN:?the path of vfa-plan}
. "$(dirname "$0")/../support/tool.sh"

# clip NAME CODEC ARGUMENTS...: two seconds of video
clip()
{
    name=$1
    codec=$2
    shift 2
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=320x176:r=25:d=1 -pix_fmt yuv420p -c:v "$codec" "$@" "$name" ||
        exit 1
}
