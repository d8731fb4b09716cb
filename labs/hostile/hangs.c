// processor time: a loop on the host, where no cycle passes
__attribute__((constructor)) static void hang(void)
{
    for (volatile int i = 0;; i++) {
    }
}
