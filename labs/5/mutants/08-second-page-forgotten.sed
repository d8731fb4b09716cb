# 5.5 the second page of an instruction is not looked at
/^void unit_written/,/^}/s/for (u = t->crossing; u; u = next)/for (u = NULL; u; u = next)/
