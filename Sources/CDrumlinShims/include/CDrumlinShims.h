#ifndef C_DRUMLIN_SHIMS_H
#define C_DRUMLIN_SHIMS_H

#include <stddef.h>
#include <stdint.h>

#include "ColumnKernels.h"
#include "MixtureKernels.h"

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

/// Begins to load the line of memory at `address`, which need not be valid, without waiting for it.
static inline void drumlin_prefetch(const void *address) { __builtin_prefetch(address); }

/// Zeroed pages of the system, of which none takes memory before it is used; null where there are none.
void *drumlin_take_pages(size_t byte_count);
void drumlin_return_pages(void *pages, size_t byte_count);
/// More pages with the same first bytes, without copying them; null, and nothing has changed, where the system cannot.
void *drumlin_grow_pages(void *pages, size_t byte_count, size_t new_byte_count);
/// Says whether pages that are used first from now on are to be large ones.
void drumlin_want_large_pages(void *pages, size_t byte_count, int are_wanted);
// Takes pages that are in use, from the one with `start` on, from the system now and not when they are first used.
void drumlin_populate_pages(void *start, size_t byte_count);

/// How often this process, or one that it descends from, came out of a fork since `drumlin_watch_forks()` was called there.
extern volatile int drumlin_forks;
static inline int drumlin_fork_count(void) { return drumlin_forks; }

/// Counts forks from now on; calling it again does nothing.
void drumlin_watch_forks(void);

/// Names the calling thread for tools such as `top -H`, where the system can; at most 15 bytes.
void drumlin_name_thread(const char *name);

/// The number of the one bit of `bytes` that has to be turned over for their XXH64 to be `expected`; -1 where there is none.
/// Takes count² ÷ 8 steps of a third of a nanosecond or less. `products` is room for count ÷ 32 words.
int64_t drumlin_find_flipped_bit(
    const uint8_t *bytes, size_t count, uint64_t seed, uint64_t expected, uint64_t *products);

#endif
