# A section of the document is what the program prints now. With VFA_UPDATE_DOCUMENTS=1 it becomes that.
#   document.sh DOCUMENT SECTION OPTION...
# A section lies between the lines "<!-- SECTION -->" and "<!-- end of SECTION -->". One of another version of the driver
# is not compared: the first words in bold are the driver's name for itself.
document=$1
section=$2
shift 2
. "$(dirname "$0")/lib.sh"

driver()
{
    sed -n 's/^\*\*\(.*\)\*\*.*/\1/p' "$1" | head -n 1
}

for line in "<!-- $section -->" "<!-- end of $section -->"; do
    check "$document has no line '$line'" grep -qxF "$line" "$document"
done
run 0 --markdown "$@"
[ "${failures:?}" -eq 0 ] || finish
awk -v begin="<!-- $section -->" -v end="<!-- end of $section -->" \
    '$0 == end { inside = 0 } inside { print } $0 == begin { inside = 1 }' "$document" >is.txt

if [ "${VFA_UPDATE_DOCUMENTS:-}" = 1 ]; then
    awk -v begin="<!-- $section -->" -v end="<!-- end of $section -->" '
        $0 == end { inside = 0 }
        !inside { print }
        $0 == begin { inside = 1; while ((getline line < "out.txt") > 0) print line }' "$document" >new.md &&
        cat new.md >"$document"
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
