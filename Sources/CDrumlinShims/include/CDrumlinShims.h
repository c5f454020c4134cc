#ifndef C_DRUMLIN_SHIMS_H
#define C_DRUMLIN_SHIMS_H

/// Takes an exclusive open-file-description lock on the whole file without waiting.
/// Returns 0, or the errno of the failed call. `fcntl` is variadic, which Swift cannot call.
int drumlin_lock_exclusive(int descriptor);
int drumlin_unlock(int descriptor);

#endif
