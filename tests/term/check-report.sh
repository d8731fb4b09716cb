#!/bin/sh
# The report of a small sweep as a browser shows it, on a phone and a desk, by
# day and by night: nothing runs over the edge, links lead to their headings,
# figures are there with a caption and a command, and tables and bars are what
# results.csv says; a wrong number and a wrong bar would be noticed.
: "${BUILD:=build}"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
browser=$(command -v chromium || command -v chromium-browser ||
    command -v google-chrome) || browser=
command -v gnuplot > /dev/null || browser=
if [ -z "$browser" ]; then
    echo 'ok 1 - the report in a browser # skip chromium or gnuplot is missing'
    echo 1..1
    exit 0
fi
n=0
ok() { # description, passed?, what else to say
    n=$((n + 1))
    [ "$2" = 0 ] || printf '%s\nnot ' "# $3"
    echo "ok $n - $1"
}

cat > "$dir/small.sweep" <<END
title     A small sweep
workload  nullcall pagefault ctxset compute
technique bare full para translate hvm-shadow hvm
preset    p4-vt haswell-ept
size      nullcall 100
size      pagefault 60
size      ctxset 2 8
size      compute 1
END
"$BUILD"/ringside bench "$dir/small.sweep" --out "$dir/out" --quiet \
    > /dev/null || { echo 'not ok 1 - the sweep runs'; exit 1; }
page=$dir/out/report.html

look() { # options and a page: how the browser goes about it
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
        --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$dir/profile" "$@" 2> "$dir/browser.err"
}
# found PAGE OPTIONS: what report.js tells of it, in $dir/found
found() {
    { sed '$d' "$1"; echo '<script>'; cat tests/term/report.js
      echo '</script></html>'; } > "$dir/watched.html"
    shift
    look "$@" --dump-dom "file://$dir/watched.html" |
        sed -n '/<pre id="found">/,/<\/pre>/p' | sed '1d; /<\/pre>/d
            s/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g' > "$dir/found"
}
lines() { # of one kind
    grep "^$1	" "$dir/found"
}

# ------------------------------------------------------------ on a phone
# A window has a least width of its own, so a frame of 390 stands in it.
fits() { # page, width: in a frame so wide nothing runs over
    { sed '$d' "$1"; echo '<script>'; cat tests/term/report.js
      echo 'onload(); onload = null; parent.postMessage(
          document.getElementById("found").textContent, "*");'
      echo '</script></html>'; } > "$dir/framed.html"
    cat > "$dir/frame.html" <<END
<!doctype html><pre id="found"></pre><script>
onmessage = e => document.getElementById('found').textContent = e.data;
</script><iframe width="$2" height="800" src="framed.html"></iframe>
END
    look --virtual-time-budget=5000 --dump-dom "file://$dir/frame.html" |
        grep '^width	' > "$dir/width"
    awk -v want="$2" '{ ok = $2 <= $3 && $3 <= want && $3 > want - 20 }
        END { exit !ok }' "$dir/width"
}
fits "$page" 390
ok 'at 390 pixels nothing runs over the edge' $? "$(cat "$dir/width")"
sed 's/<h2 id/<p style="width:500px">wide<h2 id/' "$page" > "$dir/wide.html"
! fits "$dir/wide.html" 390
ok 'and what did would be noticed' $? "$(cat "$dir/width")"

# ------------------------------------------------------------ the page
found "$page" --window-size=1280,900
lines width | awk '{ exit !($2 <= $3 && $3 == 1280) }'
ok 'nor at 1280' $? "$(lines width)"
links=$(lines link | wc -l) headings=$(lines heading | wc -l)
[ "$links" -ge 8 ] && [ "$links" = "$headings" ] &&
    ! lines link | grep -v '	true$'
ok "its $links links lead to its $headings headings" $? "$(lines link)"
figures=$(ls "$dir"/out/*.svg | wc -l)
lines figure | awk -F '	' -v want="$figures" '
    $3 >= 500 && $4 >= 200 && $5 >= 40 && $6 ~ /^PRE ringside bench / { n++ }
    END { exit n != want || n < 8 }'
ok "its $figures figures are drawn, each with a caption and its command" $? \
    "$(lines figure)"
day=$(lines ground)
found "$page" --blink-settings=preferredColorScheme=0
[ "$day" != "$(lines ground)" ] && [ -n "$day" ]
ok 'it is dark where the surroundings are' $? "$(lines ground)"
look --window-size=390,844 --screenshot="$dir/phone.png" "file://$page" \
    > /dev/null
[ "$(wc -c < "$dir/phone.png")" -gt 10000 ] &&
    [ "$(head -c 4 "$dir/phone.png" | tail -c 3)" = PNG ]
ok 'it can be photographed' $? "$(cat "$dir/browser.err")"
look --print-to-pdf="$dir/page.pdf" "file://$page" > /dev/null
[ "$(head -c 4 "$dir/page.pdf")" = %PDF ]
ok 'and printed' $? "$(cat "$dir/browser.err")"

# ------------------------------------------- what it says, and what was run
# Of results.csv: each first size's cycles over bare's, as "workload technique
# ratio"; the order of workloads is the sweep's.
awk -F, 'NR > 1 && $3 == "p4-vt" && ($1 != "ctxset" || $4 == 2) {
        cycles[$1, $2] = $6
        if ($2 != "bare") print $1, $2, $6 / cycles[$1, "bare"] }' \
    "$dir/out/results.csv" > "$dir/ratios"
table_holds() { # the page's first table, against the ratios
    lines row | awk -F '	' 'NR == FNR { split($0, r, " ")
            want[r[1], r[2]] = r[3]; next }
        $2 != "overhead-times-bare" { next }
        $3 == "workload" { for (i = 5; i <= NF; i++) name[i] = $i; next }
        { for (i = 5; i <= NF; i++) { n++
            d = $i - want[$3, name[i]]
            if (d > 0.0051 || d < -0.0051) bad++ } }
        END { exit bad || n != 20 }' "$dir/ratios" -
}
# The axis is logarithmic: a bar's top is a + b log(ratio). The straight line
# that fits them best must go through them all.
bars_hold() {
    lines bar | awk -F '	' 'NR == FNR { split($0, r, " ")
            if (!(r[1] in at)) { at[r[1]] = w; name[w++] = r[1] }
            want[r[1], r[2]] = r[3]; next }
        { n++; x[n] = log(want[name[$3], $2]); y[n] = $4
          sx += x[n]; sy += y[n]; sxx += x[n] * x[n]; sxy += x[n] * y[n] }
        END { if (n != 20) exit 1
            b = (n * sxy - sx * sy) / (n * sxx - sx * sx)
            a = (sy - b * sx) / n
            for (i = 1; i <= n; i++) { d = y[i] - a - b * x[i]
                if (d > 0.5 || d < -0.5) exit 1 } }' "$dir/ratios" -
}
found "$page"
table_holds
ok 'the table of ratios is results.csv'\''s' $? "$(lines row | head -n 6)"
bars_hold
ok 'and the bars are as high as they say' $? "$(lines bar)"
modelled=$(lines row | grep -c 'modelled')
[ "$modelled" -ge 3 ]
ok 'what is modelled is called so' $? "$(lines row | grep generations)"
sed 's/<td>1\.0/<td>9.0/' "$page" > "$dir/wrong.html"
found "$dir/wrong.html"
! table_holds
ok 'a wrong number is noticed' $?
awk '/_plot_2"/ { on = 1 } on && /<polygon/ && ++n == 3 {
        sub(/points = .[0-9.]+,[0-9.]+ [0-9.]+,[0-9.]+ [0-9.]+,/, "&1"); on = 0 }
    { print }' "$page" > "$dir/wrong.html"
found "$dir/wrong.html"
! cmp -s "$page" "$dir/wrong.html" && ! bars_hold
ok 'a wrong bar is noticed' $?
echo "1..$n"
