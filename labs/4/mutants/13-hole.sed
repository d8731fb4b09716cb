# 4.3 the slots of the hole may be written
/^int entry_replace(/,/^}/s/slot >= guest_slots(t)/slot >= ENTRIES/
