# 1.4 nothing is refused to ring 3
s/    if (refused(p, in)) {/    if (0 \&\& refused(p, in)) {/
