# 4.3 a read-only entry may map a frame of anybody's
/^static int pte_get(/,/^}/s/guest_frame(p, at)/frame_info(p->vm->monitor, at)/
/^static void pte_put(/,/^}/s/guest_frame(p, at)/frame_info(p->vm->monitor, at)/
