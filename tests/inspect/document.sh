# A section of the document is what the program prints now. With VFA_UPDATE_DOCUMENTS=1 it becomes that.
#   document.sh DOCUMENT SECTION OPTION...
# A section lies between the lines "<!-- SECTION -->" and "<!-- end of SECTION -->". One of another version of the driver
# is not compared: the first words in bold are the driver's name for itself.
document=$1
section=$2
shift 2
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../support/section.sh"

driver()
{
    sed -n 's/^\*\*\(.*\)\*\*.*/\1/p' "$1" | head -n 1
}

check "$document has a section $section" section_exists "$document" "$section"
run 0 --markdown "$@"
[ "${failures:?}" -eq 0 ] || finish
section_text "$document" "$section" >is.txt

if [ "${VFA_UPDATE_DOCUMENTS:-}" = 1 ]; then
    section_replace "$document" "$section" out.txt
    exit
fi
if [ -n "$(driver is.txt)" ] && [ "$(driver is.txt)" != "$(driver out.txt)" ]; then
    echo "SKIPPED: $document is of '$(driver is.txt)', and this machine has '$(driver out.txt)'"
    exit 77
fi
diff is.txt out.txt || {
    echo "FAILED: < in $document, > printed now; docs/formats.sh writes it anew"
    exit 1
}
