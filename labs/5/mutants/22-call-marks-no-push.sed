# 5.4 an indirect CALL that asks the monitor has pushed already
/^static void emit_indirect/,/^}/s/emit_look_up(e, call ? 4 : 0, 0);/emit_look_up(e, 0, 0);/
