// printed more than: prints without end
#include <stdio.h>
__attribute__((constructor)) static void flood(void)
{
    for (;;) {
        puts("I am a verdict: 100 points");
    }
}
