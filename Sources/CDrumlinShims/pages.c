#define _GNU_SOURCE
#include "CDrumlinShims.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

void *drumlin_take_pages(size_t byte_count) {
    void *pages = mmap(NULL, byte_count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void drumlin_return_pages(void *pages, size_t byte_count) { munmap(pages, byte_count); }

void *drumlin_grow_pages(void *pages, size_t byte_count, size_t new_byte_count) {
#if defined(MREMAP_MAYMOVE)
    void *grown = mremap(pages, byte_count, new_byte_count, MREMAP_MAYMOVE);
    return grown == MAP_FAILED ? NULL : grown;
#else
    (void)pages, (void)byte_count, (void)new_byte_count;
    return NULL;
#endif
}

void drumlin_want_large_pages(void *pages, size_t byte_count, int are_wanted) {
#if defined(MADV_HUGEPAGE) && defined(MADV_NOHUGEPAGE)
    // Advice: where the system has no such pages, it takes others.
    (void)madvise(pages, byte_count, are_wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
#else
    (void)pages, (void)byte_count, (void)are_wanted;
#endif
}

void drumlin_populate_pages(void *start, size_t byte_count) {
#if defined(__linux__)
    // Newer than some libraries' headers. A system that does not know it takes the pages when they are used.
    enum { populate_write = 23 };
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = (uintptr_t)start & ~(page - 1);
    (void)madvise((void *)first, (uintptr_t)start + byte_count - first, populate_write);
#else
    (void)start, (void)byte_count;
#endif
}
