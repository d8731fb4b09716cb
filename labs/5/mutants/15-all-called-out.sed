# 5.1 every instruction is called out: right, and an interpreter
/^static void emit_insn/,/^}/s/} else if (copies(in)) {/} else if (copies(in) \&\& 0) {/
