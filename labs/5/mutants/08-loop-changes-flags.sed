# 5.4 LOOP with CX counts ECX
s/if (in->adsize == 2) {/if (in->adsize == 9) {/
