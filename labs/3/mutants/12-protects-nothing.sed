# 3.7 entries that could write a page can, when it has become a table
/^void shadow_protect/,/^}/s/s = f->sh.all; s && g/s = f->sh.all; !s \&\& g/
