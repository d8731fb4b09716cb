/*
 * todo.c - what a stub does when you run the monitor by hand.
 *
 * Simplified: it ends the process, since there is no way to go on without
 * the function. The grader has its own, which makes a verdict of it.
 */
#include "lab.h"

#include <stdio.h>
#include <stdlib.h>

void lab_todo(const char *function)
{
    fprintf(stderr,
            "\nringside: %s() is not written yet: look for YOURS in "
            "your lab's file\n",
            function);
    exit(3);
}
