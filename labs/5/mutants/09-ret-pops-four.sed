# 5.4 RET n pops the return address alone
s/emit_look_up(e, 0, 4 + (in->id == I_RET_Iw ? in->imm & 0xffff : 0));/emit_look_up(e, 0, in->id == I_RET_Iw ? 4 : 4);/
