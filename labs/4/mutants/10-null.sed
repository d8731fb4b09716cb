# 4.1 a row without a function is called
/^int32_t hypercall_do(/,/^}/s/if (!h || !h->run)/if (!h)/
