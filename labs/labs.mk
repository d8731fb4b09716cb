# Labs: one file of the monitor is the student's. docs/STUDENTS.md,
# docs/INSTRUCTORS.md.
#
#   make LAB=1             the monitor with labs/1/lab1.c in it
#   make LAB=1 check|grade the tests, and results.jsonl  (T=name: only those)
#   make LAB=1 run|replay|hint|diff-trace|handin   T=name SEED=n STOP=exit
#
#   make labs-check        every lab's gates   (LAB=1: only that one's)
#   make LAB=1 handout|solution|budgets|grade-all|gradescope|autolab|moss
#
# FILE=path takes another file than labs/1/lab1.c. In a handout LAB need not
# be given.

LABS = $(patsubst labs/%/lab.txt,%,$(wildcard labs/*/lab.txt))
LB = $(BUILD)/labs
LABS_INC = -Ilabs -Ivmm -Ivmm/interpreters -Ivmm/techniques/full \
    -Ivmm/techniques/para -Ivmm/techniques/translate -Ivmm/techniques/hvm \
    -Icpu
HOUSE_LIBS = $(patsubst %,$(BUILD)/lib%.a,vmm devices cpu)

# In a handout other labs' files are objects, and this lab's are not there:
# what runs no monitor is linked with the stub.
HANDOUT := $(wildcard labs/this)
REF := labs/ref/$(shell uname -s)-$(shell uname -m)
$(BUILD)/libvmm.a: $(wildcard $(REF)/*.o)
LAB_STUB = $(if $(HANDOUT),$(LB)/$(LAB)/starter.o $(BUILD)/labs/todo.o)

# The trusted half of the grader.
$(LB)/grader: $(patsubst %,$(BUILD)/labs/grade/%.o,grade tests oracle run \
    checks ways touched report confine machine space) \
    $(patsubst %.c,$(BUILD)/%.o,$(wildcard labs/grade/check_*.c)) \
    $(LAB_STUB) $(HOUSE_LIBS)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@

# The confined half. labs/build.sh links a student's file with an archive in
# which the lab's own files are missing: a function left out is an error, and
# never the reference's. What watches it comes before the archive: a student's own audit would
# otherwise be taken in silence, and is a `multiple definition` now.
CHILD_OBJ = $(patsubst %,$(BUILD)/labs/grade/%.o,child machine space) \
    $(patsubst %.c,$(BUILD)/%.o,vmm/ledger.c vmm/monitor.c \
    $(wildcard vmm/audit*.c vmm/techniques/*/audit.c))
LABS_CC = $(CC) $(CFLAGS_ALL) $(LABS_INC)
LABS_LINK = $(CC) $(CFLAGS_ALL) $(if $(SAN),$(LDFLAGS_ALL),-static \
    $(filter-out -no-pie,$(LDFLAGS_ALL))) \
    -Wl,--wrap=fopen,--wrap=board_acknowledge,--wrap=cpu_deliver
$(LB)/build.env: $(CHILD_OBJ) $(HOUSE_LIBS) $(BUILD)/flags labs/labs.mk
	@mkdir -p $(@D)
	$(Q){ echo "LABS_CC='$(LABS_CC)'"; \
	    echo "LABS_LINK='$(LABS_LINK)'"; \
	    echo "LABS_OBJ='$(CHILD_OBJ)'"; \
	    echo "LABS_LIBS='$(filter-out %/libvmm.a,$(HOUSE_LIBS))'"; } > $@
labs-tools: $(LB)/grader $(LB)/build.env \
    $(foreach l,$(LABS),$(LB)/$(l)/libvmm.a)

# Of each lab: its guests, one a seed; what the student starts from; and,
# where the reference is, the solution.
guest_of = $(firstword $(subst -, ,$(1)))
seed_of = $(lastword $(subst -, ,$(1)))
make_from_marks = @mkdir -p $(@D); awk -v lab=$(1) -v want=$(2) \
    -f labs/strip.awk $(LAB_FILES_$(1)) > $@.tmp && mv $@.tmp $@
define lab
LAB_FILES_$(1) := $(shell sed -n 's/^files //p' labs/$(1)/lab.txt)
$(LB)/$(1)/libvmm.a: $$(filter-out $$(LAB_FILES_$(1):%.c=$(BUILD)/%.o),\
    $$(call objects,vmm)) $(BUILD)/vmm/firmware_rom.o $(wildcard $(REF)/*.o)
	@mkdir -p $$(@D)
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
# What a lab's guests in C are linked with: labs/N/include.
LAB_OWN_$(1) := $(patsubst labs/$(1)/include/%,$(LB)/$(1)/include/%.o,\
    $(wildcard labs/$(1)/include/*.asm labs/$(1)/include/*.c))
LAB_OWN_H_$(1) := $(wildcard labs/$(1)/include/*.h)
$(LB)/$(1)/include/%.c.o: labs/$(1)/include/%.c $$(LAB_OWN_H_$(1))
	@mkdir -p $$(@D)
	$$(Q)$$(GUEST_CC) $$(GUEST_CFLAGS) -c $$< -o $$@
$(LB)/$(1)/include/%.asm.o: labs/$(1)/include/%.asm
	@mkdir -p $$(@D)
	$$(Q)$$(GUEST_NASM) $$< -o $$@
ifneq ($$(LAB_OWN_$(1)),)
.SECONDARY: $$(LAB_OWN_$(1))
endif
$(LB)/$(1)/guests/%.elf: labs/lib.inc $(wildcard labs/$(1)/guests/*) \
    $(wildcard labs/$(1)/include/*.inc) \
    $(wildcard guests/lib/*.inc) $$(LAB_OWN_$(1)) $$(LAB_OWN_H_$(1))
	@mkdir -p $$(@D)
	$$(Q)$$(if $$(LAB_OWN_$(1)),$$(GUEST_CC) $$(GUEST_CFLAGS) \
	    -Ilabs/$(1)/include -c,$$(GUEST_NASM) -Iguests/lib/ -Ilabs/ \
	    -Ilabs/$(1)/include/) \
	    -DSEED=$$(call seed_of,$$*) labs/$(1)/guests/$$(call \
	    guest_of,$$*).$$(if $$(LAB_OWN_$(1)),c,asm) -o $$(@:.elf=.o)
	$$(Q)$$(call guest_link,-Ttext=0x100000 -e _start \
	    $$(LAB_OWN_$(1)) $$(@:.elf=.o))
lab-$(1)-guests: $$(patsubst %,$(LB)/$(1)/guests/%.elf,$$(shell awk \
    -f labs/guests.awk labs/$(1)/tests.txt labs/$(1)/questions.txt))
ifneq ($(HANDOUT),)
$(LB)/$(1)/starter.c: labs/$(1)/starter.c
	@mkdir -p $$(@D) && cp $$< $$@
else
$(LB)/$(1)/starter.c: labs/strip.awk $$(LAB_FILES_$(1))
	$$(call make_from_marks,$(1),stub)
$(LB)/$(1)/solution.c: labs/strip.awk $$(LAB_FILES_$(1))
	$$(call make_from_marks,$(1),solution)
endif
labs/$(1)/lab$(1).c: | $(LB)/$(1)/starter.c
	@cp $(LB)/$(1)/starter.c $$@
	@echo "  $$@ is yours to write: begin with labs/$(1)/handout.md"
labs/$(1)/answers.txt: | labs/$(1)/questions.txt
	@sed -n 's/^\(p[0-9]*\) .*# /\1 =      # /p' labs/$(1)/questions.txt > $$@
.PHONY: lab-$(1)-guests
endef
$(foreach l,$(LABS),$(eval $(call lab,$(l))))
$(LB)/%.o: $(LB)/%.c $(BUILD)/flags
	$(Q)$(LABS_CC) -c $< -o $@

ifneq ($(LAB),)
ifeq ($(filter $(LAB),$(LABS)),)
$(error LAB=$(LAB): there is no such lab; there are: $(sort $(LABS)))
endif
FILE ?= labs/$(LAB)/lab$(LAB).c

# The whole monitor, debugger and all, with the student's file: one process.
# FILE may be another one than last time, and older.
$(LB)/$(LAB)/file: always
	@mkdir -p $(@D)
	@echo '$(FILE)' | cmp -s - $@ || echo '$(FILE)' > $@
$(LB)/$(LAB)/student.o: $(FILE) $(LB)/$(LAB)/file $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(LABS_CC) -c $< -o $@
LAB_LIBS = $(subst $(BUILD)/libvmm.a,$(LB)/$(LAB)/libvmm.a,$(LIBS))
$(LB)/$(LAB)/ringside: $(LB)/$(LAB)/student.o $(BUILD)/labs/todo.o $(LAB_LIBS)
	@echo "  LINK  $@"
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(filter %.o,$^) \
	    -Wl,--whole-archive $(BUILD)/libdebugger.a -Wl,--no-whole-archive \
	    $(LAB_LIBS) $(DEBUGGER_LIBS) -o $@
lab: $(LB)/$(LAB)/ringside lab-$(LAB)-guests labs/$(LAB)/answers.txt

LAB_ENV = BUILD=$(BUILD) LAB=$(LAB) FILE=$(FILE) T='$(T)' SEED='$(SEED)' \
    STOP='$(STOP)' HINT='$(HINT)'
grade diff-trace budgets: labs-tools lab-$(LAB)-guests \
    labs/$(LAB)/answers.txt $(FILE)
	$(Q)$(LAB_ENV) labs/student.sh $@
run replay: lab
	$(Q)$(LAB_ENV) labs/student.sh $@
hint handin:
	$(Q)$(LAB_ENV) labs/student.sh $@
check: grade
solution: $(LB)/$(LAB)/solution.c
	@echo $<
handout: all-for-handout
	$(Q)BUILD=$(BUILD) REF=$(or $(REFERENCE),object) labs/handout.sh $(LAB) \
	    $(or $(OUT),$(LB)/handout-$(LAB)) $(VARIANT)
all-for-handout: $(LIBS) labs-tools $(if $(HANDOUT),,$(LB)/$(LAB)/solution.c)
grade-all: labs-tools lab-$(LAB)-guests $(LB)/$(LAB)/solution.c
	$(Q)BUILD=$(BUILD) SECRET='$(SECRET)' labs/grade-all.sh $(LAB) '$(SUBMISSIONS)' \
	    '$(or $(OUT),grades.csv)'
gradescope autolab:
	$(Q)SECRET='$(SECRET)' labs/autograder.sh $@ $(LAB) \
	    $(or $(OUT),$@-$(LAB).$(if $(filter autolab,$@),tar,zip))
moss: $(LB)/$(LAB)/starter.c
	$(Q)BUILD=$(BUILD) MOSS='$(MOSS)' labs/moss.sh $(LAB) '$(SUBMISSIONS)'
.PHONY: lab grade diff-trace budgets run replay hint handin solution handout \
    all-for-handout grade-all gradescope autolab moss
endif

labs-check: all labs-tools $(foreach l,$(or $(LAB),$(LABS)),lab-$(l)-guests \
    $(LB)/$(l)/starter.c $(if $(HANDOUT),,$(LB)/$(l)/solution.c))
	$(Q)BUILD=$(BUILD) MAKE='$(MAKE)' labs/gates.sh $(or $(LAB),$(LABS))
	$(Q)$(if $(HANDOUT),,BUILD=$(BUILD) MAKE='$(MAKE)' labs/autograder/check.sh)
.PHONY: labs-tools labs-check
