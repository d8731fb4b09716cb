# 0.2 only the first phase is the cost
s/cost = exit_cost(x)/cost = x->phase[PHASE_exit]/
