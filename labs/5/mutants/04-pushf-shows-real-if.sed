# 5.2 PUSHF pushes the real IF and IOPL
/^static void emit_pushf/,/^}/s/emit_state(e, OP_MOV_LOAD, REG_ECX, AT(flags_bias));/emit_state(e, OP_MOV_LOAD, REG_ECX, AT(save[REG_ESP]));/
