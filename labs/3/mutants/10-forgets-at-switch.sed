# 3.13 each MOV CR3 drops every shadow: right, and dear
/^void paging_switch/,/^}/s/    f->sh.current = directory(f);/    shadow_drop_all(f);\n    f->sh.current = directory(f);/
