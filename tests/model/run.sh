#!/bin/bash
# Checks the models with spin, exhaustively: every order in which the threads' steps can come. The true models must
# show no error; and each mutant, a model with one mistake, must show one, or the property it is there for proves
# nothing. Prints what was found, and figures. docs/model.md says more.
#
# Usage: tests/model/run.sh [--full] [FOLDER]     FOLDER: for what is built; default: a temporary one
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Name, model, what takes part.
models=(
    "queue    pool  -DAPPS=3 -DCAPACITY=1 -DRUNTIME"
    "patience pool  -DAPPS=3 -DCAPACITY=2 -DRUNTIME -DTIMED=1"
    "giving_up pool -DAPPS=2 -DCAPACITY=1 -DRUNTIME -DROUNDS=2 -DTIMED=1 -DCANCELLED=2 -DDESTROY"
    "cancel   pool  -DAPPS=3 -DCAPACITY=1 -DRUNTIME -DCANCELLED=1"
    "close    pool  -DAPPS=3 -DCAPACITY=1 -DRUNTIME -DCLOSE"
    "lend     pool  -DAPPS=1 -DCAPACITY=2 -DFEEDER -DROUNDS=3"
    "lend_ref pool  -DAPPS=1 -DCAPACITY=2 -DFEEDER -DROUNDS=2 -DREFS"
    "grow     pool  -DAPPS=3 -DCAPACITY=2 -DFIRST=1 -DLIMIT=2 -DTIMED=1"
    "grow_cancel pool -DAPPS=3 -DCAPACITY=2 -DFIRST=0 -DLIMIT=1 -DCANCELLED=1 -DNO_FAIL"
    "trim     pool  -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DLIMIT=2 -DTRIM -DRUNTIME -DDESTROY"
    "reset    pool  -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DRESET -DRUNTIME"
    "claim    pool  -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DCLAIM -DDESTROY"
    "slots    slots -DUSERS=3"
    "slots_map slots -DMAP"
    "slots_pin slots -DUSERS=1 -DFREES=2 -DPIN -DROUNDS=2"
    "token    token -DTHIEVES=2 -DROUNDS=1"
    "token_again token"
    "token_settle token -DSETTLE -DROUNDS=1"
    "map      map   -DOPERATION -DREADERS=2 -DWRITERS=1"
    "map_sync map   -DOPERATION -DREADERS=1 -DWRITERS=1 -DSYNCS=1"
    "map_nowait map -DOPERATION -DREADERS=1 -DWRITERS=1 -DNOWAITS=1"
    "map_release map  -DREADERS=2 -DWRITERS=0 -DRELEASER -DROUNDS=2"
    "map_produced map -DPRODUCED -DREADERS=1 -DWRITERS=1 -DNOWAITS=1 -DSYNCS=1"
)
larger_models=(
    "queue_2  pool  -DAPPS=3 -DCAPACITY=2 -DRUNTIME -DROUNDS=2"
    "queue_4  pool  -DAPPS=4 -DCAPACITY=1 -DRUNTIME -DTIMED=1"
    "claim_3  pool  -DAPPS=3 -DCAPACITY=2 -DFIRST=1 -DCLAIM"
    "giving_up_3 pool -DAPPS=3 -DCAPACITY=2 -DRUNTIME -DTIMED=1 -DCANCELLED=2 -DDESTROY"
    "lend_2   pool  -DAPPS=2 -DCAPACITY=2 -DFEEDER -DROUNDS=2"
    "lend_ref_2 pool -DAPPS=2 -DCAPACITY=2 -DFEEDER -DROUNDS=2 -DREFS"
    "grow_0   pool  -DAPPS=3 -DCAPACITY=2 -DFIRST=0 -DLIMIT=2 -DCANCELLED=1 -DNO_FAIL"
    "reset_close pool -DAPPS=2 -DCAPACITY=3 -DFIRST=1 -DLIMIT=2 -DRESET -DRUNTIME -DCLOSE"
    "reset_2  pool  -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DRESET -DROUNDS=2 -DRUNTIME"
    "slots_3  slots -DUSERS=2 -DFREES=2 -DPIN -DROUNDS=2"
    "slots_map_pin slots -DMAP -DPIN"
    "slots_map_2 slots -DUSERS=2 -DFREES=2 -DROUNDS=2 -DMAP"
    "token_settle_2 token -DSETTLE"
    "map_2    map   -DOPERATION -DREADERS=2 -DWRITERS=1 -DROUNDS=2"
    "map_all  map   -DOPERATION -DREADERS=1 -DWRITERS=1 -DSYNCS=1 -DNOWAITS=1"
)

# Mutant, the property that it breaks, model, what takes part.
mutants=(
    "GATE_APART       no_lost_wakeup       pool -DAPPS=2 -DCAPACITY=1"
    "NO_GATE          no_lost_wakeup       pool -DAPPS=2 -DCAPACITY=1"
    "NO_SECOND_LOOK   no_lost_wakeup       pool -DAPPS=2 -DCAPACITY=1"
    "PUT_UNTOLD       no_lost_wakeup       pool -DAPPS=2 -DCAPACITY=1"
    "NOBODY_POLLS     no_lost_wakeup       pool -DAPPS=2 -DCAPACITY=1 -DRUNTIME"
    "LEAVES_UNTOLD    no_lost_wakeup       pool -DAPPS=3 -DCAPACITY=1 -DRUNTIME -DTIMED=1"
    "CANCEL_UNTOLD    no_lost_wakeup       pool -DAPPS=3 -DCAPACITY=1 -DRUNTIME -DCANCELLED=1"
    "CLOSE_UNTOLD     no_lost_wakeup       pool -DAPPS=2 -DCAPACITY=1 -DCLOSE"
    "GROWN_UNTOLD     no_lost_wakeup       pool -DAPPS=3 -DCAPACITY=2 -DFIRST=1 -DLIMIT=2"
    "GROWERS_UNTOLD   no_lost_wakeup       pool -DAPPS=3 -DCAPACITY=2 -DFIRST=1 -DLIMIT=2"
    "CLAIM_UNTOLD     no_lost_wakeup       pool -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DCLAIM"
    "TAKE_APART       no_double_lease      pool -DAPPS=2 -DCAPACITY=1"
    "MARK_IGNORED     no_double_lease      pool -DAPPS=1 -DCAPACITY=2 -DFEEDER -DROUNDS=2 -DREFS"
    "ANYBODY_RECLAIMS output_is_reserved   pool -DAPPS=1 -DCAPACITY=2 -DFEEDER -DROUNDS=2"
    "LOCKED_ONCE      no_locked_lease      pool -DAPPS=2 -DCAPACITY=1 -DRUNTIME -DROUNDS=2"
    "GATE_IGNORED     no_overtaking        pool -DAPPS=3 -DCAPACITY=1 -DRUNTIME"
    "JUMPS_QUEUE      no_overtaking        pool -DAPPS=3 -DCAPACITY=1 -DRUNTIME"
    "LAST_FIRST       no_overtaking        pool -DAPPS=3 -DCAPACITY=1"
    "LEASED_RETIRED   no_use_after_retire  pool -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DRESET -DRUNTIME"
    "FREED_OUT        no_use_after_free    pool -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DRESET"
    "END_EARLY        no_use_after_free    pool -DAPPS=2 -DCAPACITY=1 -DDESTROY"
    "PUT_LOOKS_AFTER  no_use_after_free    pool -DAPPS=2 -DCAPACITY=1 -DDESTROY"
    "CALLERS_FORGOTTEN no_use_after_free   pool -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DCLAIM -DDESTROY"
    "CLAIM_AT_END     no_use_after_free    pool -DAPPS=2 -DCAPACITY=2 -DFIRST=1 -DCLAIM -DDESTROY"
    "TIMEOUT_LOSES    nothing_left         pool -DAPPS=2 -DCAPACITY=1 -DTIMED=1"
    "END_GATES_OPEN   nothing_left         pool -DAPPS=2 -DCAPACITY=1 -DDESTROY"
    "STALE_HANDLE     stale_handle_refused slots"
    "SAME_GENERATION  stale_handle_refused slots"
    "LOCK_DYING       no_lock_after_free   slots"
    "RETIRE_BLIND     locked_frame_stays   slots"
    "PIN_IGNORED      locked_frame_stays   slots -DPIN -DUSERS=1"
    "NO_GUARD         set_ends_once        slots"
    "UNLOCK_APART     no_frame_left        slots"
    "BOOK_APART       set_ends_once        slots -DFREES=2"
    "UNLOCK_FORGETS   no_frame_left        slots"
    "REFUSED_KEEPS    no_frame_left        slots -DMAP -DSLOTS=1"
    "NO_MAP_LOCK      locked_is_mapped     slots -DMAP -DSLOTS=1"
    "UNMAPS_LATE      locked_is_mapped     slots -DMAP -DSLOTS=1"
    "COUNT_APART      token_good_once      token"
    "NOT_COUNTED      token_good_once      token"
    "COUNT_EARLY      token_ends_its_lease token"
    "CLEARED_FIRST    token_ends_its_lease token"
    "TOKEN_MARK       marked_lease_ends    token -DSETTLE -DROUNDS=1 -DTHIEVES=0"
    "MARK_ONCE        marked_lease_ends    token -DSETTLE -DROUNDS=1 -DTHIEVES=0"
    "READER_BLIND     readers_or_writer    map"
    "READER_LATE      readers_or_writer    map -DOPERATION"
    "WRITER_BLIND     readers_or_writer    map"
    "NOWAIT_READS     readers_or_writer    map -DOPERATION -DREADERS=0 -DWRITERS=0 -DNOWAITS=1"
    "MOVING_IGNORED   mapped_once          map"
    "MAP_IS_NO_LEASE  map_keeps_surface    map"
    "MAP_UNTOLD       no_map_sleeps        map"
    "UNMAP_UNTOLD     no_map_sleeps        map"
    "ASKED_UNTOLD     no_map_sleeps        map -DOPERATION -DREADERS=0 -DWRITERS=0 -DSYNCS=2"
    "COMPLETE_UNTOLD  no_map_sleeps        map -DPRODUCED -DWRITERS=0 -DREADERS=1"
    "PRODUCED_IGNORED readers_or_writer    map -DPRODUCED -DREADERS=0"
    "COMPLETE_ENDS    map_keeps_surface    map -DPRODUCED -DREADERS=0"
    "MAP_KEEPS        no_lease_left        map"
    "COUNTED_ONCE     reference_is_seen    map -DREADERS=1 -DWRITERS=0 -DRELEASER"
)

fail()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# Searches all of one model: its name, what is expected of it, its file, its macros. One line of result.
search() # NAME error|none MODEL MACRO...
{
    local name=$1 expected=$2 model=$3 work=$folder/$1 states errors
    shift 3
    rm -rf "$work"
    mkdir -p "$work"
    cd "$work" || return
    # Its exit status does not always tell of errors in the model's text.
    spin -a "$@" "$here/$model.pml" >spin.log 2>&1
    if [ ! -e pan.c ] || grep -q 'Error' spin.log; then
        echo "$name BROKEN 0 $(grep -m 1 'rror' spin.log)"
        return
    fi
    # Compiling these costs more than the search gains by it.
    gcc -O0 -w -DSAFETY -DCOLLAPSE -DMEMLIM="$memory_mib" -o pan pan.c >gcc.log 2>&1 ||
        { echo "$name BROKEN 0 $(head -n 1 gcc.log)"; return; }
    ./pan -m200000 -w22 >pan.log 2>&1
    states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.log)
    errors=$(sed -n 's/.*errors: \([0-9]*\)$/\1/p' pan.log)
    if [ "$expected" = none ]; then
        # All of it: neither the memory nor the depth came to an end.
        if [ "$errors" != 0 ] || grep -qE 'not completed|depth too small|-DMEMLIM|out of memory' pan.log; then
            echo "$name FAILED ${states:-0} $(grep -m 1 '^pan:' pan.log)"
            return
        fi
    elif ! grep -qE '^pan:1: (assertion violated|invalid end state)' pan.log; then
        echo "$name FAILED ${states:-0} the mutant was not caught"
        return
    fi
    echo "$name OK ${states:-0} $(grep -m 1 '^pan:1:' pan.log)"
    rm -rf "$work"
}

# Every mutant of the models is in the table, and the other way round; and docs/model.md names it.
check_table()
{
    local in_models in_table mutant
    in_models=$(grep -oh 'MUTANT_[A-Z_]*[A-Z]' "$here"/*.pml | sed 's/^MUTANT_//' | sort -u)
    in_table=$(for row in "${mutants[@]}"; do printf '%s\n' "${row%% *}"; done | sort -u)
    [ "$in_models" = "$in_table" ] ||
        fail "mutants in the models and in the table differ:" \
            "$(diff <(echo "$in_models") <(echo "$in_table") | grep '^[<>]')"
    for mutant in $in_models; do
        grep -qw "$mutant" "$here/../../docs/model.md" || fail "docs/model.md does not name the mutant $mutant"
    done
}

full=false
if [ "${1-}" = --full ]; then
    full=true
    shift
fi
[[ ${1-} != -* ]] || fail "usage: tests/model/run.sh [--full] [FOLDER]"
if [ -n "${1-}" ]; then
    mkdir -p "$1" || exit
    folder=$(cd "$1" && pwd)
else
    folder=$(mktemp -d) || exit
    trap 'rm -rf "$folder"' EXIT
fi
check_table
jobs=$(nproc)
memory_mib=2000
rows=("${models[@]}")
if "$full"; then
    memory_mib=6000 jobs=$(((jobs + 1) / 2))
    rows=("${larger_models[@]}")
fi

results=$folder/results
: >"$results"
run_row() # EXPECTED ROW
{
    local name model rest
    if [ "$1" = none ]; then
        read -r name model rest <<<"$2"
    else
        read -r name _ model rest <<<"$2"
        rest="-DMUTANT_$name $rest"
    fi
    # shellcheck disable=SC2086 # macros
    search "$name" "$1" "$model" $rest >>"$results"
}
start_row()
{
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n
    done
    run_row "$@" &
}
for row in "${rows[@]}"; do
    start_row none "$row"
done
if ! "$full"; then
    for row in "${mutants[@]}"; do
        start_row error "$row"
    done
fi
wait

sort "$results" | awk '{ printf "%-18s %-7s %10d states", $1, $2, $3; $1 = $2 = $3 = ""; print " " $0 }'
expected=${#rows[@]}
"$full" || expected=$((expected + ${#mutants[@]}))
caught=0
for row in "${mutants[@]}"; do
    grep -q "^${row%% *} OK " "$results" && caught=$((caught + 1))
done
suffix=
"$full" && suffix=_full
states=$(for row in "${rows[@]}"; do grep "^${row%% *} " "$results"; done | awk '{ n += $3 } END { print n }')
echo "FIGURE states_explored$suffix $states"
echo "FIGURE models_searched$suffix ${#rows[@]}"
if ! "$full"; then
    echo "FIGURE model_properties $(for row in "${mutants[@]}"; do read -r _ p _ <<<"$row"; echo "$p"; done | sort -u | wc -l)"
    echo "FIGURE model_mutants_caught $caught"
    echo "FIGURE model_mutants ${#mutants[@]}"
fi
good=$(grep -c '^[^ ]* OK ' "$results")
[ "$good" -eq "$expected" ] || fail "only $good of $expected searches answered as they must"
