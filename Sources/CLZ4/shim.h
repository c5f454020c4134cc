// The `link "lz4"` directive is left out on purpose: it would force the shared library and forbid
// a self-contained binary. ColumnEncoding names the library in its linker settings instead.
#if __has_include(<lz4.h>)
#include <lz4.h>
#include <lz4hc.h>
#else
#error "Drumlin needs liblz4: install it with `apt-get install liblz4-dev` (Debian, Ubuntu) or `brew install lz4` (macOS)"
#endif
