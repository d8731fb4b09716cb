/*
 * confine.h - starting the child that holds a student's code.
 */
#ifndef RINGSIDE_LABS_CONFINE_H
#define RINGSIDE_LABS_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Start `program` with the image on IMAGE_FD and a pipe on TRANSCRIPT_FD and
 * one for what it prints: their reading ends go to *transcript and *printed.
 * It may compute, and write to those, and nothing else. -1: errno says why.
 */
pid_t confined_start(const char *program, char *const argv[], const char *image,
                     int *transcript, int *printed);
/* Are system calls filtered on this host, or is it the limits alone? */
bool confined_strictly(void);
/* "socket", or NULL. */
const char *syscall_name(unsigned number);

#endif
