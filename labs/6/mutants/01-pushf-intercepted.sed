# 6.1 PUSHF is intercepted, too: right, and an exit that need not be
s/uint32_t virtual = V_INTR_MASKING;/uint32_t virtual = V_INTR_MASKING; one |= INTERCEPT(VMEXIT_PUSHF);/
