/* nothing.c - what the exec workload loads: it ends with its argument. */
#include "user.h"

int main(uint32_t status)
{
    return (int)status;
}
