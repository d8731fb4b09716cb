# Guests: the kernel, built native and para from the same sources, and the
# lesson guests. All are 32-bit x86 whatever the host is: GUEST_CC must make
# such code (on an Arm host: an i686 cross compiler, or clang). What the
# rest of the build asks for (SAN, CFLAGS, OPT) does not reach the guests.

GUEST_CC ?= $(shell for c in gcc i686-linux-gnu-gcc x86_64-linux-gnu-gcc \
    "clang --target=i386-unknown-none"; do \
    echo 'int f(void){return 0;}' | $$c -m32 -xc - -c -o /dev/null \
    2>/dev/null && { echo "$$c"; break; }; done)
GUEST_LD ?= $(shell for l in ld i686-linux-gnu-ld x86_64-linux-gnu-ld ld.lld; \
    do $$l -m elf_i386 -V >/dev/null 2>&1 && { echo $$l; break; }; done)
GUEST_CC := $(GUEST_CC) # ask once
GUEST_LD := $(GUEST_LD)
# Those of the options $(2) that $(1), a compiler, knows: gcc's and clang's,
# old ones' and new ones', differ.
known = $(foreach o,$(2),$(shell echo 'int f(void){return 0;}' | \
    $(1) -Werror $(o) -xc - -c -o /dev/null 2>/dev/null && echo '$(o)'))
GUEST_CFLAGS := -m32 -march=i686 -mgeneral-regs-only -std=c11 -O2 -g -Wall \
    -Wextra -ffreestanding -fno-pic -fno-stack-protector \
    -fcf-protection=none -fno-asynchronous-unwind-tables \
    $(call known,$(GUEST_CC) -m32,-fno-tree-loop-distribute-patterns \
        -mpreferred-stack-boundary=2 -ffile-prefix-map=$(CURDIR)=.)
GUEST_NASM = $(NASM) -f elf32 -g -F dwarf
GUEST_LDFLAGS := -m elf_i386 -z noexecstack -z max-page-size=4096 $(shell \
    $(GUEST_LD) -m elf_i386 --no-warn-rwx-segments -V >/dev/null 2>&1 && \
    echo --no-warn-rwx-segments)
# X.elf is what runs. X.debug is the same, with source lines: those name
# places of the machine that it was made on, and a guest must not.
guest_link = $(GUEST_LD) $(GUEST_LDFLAGS) $(1) -o $(@:.elf=.debug) && \
    $(GUEST_LD) $(GUEST_LDFLAGS) -S $(1) -o $@
GUESTS = $(BUILD)/guests
K = guests/kernel

kernel_c = $(notdir $(wildcard $(K)/*.c))
kernel_h = $(wildcard $(K)/*.h $(K)/*.def $(K)/*/*.inc $(K)/para/*.h) \
    vmm/techniques/para/xen.h vmm/techniques/para/hypercalls.def

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
	$(Q)$(GUEST_NASM) -I$(K)/$(1)/ -I$(GUESTS)/ $$< -o $$@
$(GUESTS)/$(1)/variant/%.asm.o: $(K)/$(1)/%.asm $(kernel_h)
	@mkdir -p $$(@D)
	$(Q)$(GUEST_NASM) -I$(K)/$(1)/ $$< -o $$@
$(GUESTS)/$(1)/programs.asm.o: $(patsubst %,$(GUESTS)/user/%.bin,work nothing \
    measure cc)
$(GUESTS)/kernel-$(1).elf: $(K)/kernel.ld \
    $(patsubst %.c,$(GUESTS)/$(1)/%.o,$(kernel_c)) \
    $(GUESTS)/$(1)/trap.asm.o $(GUESTS)/$(1)/programs.asm.o \
    $(patsubst $(K)/$(1)/%.c,$(GUESTS)/$(1)/variant/%.o,\
        $(wildcard $(K)/$(1)/*.c)) \
    $(patsubst $(K)/$(1)/%.asm,$(GUESTS)/$(1)/variant/%.asm.o,\
        $(wildcard $(K)/$(1)/*.asm))
	@echo "  GUEST $$@"
	$(Q)$$(call guest_link,-T $$< $$(filter %.o,$$^))
endef
VARIANTS = native para
$(foreach v,$(VARIANTS),$(eval $(call kernel,$(v))))

$(GUESTS)/user/%.o: $(K)/user/%.c $(K)/user/user.h $(kernel_h)
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -c $< -o $@
$(GUESTS)/user/start.o: $(K)/user/start.asm
	@mkdir -p $(@D)
	$(Q)$(GUEST_NASM) $< -o $@
# Flat: as it will lie in memory, but for the zeroed data at its end.
$(GUESTS)/user/%.bin: $(K)/user/user.ld $(GUESTS)/user/start.o \
    $(GUESTS)/user/%.o $(GUESTS)/user/lib.o
	$(Q)$(GUEST_LD) $(GUEST_LDFLAGS) -T $< $(filter %.o,$^) \
	    -o $(@:.bin=.debug)
	$(Q)$(GUEST_LD) $(GUEST_LDFLAGS) --oformat binary -T $< \
	    $(filter %.o,$^) -o $@

# A lesson is one NASM file: a Multiboot image with its own addresses in its
# header (the paravirtual one: with Xen's notes), linked as an ELF file at
# 1 MiB.
LESSONS = $(patsubst guests/lessons/%.asm,$(GUESTS)/%.elf,\
    $(wildcard guests/lessons/*.asm))
$(GUESTS)/%.elf: guests/lessons/%.asm $(wildcard guests/lib/*.inc)
	@mkdir -p $(@D)
	$(Q)$(GUEST_NASM) -Iguests/lib/ $< -o $(@:.elf=.o)
	$(Q)$(call guest_link,-Ttext=0x100000 -e _start $(@:.elf=.o))

# A nanobenchmark: a lesson, too.
NANOS = $(patsubst guests/nano/%.asm,$(GUESTS)/nano-%.elf,\
    $(wildcard guests/nano/*.asm))
$(GUESTS)/nano-%.elf: guests/nano/%.asm $(wildcard guests/lib/*.inc)
	@mkdir -p $(@D)
	$(Q)$(GUEST_NASM) -Iguests/lib/ $< -o $(@:.elf=.o)
	$(Q)$(call guest_link,-Ttext=0x100000 -e _start $(@:.elf=.o))

# A lesson in real mode is a boot sector: a disk of one sector.
BOOTS = $(patsubst guests/boot/%.asm,$(GUESTS)/%.img,\
    $(wildcard guests/boot/*.asm))
$(GUESTS)/%.img: guests/boot/%.asm guests/lib/boot.inc
	@mkdir -p $(@D)
	$(Q)$(NASM) -f bin -Iguests/lib/ $< -o $@

guests: $(patsubst %,$(GUESTS)/kernel-%.elf,$(VARIANTS)) $(LESSONS) $(NANOS) \
    $(BOOTS)

# How many lines the native and the para kernel do not share.
guests-lines:
	@for v in $(VARIANTS); do cat $(K)/$$v/* | wc -l | \
	    xargs printf "$$v: %s lines of its own\n"; done
	@cat $(K)/*.c $(K)/*.h $(K)/*.asm $(K)/*.def | wc -l | \
	    xargs printf "shared: %s lines\n"

.PRECIOUS: $(GUESTS)/user/%.o
.PHONY: guests guests-lines
