#define _GNU_SOURCE
#include "CDrumlinShims.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int set_lock(int descriptor, short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
#ifdef F_OFD_SETLK
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
#else
    return fcntl(descriptor, F_SETLK, &lock) == 0 ? 0 : errno;
#endif
}

int drumlin_lock_exclusive(int descriptor) { return set_lock(descriptor, F_WRLCK); }

int drumlin_unlock(int descriptor) { return set_lock(descriptor, F_UNLCK); }
