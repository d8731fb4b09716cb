# 3.8 a read-only page is the guest's own fault, whatever CR0.WP says
/^void page_fault/,/^}/s/if (!w.ok) {/if (!w.ok || (write \&\& read_only(\&w))) {/
