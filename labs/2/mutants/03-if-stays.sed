# 2.2 the handler of an interrupt gate runs with IF set
s/if (g.clears_if) {/if (!g.clears_if) {/
