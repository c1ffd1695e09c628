#!/bin/sh
# Writes docs/formats.md and the table of statuses in docs/errors.md anew, out of what vfa-inspect prints under the
# drivers of the test suite.
#   docs/formats.sh BUILD-FOLDER
set -eu
[ "$#" -eq 1 ] || {
    echo "Usage: docs/formats.sh BUILD-FOLDER" >&2
    exit 2
}
cmake --build "$1"
VFA_UPDATE_DOCUMENTS=1 ctest --test-dir "$1" --no-tests=error --output-on-failure -j 1 -R '[.](mesa_)?document'
