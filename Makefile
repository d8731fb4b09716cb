# Ringside: build, check, demonstrate.
#
#   make            build/ringside and the guests
#   make demo       the main job: one kernel, eight ways, compared
#   make check      every test
#   make check-hosts   gcc, clang, 64-bit Arm, 32-bit x86: the same traces
#   make LAB=1      a lab's monitor: docs/STUDENTS.md; make labs-check
#   make lint       formatting, warnings, analysers, the dependency rule
#   make deps       install what the project needs (Debian, apt)
#
# V=1 shows the commands. SAN=1 builds with ASan and UBSan.

BUILD ?= build
PREFIX ?= /usr/local
CC ?= gcc
NASM ?= nasm
OPT ?= -O2
WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
       -Wmissing-prototypes -Wundef -Wvla -Wcast-qual -Wpointer-arith \
       -Wwrite-strings -Wformat=2 -Wimplicit-fallthrough -Woverride-init
CFLAGS_ALL = -std=c11 -D_DEFAULT_SOURCE -g $(OPT) $(WARN) -MMD -MP \
       $(if $(CI),-Werror) \
       $(if $(SAN),-fsanitize=address -fsanitize=undefined \
         -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
         -DRINGSIDE_AUDIT, -DRINGSIDE_TAIL_CALLS) \
       $(CFLAGS)
# Linked low, addresses of the program fit in 32 bits: cpu/fast/fast.h.
CFLAGS_ALL += -fno-pie
LDFLAGS_ALL = -no-pie
Q = $(if $(V),,@)

# What the debugger is linked with.
DEBUGGER_LIBS = -lreadline -lncursesw -lcjson -ldw -lelf -lm

HOUSE = cpu devices vmm debugger
sources = $(wildcard $(1)/*.c $(1)/*/*.c $(1)/*/*/*.c)
objects = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))

# LAB=n: a student's monitor in its place (labs/labs.mk).
LAB ?= $(shell cat labs/this 2>/dev/null)
all: $(if $(LAB),lab,$(BUILD)/ringside guests)

guests:
.PHONY: guests

# One archive a folder of the house; the order is the dependency order.
LIBS = $(patsubst %,$(BUILD)/lib%.a,debugger vmm devices cpu)
$(foreach h,$(HOUSE),$(eval $(BUILD)/lib$(h).a: $(call objects,$(h))))
$(BUILD)/lib%.a:
	@echo "  AR    $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# Objects are made anew when the compiler or an option changes.
FLAGS := $(CC) $(filter-out -Werror,$(CFLAGS_ALL))
$(BUILD)/flags: always
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@
.PHONY: always

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@

# The fast engine lives on last calls that are jumps (docs/ENGINE.md), so it
# is optimised always.
$(BUILD)/cpu/fast/%.o: CFLAGS_ALL += $(if $(SAN),,-O2 -fomit-frame-pointer \
    -fno-tree-slp-vectorize -fno-stack-protector -fcf-protection=none -fno-lto)

# The price files are compiled in.
$(BUILD)/cpu/presets.c: cpu/presets.awk $(wildcard cpu/costs/*.cost)
	@mkdir -p $(@D)
	$(Q)awk -f $< $(filter %.cost,$^) > $@.tmp && mv $@.tmp $@
$(BUILD)/cpu/presets.o: $(BUILD)/cpu/presets.c
	$(Q)$(CC) $(CFLAGS_ALL) -Icpu -c $< -o $@
$(BUILD)/libcpu.a: $(BUILD)/cpu/presets.o

# So is the firmware that starts a disk.
$(BUILD)/vmm/firmware.bin: guests/firmware/bios.asm \
    $(wildcard guests/firmware/*.inc)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f bin -I guests/firmware/ $< -o $@
$(BUILD)/vmm/firmware_rom.c: $(BUILD)/vmm/firmware.bin
	$(Q){ echo '#include "firmware.h"'; \
	    echo 'const unsigned char firmware_rom[] = {'; \
	    od -An -v -tu1 $< | sed 's/  */,/g; s/^,//; s/$$/,/'; echo '};'; \
	    echo 'const size_t firmware_rom_size = sizeof firmware_rom;'; \
	    } > $@.tmp && mv $@.tmp $@
$(BUILD)/vmm/firmware_rom.o: $(BUILD)/vmm/firmware_rom.c
	$(Q)$(CC) $(CFLAGS_ALL) -Ivmm -c $< -o $@
$(BUILD)/libvmm.a: $(BUILD)/vmm/firmware_rom.o

$(BUILD)/ringside: $(LIBS)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -Wl,--whole-archive $(BUILD)/libdebugger.a \
	    -Wl,--no-whole-archive $(LIBS) $(DEBUGGER_LIBS) -o $@

-include guests/guests.mk tests/tests.mk bench/bench.mk labs/labs.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# `make demo` and `make check` set up what they need by themselves.
demo: deps
	@$(MAKE) --no-print-directory all
	@$(BUILD)/ringside compare
	@echo
	@echo "Next: $(BUILD)/ringside debug forkwait    begin with 'tour'"

deps:
	@tests/deps.sh

# Both compilers with every warning an error, then rules and analysers.
lint:
	$(Q)$(MAKE) --no-print-directory BUILD=build-lint/gcc CC=gcc CI=1 \
	    OPT=-O1 lint-objects
	$(Q)$(MAKE) --no-print-directory BUILD=build-lint/clang CC=clang CI=1 \
	    OPT=-O1 WARN='$(filter-out -Woverride-init,$(WARN))' lint-objects
	$(Q)tests/lint.sh rules format cppcheck tidy
	@echo "lint: clean"

lint-objects: $(LIBS)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/ringside/guests
	install $(BUILD)/ringside $(DESTDIR)$(PREFIX)/bin/
	install -m 644 docs/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 $(BUILD)/guests/*.elf $(BUILD)/guests/*.debug \
	    $(BUILD)/guests/*.img $(DESTDIR)$(PREFIX)/share/ringside/guests/
	install -d $(DESTDIR)$(PREFIX)/share/ringside/guests/user
	install -m 644 $(BUILD)/guests/user/*.debug \
	    $(DESTDIR)$(PREFIX)/share/ringside/guests/user/

clean:
	rm -rf $(BUILD) build-san build-lint

.PHONY: all demo deps lint lint-objects install clean
