# 6.5 nobody waits for the window: interrupts come late or never
s/    h->window = waits;/    h->window = false;/
