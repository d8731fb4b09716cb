# 6.7 VMEXIT_INVALID is taken for an instruction
s/case (uint32_t)VMEXIT_INVALID:/case 0x7777:/
