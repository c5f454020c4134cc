// What the thread sanitizer has to know of the standard library, in sanitized builds for Linux alone.
//
// `Mutex` of `Synchronization` takes a free lock by an atomic that is compiled into the caller, where the sanitizer sees it. A
// lock that somebody holds it takes in the kernel, in a library that is not sanitized: what was written under the lock then
// seems to be read without one. These stand before the library's own (weak: where that is linked in statically, it wins) and
// tell the sanitizer of the order. `MutexTests` holds them against it.

#if defined(__linux__) && __has_feature(thread_sanitizer)

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

extern void __tsan_acquire(void *);
extern void __tsan_release(void *);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define METHOD __attribute__((swiftcall))
#define SELF void *self __attribute__((swift_context))

static METHOD void (*library_lock)(uint32_t, SELF);
static METHOD bool (*library_try_lock)(SELF);
static METHOD void (*library_unlock)(SELF);

__attribute__((constructor)) static void find_library(void) {
    library_lock = dlsym(RTLD_NEXT, LOCK);
    library_try_lock = dlsym(RTLD_NEXT, TRY_LOCK);
    library_unlock = dlsym(RTLD_NEXT, UNLOCK);
}

METHOD __attribute__((weak)) void dr_lock_slowly(uint32_t thread, SELF) __asm__(LOCK);
METHOD __attribute__((weak)) bool dr_try_lock_slowly(SELF) __asm__(TRY_LOCK);
METHOD __attribute__((weak)) void dr_unlock_slowly(SELF) __asm__(UNLOCK);

METHOD void dr_lock_slowly(uint32_t thread, SELF) {
    library_lock(thread, self);
    __tsan_acquire(self);
}

METHOD bool dr_try_lock_slowly(SELF) {
    bool taken = library_try_lock(self);
    if (taken) __tsan_acquire(self);
    return taken;
}

METHOD void dr_unlock_slowly(SELF) {
    __tsan_release(self);
    library_unlock(self);
}

#endif
