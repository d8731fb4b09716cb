# 7.5 the A20 gate moves, and the tables stay
/^void nested_a20/,/^}/s/^    drop_all(h);/    (void)drop_all;/
