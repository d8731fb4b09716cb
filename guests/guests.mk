# Guests: the kernel, built native and para from the same sources, and the
# lesson guests. All are 32-bit x86 whatever the host is: GUEST_CC must make
# such code (on an Arm host: an i686 cross compiler, or clang).

GUEST_CC ?= $(shell for c in gcc i686-linux-gnu-gcc x86_64-linux-gnu-gcc \
    "clang --target=i386-unknown-none"; do \
    echo 'int f(void){return 0;}' | $$c -m32 -xc - -c -o /dev/null \
    2>/dev/null && { echo "$$c"; break; }; done)
GUEST_LD ?= $(shell for l in ld i686-linux-gnu-ld x86_64-linux-gnu-ld ld.lld; \
    do $$l -V 2>/dev/null | grep -q elf_i386 && { echo $$l; break; }; done)
GUEST_CFLAGS = -m32 -march=i686 -mgeneral-regs-only -std=c11 -O2 \
    -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
    -mpreferred-stack-boundary=2 -g -Wall -Wextra
GUESTS = $(BUILD)/guests
K = guests/kernel

kernel_c = $(notdir $(wildcard $(K)/*.c))
kernel_h = $(wildcard $(K)/*.h $(K)/*.def $(K)/*/*.inc $(K)/para/*.h)

# One variant: $(1) is native or para.
define kernel
$(GUESTS)/$(1)/%.o: $(K)/%.c $(kernel_h)
	@mkdir -p $$(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -c $$< -o $$@
$(GUESTS)/$(1)/variant/%.o: $(K)/$(1)/%.c $(kernel_h)
	@mkdir -p $$(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -c $$< -o $$@
$(GUESTS)/$(1)/%.asm.o: $(K)/%.asm $(kernel_h)
	@mkdir -p $$(@D)
	$(Q)$(NASM) -f elf32 -I$(K)/$(1)/ -I$(GUESTS)/ $$< -o $$@
$(GUESTS)/$(1)/variant/%.asm.o: $(K)/$(1)/%.asm $(kernel_h)
	@mkdir -p $$(@D)
	$(Q)$(NASM) -f elf32 -I$(K)/$(1)/ $$< -o $$@
$(GUESTS)/$(1)/programs.asm.o: $(patsubst %,$(GUESTS)/user/%.bin,work nothing)
$(GUESTS)/kernel-$(1).elf: $(K)/$(1)/link.ld \
    $(patsubst %.c,$(GUESTS)/$(1)/%.o,$(kernel_c)) \
    $(GUESTS)/$(1)/trap.asm.o $(GUESTS)/$(1)/programs.asm.o \
    $(patsubst $(K)/$(1)/%.c,$(GUESTS)/$(1)/variant/%.o,\
        $(wildcard $(K)/$(1)/*.c)) \
    $(patsubst $(K)/$(1)/%.asm,$(GUESTS)/$(1)/variant/%.asm.o,\
        $(wildcard $(K)/$(1)/*.asm))
	@echo "  GUEST $$@"
	$(Q)$(GUEST_LD) -m elf_i386 -z noexecstack -z max-page-size=4096 \
	    --no-warn-rwx-segments -T $$< $$(filter %.o,$$^) -o $$@
endef
VARIANTS = $(patsubst $(K)/%/link.ld,%,$(wildcard $(K)/*/link.ld))
$(foreach v,$(VARIANTS),$(eval $(call kernel,$(v))))

$(GUESTS)/user/%.o: $(K)/user/%.c $(K)/user/user.h $(kernel_h)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -c $< -o $@
$(GUESTS)/user/start.o: $(K)/user/start.asm
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 $< -o $@
$(GUESTS)/user/%.elf: $(K)/user/user.ld $(GUESTS)/user/start.o \
    $(GUESTS)/user/%.o $(GUESTS)/user/lib.o
	$(Q)$(GUEST_LD) -m elf_i386 -z noexecstack --no-warn-rwx-segments -T $< \
	    $(filter %.o,$^) -o $@
$(GUESTS)/user/%.bin: $(GUESTS)/user/%.elf
	$(Q)objcopy -O binary $< $@

# A lesson is one NASM file: a Multiboot image with its own addresses in its
# header (the paravirtual one: with Xen's notes), linked as an ELF file at
# 1 MiB.
LESSONS = $(patsubst guests/lessons/%.asm,$(GUESTS)/%.elf,\
    $(wildcard guests/lessons/*.asm))
$(GUESTS)/%.elf: guests/lessons/%.asm $(wildcard guests/lib/*.inc)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 -Iguests/lib/ $< -o $(@:.elf=.o)
	$(Q)$(GUEST_LD) -m elf_i386 -z noexecstack --no-warn-rwx-segments \
	    -Ttext=0x100000 -e _start $(@:.elf=.o) -o $@

guests: $(patsubst %,$(GUESTS)/kernel-%.elf,$(VARIANTS)) $(LESSONS)

# How many lines the native and the para kernel do not share.
guests-lines:
	@for v in $(VARIANTS); do cat $(K)/$$v/* | wc -l | \
	    xargs printf "$$v: %s lines of its own\n"; done
	@cat $(K)/*.c $(K)/*.h $(K)/*.asm $(K)/*.def | wc -l | \
	    xargs printf "shared: %s lines\n"

.PRECIOUS: $(GUESTS)/user/%.elf $(GUESTS)/user/%.o
.PHONY: guests guests-lines
