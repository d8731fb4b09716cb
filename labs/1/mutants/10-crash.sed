# 1.3 HLT writes where nothing is: the finding says behind which exit
# says behind exit [1-9]
s/p->cpu->halted = true;/((struct cpu *)((uintptr_t)in->id * 64))->halted = true;/
