# 5.17 CLI and PUSHF are called out: right, and dear
/^bool emit_inline/,/^}/s/    if (in->id == I_STI/    if (in->id) {\n        return false;\n    }\n    if (in->id == I_STI/
