# What the tests of vfa-inspect share. Set by CTest: INSPECT (the program), CMAKE, WRAPPER.
PROGRAM=${INSPECT:?the path of vfa-inspect}
. "$(dirname "$0")/../support/tool.sh"
