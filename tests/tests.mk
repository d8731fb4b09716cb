# Tests. A unit test is a C file tests/unit/test_*.c of Criterion tests; all
# of them are one program. A script test is an executable tests/*/check-*.sh
# that prints TAP lines ("ok 1 - what", "not ok 2 - what", "# skip why") and
# runs from the repository's root with $BUILD set. `make check` builds all
# with the sanitizers and runs both kinds.
#
#   make unit [T=pattern]      the Criterion tests alone
#   make scripts [S=name]      the script tests alone
#   make conformance [N=...]   other processors, at length
#   make lockstep [N=100000000] [SEED=1]
#   make equivalence [N=10000] [SEED=1]   random guests, every technique
#   make fuzz [T=60]           code, files, commands, packets: T seconds each
#   make motions [N=10000]   forwards and backwards at random
#   make check-hosts           other compilers and hosts: the same traces

UNIT_SRC = $(wildcard tests/unit/*.c)
UNIT_OBJ = $(UNIT_SRC:%.c=$(BUILD)/%.o)
SAN_BUILD ?= build-san

# Criterion before the house's archives: its main() is the one wanted.
$(BUILD)/unit: $(UNIT_OBJ) $(LIBS)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(UNIT_OBJ) -lcriterion $(LIBS) \
	    $(DEBUGGER_LIBS) -o $@

# Criterion's macros do not survive every warning.
$(BUILD)/tests/unit/%.o: WARN = -Wall -Wextra

# Programs that script tests run.
TOOLS = $(BUILD)/decode_compare $(BUILD)/insn_run $(BUILD)/run_image \
        $(BUILD)/host_compare $(BUILD)/lockstep $(BUILD)/fpu_compare \
        $(BUILD)/contain
$(BUILD)/decode_compare: $(BUILD)/tests/insn/decode_compare.o \
    $(BUILD)/tests/insn/decode_known.o
$(BUILD)/insn_run: $(BUILD)/tests/insn/insn_run.o
$(BUILD)/run_image: $(BUILD)/tests/cpu/run_image.o
$(BUILD)/contain: $(BUILD)/tests/guest/hostile/contain.o
$(BUILD)/host_compare: $(patsubst %,$(BUILD)/tests/host/%.o,compare ours \
    generate segments)
$(BUILD)/fpu_compare: $(BUILD)/tests/host/fpu_compare.o \
    $(BUILD)/tests/host/fpu_generate.o
$(filter-out $(FUZZ),$(TOOLS)): $(LIBS)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(filter %.o,$^) $(LIBS) -o $@

$(BUILD)/lockstep: $(patsubst %,$(BUILD)/tests/fuzz/%.o,lockstep machine stream)

# Random instructions in lockstep: N of them, machines from SEED on.
lockstep: $(BUILD)/lockstep
	$< $(or $(N),100000000) $(or $(SEED),1)

# Random guest programs, N of them, under every technique as on the bare
# machine; one that differs is made small and shown.
equivalence: $(BUILD)/ringside
	BUILD=$(BUILD) N=$(or $(N),10000) SEED=$(or $(SEED),1) \
	    tests/guest/check-random.sh

# The fuzzer's targets: here on files alone. `make fuzz` builds them anew with
# clang's fuzzer, and runs each for T seconds.
FUZZ = $(patsubst %,$(BUILD)/fuzz_%,cpu files commands packets)
TOOLS += $(FUZZ)
$(BUILD)/fuzz_cpu: $(patsubst %,$(BUILD)/tests/fuzz/%.o,fuzz_cpu machine stream)
$(BUILD)/fuzz_files: $(BUILD)/tests/fuzz/fuzz_files.o
$(BUILD)/fuzz_commands: $(patsubst %,$(BUILD)/tests/fuzz/%.o,fuzz_commands \
    debugger)
$(BUILD)/fuzz_packets: $(patsubst %,$(BUILD)/tests/fuzz/%.o,fuzz_packets \
    debugger)
$(FUZZ): $(if $(FUZZER),,$(BUILD)/tests/fuzz/replay.o) $(LIBS)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(FUZZER) $(filter %.o,$^) $(LIBS) \
	    $(DEBUGGER_LIBS) -o $@

fuzz:
	MAKE=$(MAKE) tests/fuzz/fuzz.sh $(or $(T),60)

# What runs on any host, for hosts.sh: no debugger, and so no libraries.
$(BUILD)/trace_run: $(BUILD)/tests/hosts/trace_run.o \
    $(patsubst %,$(BUILD)/lib%.a,vmm devices cpu)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(LDFLAGS) $^ -o $@

# Forwards and backwards at random, at length, under every technique.
motions: all
	MOTIONS=$(or $(N),10000) BUILD=$(BUILD) tests/run-scripts.sh \
	    term/check-motions

check-hosts: guests
	BUILD=$(BUILD) MAKE=$(MAKE) HOSTS='$(HOSTS)' tests/hosts/hosts.sh

unit: $(BUILD)/unit guests
	BUILD=$(BUILD) $(BUILD)/unit $(if $(T),--filter='$(T)')

scripts: all $(TOOLS)
	BUILD=$(BUILD) tests/run-scripts.sh $(S)

check: deps
	$(MAKE) BUILD=$(SAN_BUILD) SAN=1 all $(SAN_BUILD)/unit \
	    $(patsubst $(BUILD)/%,$(SAN_BUILD)/%,$(TOOLS))
	BUILD=$(SAN_BUILD) tests/check.sh

# All comparisons with other processors, at length: N cases of the host's.
conformance: all $(TOOLS) fpu-host
	HOST_CASES=$(or $(N),4000000) BUILD=$(BUILD) tests/run-scripts.sh \
	    host/check-host insn/check cpu/check

# Our x87 against the host's, bit for bit: a million cases of each seed.
fpu-host: $(BUILD)/fpu_compare
	for seed in 1 2 3 4; do $< 1000000 $$seed || exit 1; done

.PHONY: equivalence motions conformance unit scripts check check-hosts lockstep fuzz fpu-host
