#!/bin/sh
# results.jsonl in other forms: labs/formats.sh gradescope|autolab|junit|tap
#                                              FILE
# Everything is derived from the same lines; needs jq.
#
# A hidden test shows its category and nothing else. Where Gradescope hides a
# test it hides the student's total, too: the public subtotal is in `output`.
format=$1 file=$2
[ -f "$file" ] || { echo "usage: labs/formats.sh FORMAT FILE" >&2; exit 2; }
what='(if .rationale == "" then .text else .rationale end) +
      (if .visibility == "hidden" or .status == "pass" or .status == "skip"
       then "" else "\nexpected  " + .expected + "\ngot       " + .got +
       "\nseed " + .seed + ", exit " + (.exit | tostring) end)'
case $format in
gradescope)
    jq -s '{score: ([.[].points] | add), output_format: "text",
        stdout_visibility: "hidden",
        output: ([.[] | select(.visibility == "public")] |
            "public tests: \([.[].points] | add) of \([.[].max] | add) points"),
        extra_data: {lab: .[0].lab},
        leaderboard: [{name: "points", value: ([.[].points] | add),
                       order: "desc"}],
        tests: [.[] | {score: .points, max_score: .max,
            status: (if .status == "pass" then "passed" else "failed" end),
            name: .name, number: .id, output_format: "text",
            output: ('"$what"'), tags: [.status],
            visibility: (if .visibility == "hidden" then "after_published"
                         else "visible" end),
            extra_data: {exit: .exit, cycle: .cycle}}]}' "$file"
    ;;
autolab)
    jq -sc '{_presentation: "semantic", stages: ["Build", "Tests"],
        Build: {"compiles": {passed: true}},
        Tests: ([.[] | {key: .id, value: {passed: (.status == "pass"),
            hint: (if .status == "pass" then "" else .rationale end)}}] |
            from_entries)},
        {scores: {("lab" + (.[0].lab | tostring)): ([.[].points] | add)},
         scoreboard: [([.[].points] | add), ([.[].cycle] | add)]}' "$file"
    ;;
junit)
    jq -sr '("<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<testsuite name=\"lab \(.[0].lab)\" tests=\"\(length)\" failures=\"" +
            ([.[] | select(.status == "fail" or .status == "partial")] |
            length | tostring) + "\" errors=\"" +
            ([.[] | select(.status == "error")] | length | tostring) +
            "\" skipped=\"" + ([.[] | select(.status == "skip")] | length |
            tostring) + "\">",
        (.[] | "  <testcase classname=\"lab\(.lab)\" name=\"" +
            (.id + " " + .name | @html) + "\">" +
            (if .status == "pass" then ""
             elif .status == "skip" then "<skipped/>"
             elif .status == "error" then "<error>" + ('"$what"' | @html) +
                "</error>"
             else "<failure>" + ('"$what"' | @html) + "</failure>" end) +
            "</testcase>"),
        "</testsuite>")' "$file"
    ;;
tap)
    jq -sr '"TAP version 14", "1..\(length)",
        (to_entries[] | .key as $n | .value |
            (if .status == "pass" or .status == "skip" then "ok"
             else "not ok" end) + " \($n + 1) - \(.id) \(.name)" +
            (if .status == "skip" then " # SKIP needs \(.requires)" else ""
             end),
            "  ---", "  points: \(.points)", "  max: \(.max)",
            "  exit: \(.exit)", "  expected: \(.expected | @json)",
            "  got: \(.got | @json)", "  ...")' "$file"
    ;;
*)
    echo "labs/formats.sh: $format: gradescope, autolab, junit or tap" >&2
    exit 2
    ;;
esac
