# What both of the transcoder's tests on Intel's driver share, beside the transcoder's own lib.sh.
. "$(dirname "$0")/../transcode/lib.sh"

node=${VFA_TEST_NODE:?the render node}
under_shim=${VFA_TEST_UNDER_SHIM:-0}

# Maps of the VA backend in the last report, by whatever way.
maps() {
    local sum=0 way
    for way in derive image derive_copy image_copy; do sum=$((sum + $(json va maps_$way))); done
    echo $sum
}

# ended WHAT: the last run had its frames in surfaces of the node, and lost none of them.
ended() {
    equal "$1: memory" "va, $node" "$(json memory), $(json device)"
    equal "$1: every frame is a surface" "$(json allocator frames_live)" "$(json va surfaces)"
    equal "$1: frames live are those planned" "$(json allocator frames_planned)" "$(json allocator frames_live)"
    equal "$1: failed calls" 0 "$(json allocator failed)"
    clean "$1"
}

# clean WHAT: nothing was left behind when the program ended, as the allocator and the backend tell.
clean() {
    check "$1: left behind: $(grep -E 'vfa: |given back' err.txt | head -n 3)" bash -c "! grep -qE 'vfa: |given back' err.txt"
}
