# shellcheck shell=bash
# Steps that run the fuzz harnesses of tests/fuzz under libFuzzer. Sourced by tests/run.sh and tests/fuzz/run.sh.

# The harnesses: name, the longest input, the share of the time that each gets.
fuzz_harnesses=(
    "layout  160   1"
    "pool    512   2"
    "frames  512   2"
    "dmabuf  512   1"
    "units   2048  1"
    "stream  8192  2"
    "params  1024  2"
    "calls   1024  2"
    "text    1024  1"
)

# compiler-rt, with libFuzzer and the sanitizers, is a package of its own; llvm has the symbolizer of their reports.
build_fuzzers()
{
    need_packages "build and run the tests" "${packages_tests[@]}"
    need_packages "build the fuzz harnesses" clang libclang-rt-14-dev llvm
    configure fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-O1 -g" -DVFA_BUILD_FUZZ=ON &&
        build fuzz fuzzers
}

# One harness: replays its corpus, then goes on to new inputs until the time is over. What it finds of use is kept in
# build/fuzz/inputs; what crashes it beside its log.
fuzz_one() # NAME LONGEST SECONDS [OPTION...]
{
    local name=$1 longest=$2 seconds=$3
    shift 3
    local found=$build_root/fuzz/inputs/$name log=$build_root/log/fuzz-$name.log options=()
    mkdir -p "$found"
    [ ! -e "$root/tests/fuzz/$name.dict" ] || options+=("-dict=$root/tests/fuzz/$name.dict")
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
        LSAN_OPTIONS=suppressions=$root/tests/support/lsan.supp:print_suppressions=0 \
        logged "$log" steady "$build_root/fuzz/tests/fuzz/fuzz_$name" "-max_total_time=$seconds" \
        "-max_len=$longest" -timeout=25 -rss_limit_mb=2560 -print_final_stats=1 \
        "-artifact_prefix=$build_root/log/fuzz-$name-" "${options[@]}" "$@" \
        "$found" "$root/tests/fuzz/corpus/$name" ||
        {
            say "  the input is $build_root/log/fuzz-$name-crash-... (or leak-, timeout-, oom-): once the defect is"
            say "  mended it belongs in tests/fuzz/corpus/$name"
            return 1
        }
}

# A number that libFuzzer printed last; 0 where it came to none.
fuzz_number() # LOG WHAT
{
    sed -n "1i 0
        s/.*$2 *\([0-9][0-9]*\).*/\1/p" "$1" | tail -n 1
}

# All harnesses, for so many seconds of processor time together, one on each processor.
run_fuzzers() # SECONDS [OPTION...]
{
    local seconds=$1 row name longest share shares=0 executions=0 edges=0 log
    local -A running=()
    shift
    for row in "${fuzz_harnesses[@]}"; do
        read -r name longest share <<<"$row"
        shares=$((shares + share))
    done
    for row in "${fuzz_harnesses[@]}"; do
        read -r name longest share <<<"$row"
        while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
            wait -n
        done
        fuzz_one "$name" "$longest" $(((seconds * share + shares - 1) / shares)) "$@" &
        running[$name]=$!
    done
    for row in "${fuzz_harnesses[@]}"; do
        name=${row%% *}
        log=$build_root/log/fuzz-$name.log
        if wait "${running[$name]}"; then
            step_passed=$((step_passed + 1))
        else
            step_failed=$((step_failed + 1))
        fi
        say "  $name: $(fuzz_number "$log" number_of_executed_units:) inputs, $(fuzz_number "$log" 'cov:') edges"
        executions=$((executions + $(fuzz_number "$log" number_of_executed_units:)))
        edges=$((edges + $(fuzz_number "$log" 'cov:')))
    done
    figure fuzz_executions "$executions"
    figure fuzz_edges "$edges"
}

# The least that the corpora of the repository reach alone: lines, in per cent. Below, a harness has changed and left its
# corpus behind: run it, and take what it found into the corpus (docs/fuzzing.md).
fuzz_least=(
    "src             80"
    "samples/softrt  78"
)

# Runs the harnesses over their corpora, with "found" over what was found as well, and keeps what they reached.
fuzz_profile() # corpus|found
{
    local build=$build_root/fuzz-coverage row name inputs
    for row in "${fuzz_harnesses[@]}"; do
        name=${row%% *}
        inputs=("$root/tests/fuzz/corpus/$name")
        mkdir -p "$build_root/fuzz/inputs/$name"
        [ "$1" = corpus ] || inputs+=("$build_root/fuzz/inputs/$name")
        LLVM_PROFILE_FILE=$build/$1-$name.profraw logged "$build_root/log/fuzz-coverage-$1-$name.log" \
            "$build/tests/fuzz/fuzz_$name" "${inputs[@]}" || return
    done
    logged "$build_root/log/fuzz-coverage-$1.log" llvm-profdata merge -o "$build/$1.profdata" "$build/$1"-*.profraw
}

# The lines of a folder that a profile reaches, in per cent.
fuzz_reached() # PROFILE FOLDER
{
    local build=$build_root/fuzz-coverage row programs=() table=$build_root/log/fuzz-coverage-$1-${2##*/}.txt
    for row in "${fuzz_harnesses[@]}"; do
        programs+=(-object "$build/tests/fuzz/fuzz_${row%% *}")
    done
    llvm-cov report "-instr-profile=$build/$1.profdata" "${programs[@]:1}" "$root/$2" >"$table" &&
        awk '$1 == "TOTAL" { print substr($10, 1, length($10) - 1) }' "$table"
}

# How much of the library and of the software runtime the corpora, and what was found, reach.
fuzz_coverage()
{
    local build=$build_root/fuzz-coverage row folder least alone all status=0
    configure fuzz-coverage -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-O1 -g" \
        "-DCMAKE_C_FLAGS=-fprofile-instr-generate -fcoverage-mapping" -DBUILD_SHARED_LIBS=OFF &&
        build fuzz-coverage fuzzers || return
    rm -f "$build"/*.profraw
    fuzz_profile corpus && fuzz_profile found || return
    for row in "${fuzz_least[@]}"; do
        read -r folder least <<<"$row"
        alone=$(fuzz_reached corpus "$folder") && all=$(fuzz_reached found "$folder") || return
        say "  $folder: $all% of lines, the corpora alone $alone%; by file in $build_root/log/fuzz-coverage-*.txt"
        figure "fuzz_lines_percent_${folder##*/}" "$all"
        awk -v alone="$alone" -v least="$least" 'BEGIN { exit !(alone >= least) }' || {
            say "  FAILED: the corpora alone are to reach $least% of $folder"
            status=1
        }
    done
    return "$status"
}

# The same seed each time: a short run looks for what broke, a long one for what nobody knows.
step_fuzz()
{
    build_fuzzers && run_fuzzers 25 -seed=1
}

step_fuzz-long()
{
    build_fuzzers && run_fuzzers 600 && fuzz_coverage
}
