# What the tests of the command-line tools share.
#
# Set by whoever includes it: PROGRAM, the path of the tool; by CTest: CMAKE. WRAPPER, if set, is put in front of the
# program.
set -u
export LC_ALL=C
: "${PROGRAM:?the path of the tool}"
WRAPPER=${WRAPPER:-}

work=$(mktemp -d "${TMPDIR:-/tmp}/${PROGRAM##*/}.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

failures=0

# check WHAT COMMAND...
check()
{
    what=$1
    shift
    "$@" && return
    failures=$((failures + 1))
    echo "FAILED: $what"
}

# equal WHAT EXPECTED ACTUAL
equal()
{
    check "$1: '$3', not '$2'" test "$2" = "$3"
}

# run STATUS ARGUMENTS...: stdout in out.txt, stderr in err.txt.
run()
{
    expected=$1
    shift
    status=0
    # shellcheck disable=SC2086
    $WRAPPER "$PROGRAM" "$@" >out.txt 2>err.txt || status=$?
    [ "$status" -eq "$expected" ] && return
    failures=$((failures + 1))
    echo "FAILED: ${PROGRAM##*/} $*: exit status $status, not $expected"
    head -n 20 err.txt
}

# json FIELD...: a member of the object in out.txt, by CMake's reader of JSON; json LENGTH FIELD...: how many it has.
json()
{
    get=GET
    if [ "$1" = LENGTH ]; then
        get=LENGTH
        shift
    fi
    printf 'file(READ out.txt text)\nstring(JSON value %s "${text}" %s)\nmessage("${value}")\n' "$get" "$*" >json.cmake
    "${CMAKE:-cmake}" -P json.cmake 2>&1
}

finish()
{
    [ "$failures" -eq 0 ] && exit 0
    echo "$failures checks failed"
    exit 1
}
