# Sections of a document that tests print anew: what lies between the lines "<!-- NAME -->" and "<!-- end of NAME -->".

section_exists() # DOCUMENT NAME
{
    grep -qxF "<!-- $2 -->" "$1" && grep -qxF "<!-- end of $2 -->" "$1"
}

section_text() # DOCUMENT NAME
{
    awk -v begin="<!-- $2 -->" -v end="<!-- end of $2 -->" \
        '$0 == end { inside = 0 } inside { print } $0 == begin { inside = 1 }' "$1"
}

# The section becomes what the file has.
section_replace() # DOCUMENT NAME FILE
{
    awk -v begin="<!-- $2 -->" -v end="<!-- end of $2 -->" -v text="$3" '
        $0 == end { inside = 0 }
        !inside { print }
        $0 == begin { inside = 1; while ((getline line < text) > 0) print line }' "$1" >new.md &&
        cat new.md >"$1"
}
