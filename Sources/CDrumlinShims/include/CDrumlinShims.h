#ifndef C_DRUMLIN_SHIMS_H
#define C_DRUMLIN_SHIMS_H

#include <stdint.h>

#include "ColumnKernels.h"

/// Takes an exclusive open-file-description lock on the whole file without waiting.
/// Returns 0, or the errno of the failed call. `fcntl` is variadic, which Swift cannot call.
int drumlin_lock_exclusive(int descriptor);
int drumlin_unlock(int descriptor);

/// Opens with `O_CLOEXEC` and retries on EINTR. Returns the descriptor, or the negated errno. `open` is variadic too.
int drumlin_open(const char *path, int flags, unsigned mode);

/// Reserves disk space and extends the file with zeros up to `byte_count`; never shortens it.
/// Returns 0, or the errno of the failed call.
int drumlin_preallocate(int descriptor, int64_t byte_count);

/// Makes the data durable and the metadata needed to read it. Returns 0, or the errno of the failed call.
int drumlin_sync_data(int descriptor);

/// Names the calling thread for tools such as `top -H`, where the system can; at most 15 bytes.
void drumlin_name_thread(const char *name);

/// Asks for the cache line at an address, which need not be one that can be read, without waiting for it.
static inline void drumlin_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
