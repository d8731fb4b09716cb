// has assembly in it: takes a file in while it is assembled
__asm__(".incbin \"labs/1/tests.txt\"");
