#!/bin/bash
# Runs every fuzz harness for long: the time given, in seconds (or 90s, 10m, 8h), is shared among them.
#   tests/fuzz/run.sh [TIME]
# Inputs found are kept in build/fuzz/inputs, and the next run goes on from there. An input that fails is kept in
# build/log.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/cmake/debian.sh"
. "$root/tests/steps/lib.sh"
. "$root/tests/steps/fuzz.sh"

time=${1:-600}
case $time in
*h) seconds=$((${time%h} * 3600)) ;;
*m) seconds=$((${time%m} * 60)) ;;
*) seconds=${time%s} ;;
esac
case $seconds in
'' | *[!0-9]*) die "'$time' is not a time: 90, 90s, 10m or 8h" ;;
esac

# shellcheck disable=SC2034 # of the functions that tests/run.sh's steps have
step=fuzz-long step_passed=0 step_failed=0
mkdir -p "$build_root/figures"
rm -f "$build_root/figures/$step"
build_fuzzers && run_fuzzers "$seconds" && fuzz_coverage && [ "$step_failed" -eq 0 ]
