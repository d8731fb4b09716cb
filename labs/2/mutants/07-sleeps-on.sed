# 2.1 nobody is woken
s/^        vm_wake(p->vm);/        (void)p;/
