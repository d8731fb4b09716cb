# 6.12 the control block is read three times an exit: right, and dear
s/^        hvm_state_in(h);/        hvm_state_in(h);\n        hvm_state_in(h);\n        hvm_state_in(h);/
