# 7.1 the table's entry is taken from the directory's bits
s/^        table\[at.v >> PAGE_SHIFT & (ENTRIES - 1)\] =/        table[at.v >> 22] =/
