# Ringside: build, check, demonstrate.
#
#   make            build/ringside and the guests
#   make demo       the main job: one kernel, three ways, compared
#   make check      every test
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
         -DRINGSIDE_AUDIT) \
       $(CFLAGS)
Q = $(if $(V),,@)

HOUSE = cpu devices vmm debugger
sources = $(wildcard $(1)/*.c $(1)/*/*.c $(1)/*/*/*.c)
objects = $(patsubst %.c,$(BUILD)/%.o,$(call sources,$(1)))

all: $(BUILD)/ringside guests

# One archive a folder of the house; the order is the dependency order.
LIBS = $(patsubst %,$(BUILD)/lib%.a,debugger vmm devices cpu)
$(foreach h,$(HOUSE),$(eval $(BUILD)/lib$(h).a: $(call objects,$(h))))
$(BUILD)/lib%.a:
	@echo "  AR    $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CFLAGS_ALL) -c $< -o $@

# The price files are compiled in.
$(BUILD)/cpu/presets.c: cpu/presets.awk $(wildcard cpu/costs/*.cost)
	@mkdir -p $(@D)
	$(Q)awk -f $< $(filter %.cost,$^) > $@.tmp && mv $@.tmp $@
$(BUILD)/cpu/presets.o: $(BUILD)/cpu/presets.c
	$(Q)$(CC) $(CFLAGS_ALL) -Icpu -c $< -o $@
$(BUILD)/libcpu.a: $(BUILD)/cpu/presets.o

$(BUILD)/ringside: $(LIBS)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) -Wl,--whole-archive $(BUILD)/libdebugger.a \
	    -Wl,--no-whole-archive $(LIBS) -lreadline -lncurses -lm -o $@

-include guests/guests.mk tests/tests.mk

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

clean:
	rm -rf $(BUILD)

.PHONY: all clean
