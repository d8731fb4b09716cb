# strip.awk - from reference files to what a student gets, or to a solution.
#
#   awk -v lab=1 -v want=stub -f strip.awk FILE...      want=solution
#
# The reference stays compiled and readable; comments mark a function's body:
#
#   void v_cli(...)
#   {
#       /*@lab 1 v_cli
#        * What is to be done, for the student.
#        *@stub
#        *  lab_todo("v_cli");
#        */
#       ...the reference...
#       /*@end*/
#   }
#
# and, at top level, what the student shall not see at all:
#
#   /*@hide 1*/
#   static bool helper(...)...
#   /*@end*/
#
# Marks of another lab: with want=stub they are solutions, and go, markers
# left out. Several files become one. A malformed mark stops with status 1.

function stop(why)
{
    printf "%s:%d: %s\n", FILENAME, FNR, why > "/dev/stderr"
    bad = 1
    exit 1
}

BEGIN {
    if (lab == "" || (want != "stub" && want != "solution")) {
        print "strip.awk: -v lab=N -v want=stub|solution" > "/dev/stderr"
        bad = 1
        exit 1
    }
    print "#include \"lab.h\""
}

FNR == 1 && state != "" { stop("the file before ends within a mark") }

# A whole line of a comment's text, without its star.
function text_of(line)
{
    sub(/^[ \t]*\*/, "", line)
    return line
}

/\/\*@lab/ {
    if (state != "") stop("a mark within a mark")
    if (NF != 3 || $1 != "/*@lab" || $2 !~ /^[0-9]+$/ ||
        $3 !~ /^[a-z_0-9]+$/) stop("expected: /*@lab NUMBER FUNCTION")
    mine = $2 == lab
    state = "text"
    match($0, /^ */)
    margin = substr($0, 1, RLENGTH)
    if (mine && want == "stub") print margin "/* YOURS: " $3
    if (mine && names[$3]++) stop("two marks of " $3)
    marks += mine
    next
}
/\/\*@hide/ {
    if (state != "") stop("a mark within a mark")
    if ($0 !~ /^\/\*@hide [0-9]+\*\/$/) stop("expected: /*@hide NUMBER*/")
    mine = $0 ~ ("@hide " lab "\\*")
    state = "body"
    next
}
/@stub/ {
    if (state != "text" || $0 !~ /^ *\*@stub$/) stop("@stub out of place")
    if (mine && want == "stub") print margin " */"
    state = "stub"
    next
}
/@end/ {
    if (state != "body" || $0 !~ /^ *\/\*@end\*\/$/)
        stop("@end out of place")
    state = ""
    next
}
/\/\*@|\*@/ { stop("no such mark") }
state == "text" {
    if (/\*\//) stop("a mark without @stub")
    if (mine && want == "stub") print
    next
}
state == "stub" {
    if (/^ *\*\/$/) state = "body"
    else if (/\*\//) stop("the stub's comment must end on a line of its own")
    else if (mine && want == "stub") print margin substr(text_of($0), 3)
    next
}
state == "body" && want == "stub" { next }
{ print }

END {
    if (bad) exit 1
    if (state != "") stop("the last mark is never ended")
    if (!marks) stop("no mark of lab " lab " in any file")
}
