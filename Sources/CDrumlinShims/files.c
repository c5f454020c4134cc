#define _GNU_SOURCE
#include "CDrumlinShims.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

int drumlin_open(const char *path, int flags, unsigned mode) {
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC, (mode_t)mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor < 0 ? -errno : descriptor;
}

/// For file systems that cannot reserve: the length only. A full disk then shows at the write.
static int extend(int descriptor, int64_t byte_count) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return errno;
    if (status.st_size >= byte_count) return 0;
    return ftruncate(descriptor, (off_t)byte_count) == 0 ? 0 : errno;
}

int drumlin_preallocate(int descriptor, int64_t byte_count) {
#ifdef __linux__
    int result;
    do {
        result = fallocate(descriptor, 0, 0, (off_t)byte_count) == 0 ? 0 : errno;
    } while (result == EINTR);
    if (result != EOPNOTSUPP && result != ENOSYS) return result;
#endif
    return extend(descriptor, byte_count);
}

int drumlin_sync_data(int descriptor) {
#if defined(__APPLE__)
    // fsync there leaves the data in the drive's cache.
    if (fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
    return fsync(descriptor) == 0 ? 0 : errno;
#else
    // No retry on EINTR either: a sync that failed is never repeated.
    return fdatasync(descriptor) == 0 ? 0 : errno;
#endif
}

void drumlin_name_thread(const char *name) {
#ifdef __linux__
    pthread_setname_np(pthread_self(), name);
#else
    (void)name;
#endif
}
