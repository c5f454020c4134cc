#ifndef COLUMN_KERNELS_PRIVATE_H
#define COLUMN_KERNELS_PRIVATE_H

#include "include/ColumnKernels.h"

#include <stddef.h>
#include <string.h>

// One function, several bodies, the best one bound when the program is loaded. It needs the indirect functions of
// glibc's loader; elsewhere the compiler's plain target is what there is. The thread sanitizer is not there yet when the loader
// binds them, and cannot count the call.
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__clang__)
#if !__has_feature(thread_sanitizer)
#define KERNEL __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#endif
#endif
#ifndef KERNEL
#define KERNEL
#endif

#define LANES 16

#endif
