# 5.4 CALL pushes an address of the cache
/case I_CALL_Jz:/,/break;/s/emit_word(e, next);/emit_word(e, e->n);/
