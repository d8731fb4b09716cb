# random.awk - writes a program of `count` random snippets for random.inc,
# from `seed`. Any seed gives the same program on every host.
#
# Its input are the ingredients, lines of assembly (random.txt); in them R is
# a register, B a byte register, S a selector, G a segment register, K a code
# selector or a gate, M a place in the test pages, I a number, E a page-table
# entry of a test page, P that page, V a vector, @ a new number, ; a new line; names in
# braces are left alone. With honest=1 nothing in ring 3 is a line that begins
# with !, so that a monitor that runs user code directly on a processor with
# critical instructions can be right. A line that begins with > may lead there.
#
# drop=" 3 17 20.2 " leaves out snippets 3 and 17 and line 2 of snippet 20; all
# the rest is as without: so check-random.sh makes a failure small.

function random(n)
{
    state = (state * 16807) % 2147483647    # Park and Miller
    return int(state / 2147483647 * n)
}
function pick(list, n) { return list[1 + random(n)] }

function fill(text,   out, c)
{
    out = ""
    page = random(4)
    high = random(4) == 0
    made++
    while (length(text)) {
        c = substr(text, 1, 1)
        text = substr(text, 2)
        if (c == "{") {
            c = substr(text, 1, index(text, "}") - 1)
            text = substr(text, index(text, "}") + 1)
        } else if (c == "R") c = pick(registers, nr)
        else if (c == "B") c = pick(bytes, nb)
        else if (c == "S") c = pick(selectors, ns) " + " random(4)
        else if (c == "G") c = pick(segments, ng)
        else if (c == "K") c = pick(codes, nk) " + " random(2) * 3
        else if (c == "@") c = made
        else if (c == "I") c = pick(numbers, nn)
        else if (c == "V") c = random(8) ? random(40) : 0x80
        else if (c == "M") c = (high ? "HIGH_PAGES" : "TEST_PAGES") \
            " + " random(3) * 4096 + 4096 - random(32)
        else if (c == "P") c = (high ? "HIGH_PAGES" : "TEST_PAGES") \
            " + " page * 4096
        else if (c == "E") c = (high ? \
            "high_table + 4 * ((HIGH_PAGES >> 12) & 1023)" : "test_table") \
            " + " page * 4
        else if (c == ";") c = "\n        "
        out = out c
    }
    return out
}

BEGIN {
    state = seed * 7919 + 1
    random(2); random(2)
    nr = split("eax ecx edx ebx ebp esi edi", registers, " ")
    nb = split("al cl dl bl ah ch dh bh", bytes, " ")
    ng = split("ds es fs gs", segments, " ")
    ns = split("0 CODE DATA DATA USER_DATA USER_CODE TASK SMALL READ_ONLY " \
               "DOWN ABSENT CONFORMING GATE SPARE BEYOND 4", selectors, " ")
    nn = split("0 1 2 0x7f 0x80 0xff 0x7fff 0x8000 0xffff 0x12345678 " \
               "0x7fffffff 0x80000000 0xffffffff 0xdeadbeef", numbers, " ")
    nk = split("CODE CODE USER_CODE CONFORMING GATE DATA ABSENT 0", codes, " ")
}

/^>/ { leaves[ni + 1] = 1; sub(/^>/, "") }
/^!/ { critical[ni + 1] = 1; sub(/^!/, "") }
/^[^#]/ { ingredient[++ni] = $0 }

function choose(ring,   k)
{
    do k = 1 + random(ni)
    while (honest && ring == 3 && k in critical)
    return k
}
function dropped(what) { return index(drop, " " what " ") }
function say(i, text) { if (!dropped(i)) print text }

END {
    print "%include \"random.inc\""
    for (i = 0; i < count; i++) {
        start[i] = ring = random(2) * 3
        say(i, "s" i ":")
        for (r = 1; r <= nr; r++)
            say(i, fill("        mov " registers[r] ", I"))
        # Flags that a program may load; no TF but now and then.
        flags = 2 + random(2) * 0x8d5 + random(2) * 0x200 + \
            random(4) * 0x1000 + (random(8) ? 0 : 0x100) + random(2) * 0x400
        if (random(2) && !(honest && ring == 3))
            say(i, "        push dword " flags "\n        popf")
        for (k = 1 + random(6); k; k--) {
            line = choose(ring)
            text = fill("        " ingredient[line])
            if (dropped(i "." k))
                continue
            say(i, text)
            if (line in leaves)
                ring = 3
        }
        say(i, "        int 0x81")
    }
    print "section .data\nsnippets:"
    for (i = 0; i < count; i++)
        say(i, "        dd s" i ", " start[i])
    print "snippets_end:"
}
