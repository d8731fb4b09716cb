# Benchmarks.
#
#   make bench         many runs, and a report of them: SWEEP=FILE, OUT=FOLDER
#   make predictions   measure, and renew the tables in docs/COSTS.md
#   make bench-host    kernels on ours, QEMU and Bochs, timed by the host:
#                      docs/HOST-SPEED.md

bench: all
	$(BUILD)/ringside bench $(SWEEP) --out $(or $(OUT),$(BUILD)/bench)

# The tables of the report under those headings go between COSTS.md's marks.
predictions: all
	$(Q)$(BUILD)/ringside bench --out $(BUILD)/predictions
	$(Q)awk -f bench/predictions.awk $(BUILD)/predictions/report.md \
	    docs/COSTS.md > docs/COSTS.md.tmp && mv docs/COSTS.md.tmp docs/COSTS.md

.PHONY: bench predictions

H = bench/host
HB = $(BUILD)/bench-host
$(HB)/%.o: $(H)/%.c $(H)/kernels.h $(H)/kernels.def
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(GUEST_CFLAGS) -c $< -o $@
$(HB)/machine.o: $(H)/machine.asm
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 $< -o $@
$(HB)/kernels.elf: $(H)/host.ld \
    $(patsubst %,$(HB)/%.o,machine main compute memory)
	@echo "  GUEST $@"
	$(Q)$(GUEST_LD) $(GUEST_LDFLAGS) -T $< $(filter %.o,$^) -o $@
$(HB)/kernels.bin: $(H)/host.ld $(HB)/kernels.elf
	$(Q)$(GUEST_LD) $(GUEST_LDFLAGS) --oformat binary -T $< \
	    $(patsubst %,$(HB)/%.o,machine main compute memory) -o $@
$(HB)/stamp: $(H)/stamp.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< -o $@

bench-host-tools: all $(HB)/stamp $(HB)/kernels.elf $(HB)/kernels.bin
bench-host: bench-host-tools
	$(Q)BUILD=$(BUILD) $(H)/run.sh

.PHONY: bench-host bench-host-tools
