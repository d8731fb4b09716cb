# Does a results.json keep to Gradescope's published fields ("Autograder
# Specifications")? Prints what does not; nothing: it does.
def known($allowed): keys - $allowed | map("no such field: \(.)") | .[];
def want($key; test): select(has($key)) |
    select(.[$key] | test | not) | "\($key): \(.[$key] | tojson)";
def number: type == "number";
def text: type == "string";
def among($list): . as $x | $list | index($x) != null;
def visibility: among(["hidden", "after_due_date", "after_published", "visible"]);
def format: among(["text", "html", "simple_format", "md", "ansi"]);

known(["score", "execution_time", "output", "output_format",
    "test_output_format", "test_name_format", "visibility",
    "stdout_visibility", "extra_data", "tests", "leaderboard"]),
(if has("score") or has("tests") then empty else "no score, no tests" end),
want("score"; number), want("execution_time"; number), want("output"; text),
want("output_format"; format), want("test_output_format"; format),
want("visibility"; visibility), want("stdout_visibility"; visibility),
want("tests"; type == "array"), want("leaderboard"; type == "array"),
(.tests[]? | known(["score", "max_score", "status", "name", "name_format",
        "number", "output", "output_format", "tags", "visibility",
        "extra_data"]),
    want("score"; number), want("max_score"; number),
    want("status"; among(["passed", "failed"])), want("name"; text),
    want("number"; text), want("output"; text), want("output_format"; format),
    want("tags"; type == "array" and all(.[]; text)),
    want("visibility"; visibility),
    (select(.score > .max_score) | "\(.name): more points than there are")),
(.leaderboard[]? | known(["name", "value", "order"]),
    want("name"; text), want("order"; among(["asc", "desc"])))
