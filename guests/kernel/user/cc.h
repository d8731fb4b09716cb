/* cc.h - what the compile workload and its compiler agree on. */
#ifndef CC_H
#define CC_H

#define SOURCE 1536u /* bytes of a source file */

#endif
