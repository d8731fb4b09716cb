# 5.2 POPF leaves the virtual IF as it was
/^static void emit_popf/,/^}/s/    emit_state(e, OP_MOV_STORE, REG_ECX, AT(vif));//
