# Put tables of a report into a page: between "<!-- table: HEADING -->" and
# "<!-- end of table -->" comes what the report has under that heading.
#
#   awk -f predictions.awk report.md page.md > page.md.tmp
FNR == NR {
    if (/^## /) heading = substr($0, 4)
    if (/^\|/) table[heading] = table[heading] $0 "\n"
    next
}
/^<!-- end of table/ { inside = 0 }
!inside { print }
/^<!-- table: / {
    heading = $0
    sub(/^<!-- table: /, "", heading)
    sub(/ -->.*/, "", heading)
    if (!(heading in table)) {
        print "the report has no table \"" heading "\"" > "/dev/stderr"
        exit 1
    }
    printf "%s", table[heading]
    inside = 1
}
