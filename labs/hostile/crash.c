// behind exit: a wild pointer
__attribute__((constructor)) static void crash(void)
{
    *(volatile int *)(~0ull << 47) = 1;
}
