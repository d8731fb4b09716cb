# 6.7 refused, and nobody says which field
s/cpu_vmcb_invalid(v->monitor->cpu, v->vmcb)/NULL/
