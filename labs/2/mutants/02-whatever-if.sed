# 2.3 IF is not asked
s/return f->vm->interrupt_line \&\& (f->p.cpu->eflags & FL_IF)/return f->vm->interrupt_line/
