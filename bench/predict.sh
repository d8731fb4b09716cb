#!/bin/sh
# Our slowdowns beside the published ones, as a Markdown table on standard
# output: what `make predictions` puts into docs/COSTS.md.
#
#   bench/predict.sh COMPARE.json
#
# COMPARE.json is what `ringside compare --json` printed.
json=${1:?usage: bench/predict.sh COMPARE.json}
ours() { # workload, technique
    jq -r --arg w "$1" --arg t "$2" '.[] | select(.workload == $w and
        .technique == $t) | .times_bare * 100 | round / 100' "$json"
}
echo '| workload | theirs | times native | ours | times bare | source |'
echo '|---|---|---|---|---|---|'
grep -v '^#' "$(dirname "$0")/published.tsv" |
    while IFS='	' read -r workload technique whose ratio source; do
        echo "| $workload | $whose | $ratio | $technique |" \
            "$(ours "$workload" "$technique") | $source |"
    done
