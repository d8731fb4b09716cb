mutant.o: /tmp/tmp.RSk2R4SWmd/mutant.c labs/lab.h \
 vmm/interpreters/virtual.h vmm/interpreters/../monitor.h \
 vmm/interpreters/../pool.h vmm/interpreters/../vmm.h \
 vmm/interpreters/../../cpu/cpu.h vmm/interpreters/../../cpu/state.h \
 vmm/interpreters/../../cpu/bits.h vmm/interpreters/../../cpu/insn.h \
 vmm/interpreters/../../cpu/insn.def vmm/interpreters/../../cpu/costs.def \
 vmm/interpreters/../../devices/devices.h \
 vmm/interpreters/../../devices/../cpu/cpu.h \
 vmm/interpreters/../../devices/devices.def vmm/interpreters/../exits.def \
 vmm/interpreters/../dispositions.def vmm/interpreters/../phases.def \
 vmm/interpreters/../techniques/techniques.def \
 vmm/interpreters/interpreters.def vmm/interpreters/interpreters.def
labs/lab.h:
vmm/interpreters/virtual.h:
vmm/interpreters/../monitor.h:
vmm/interpreters/../pool.h:
vmm/interpreters/../vmm.h:
vmm/interpreters/../../cpu/cpu.h:
vmm/interpreters/../../cpu/state.h:
vmm/interpreters/../../cpu/bits.h:
vmm/interpreters/../../cpu/insn.h:
vmm/interpreters/../../cpu/insn.def:
vmm/interpreters/../../cpu/costs.def:
vmm/interpreters/../../devices/devices.h:
vmm/interpreters/../../devices/../cpu/cpu.h:
vmm/interpreters/../../devices/devices.def:
vmm/interpreters/../exits.def:
vmm/interpreters/../dispositions.def:
vmm/interpreters/../phases.def:
vmm/interpreters/../techniques/techniques.def:
vmm/interpreters/interpreters.def:
vmm/interpreters/interpreters.def:
