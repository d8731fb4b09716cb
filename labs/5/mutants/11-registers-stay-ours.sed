# 5.6 registers in the state page are not brought back
/^void recover_registers/,/^}/s/if (m->saved & 1u << r) {/if (m->saved \& 256u << r) {/
