/* types.h - fixed-width names, for a kernel and programs without a library. */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned int size_t;
#define NULL ((void *)0)

#endif
