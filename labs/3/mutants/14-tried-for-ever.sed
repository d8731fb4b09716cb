# 3.8 where no entry can help, the guest tries for ever
/^static void hidden/,/^}/s/} else if (!vm_ended(f->vm)) {/} else if (!f) {/
