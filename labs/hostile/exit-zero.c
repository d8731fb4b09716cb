// ended with exit(0): a constructor that leaves at once
#include <stdlib.h>
__attribute__((constructor)) static void leave(void)
{
    _Exit(0);
}
