# 7.13 every frame of the guest's is taken for a new table, and paid as one: right, and dear
/^static bool fill/,/^}/s/^        charge_exit(h->f.vm, PHASE_memory, PRICE_vmm_shadow_write, 1);/        charge_exit(h->f.vm, PHASE_memory, PRICE_vmm_shadow_page, 2);/
