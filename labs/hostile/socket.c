// tried the system call socket: opens a connection
#include <sys/socket.h>
__attribute__((constructor)) static void call(void)
{
    socket(AF_INET, SOCK_STREAM, 0);
}
