# 3.2 the guest's tables are walked as for its kernel, whoever asks
/^void page_fault/,/^}/s/x->event.error & PF_U/false/
