# 7.6 the page itself is not translated: a walk of one dimension at its end
s/^    if (find(h, page, w)) {/    if (page.v) {/
