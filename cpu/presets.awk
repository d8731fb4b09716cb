# presets.awk - turn price files into the C source of presets.h's tables.
BEGIN { print "/* Generated from cpu/costs/ by cpu/presets.awk. */"
        print "#include \"presets.h\"" }
FNR == 1 {
    if (n) print "    NULL};"
    name = FILENAME; sub(/.*\//, "", name); sub(/\.cost$/, "", name)
    names[n++] = name
    printf "static const char *const lines_%d[] = {\n", n - 1
}
{ sub(/[ \t]*#.*/, ""); gsub(/[\\"]/, "\\\\&"); printf "    \"%s\",\n", $0 }
END {
    print "    NULL};\nconst struct preset presets[] = {"
    for (i = 0; i < n; i++)
        printf "    {\"%s\", lines_%d},\n", names[i], i
    print "};\nconst size_t preset_count = sizeof presets / sizeof *presets;"
}
