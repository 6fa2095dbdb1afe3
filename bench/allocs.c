
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * For LD_PRELOAD: counts the calls of malloc(), calloc(), realloc() and their
 * kin by nginx and its workers together, in the file that PINTAG_ALLOCS names:
 * a number of eight bytes, of the machine's own order.
 *
 * Only what is asked of the C library counts: what takes its memory by mmap(),
 * such as LuaJIT, does not.
 */


#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/mman.h>


/* until the file is there, or without one */
static uint64_t   unseen;
static uint64_t  *calls = &unseen;


/* glibc's own names: dlsym() would allocate itself */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);


static void
count(void)
{
    (void) __atomic_fetch_add(calls, 1, __ATOMIC_RELAXED);
}


__attribute__((constructor))
static void
begin(void)
{
    int          fd;
    void        *p;
    const char  *name;

    name = getenv("PINTAG_ALLOCS");
    if (name == NULL) {
        return;
    }

    fd = open(name, O_RDWR|O_CREAT|O_CLOEXEC, 0600);

    if (fd == -1 || ftruncate(fd, sizeof(uint64_t)) == -1) {
        perror(name);
        _exit(1);
    }

    p = mmap(NULL, sizeof(uint64_t), PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    if (p == MAP_FAILED) {
        perror(name);
        _exit(1);
    }

    (void) close(fd);

    calls = p;
}


void *
malloc(size_t size)
{
    count();

    return __libc_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    count();

    return __libc_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    count();

    return __libc_realloc(p, size);
}


void *
memalign(size_t alignment, size_t size)
{
    count();

    return __libc_memalign(alignment, size);
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    count();

    return __libc_memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    count();

    *p = __libc_memalign(alignment, size);

    return (*p == NULL) ? ENOMEM : 0;
}
