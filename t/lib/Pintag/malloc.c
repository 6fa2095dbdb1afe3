/*
 * Preloaded into nginx by Pintag::Malloc: allocations that fail, when the page
 * that it shares with the test says so.  PINTAG_MALLOC names the page's file;
 * with ".crashes" behind it it is that of what crashed, with ".failed" that of
 * the last allocation that failed by its number.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>


#define FRAMES  48

/* different stacks that are told apart, as far as they are told apart */
#define PLACES  16384
#define DEPTH   12


enum { OFF = 0, BY_CHANCE, BY_NUMBER };


/* 32 bits each, as the test packs them */

typedef struct {
    uint32_t  mode;
    uint32_t  spared;       /* a process in which nothing fails, the master */
    uint32_t  only;         /* the only one in which something does, or 0 */
    uint32_t  first;        /* BY_CHANCE one in so many; BY_NUMBER from this */
    uint32_t  last;         /* to this one */
    uint32_t  seed;

    uint32_t  seen;         /* what comes back to the test */
    uint32_t  failed;
    uint32_t  places;
    uint32_t  place[PLACES];
} page_t;


static page_t  nothing, *page = &nothing;

/* those of AddressSanitizer, if it is there; dlsym() would come too late */

#define WEAK  __attribute__((weak))

WEAK void *__interceptor_malloc(size_t size);
WEAK void *__interceptor_calloc(size_t n, size_t size);
WEAK void *__interceptor_realloc(void *p, size_t size);
WEAK void *__interceptor_memalign(size_t alignment, size_t size);

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);


static uint32_t  drawn;
static char      base[1000];

/* of the last one that failed */
static void     *frames[FRAMES];
static int       nframes;

static __thread int  busy;


static uint32_t
mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;

    return (x ^ (x >> 31)) >> 16;
}


/* appends to the file of that name behind the page's, or begins it anew */

static void
tell(const char *name, int flags, const char *what, void **stack, int n)
{
    int      fd;
    char     path[1024];
    ssize_t  written;

    snprintf(path, sizeof(path), "%s.%s", base, name);

    fd = open(path, O_WRONLY | O_CREAT | flags, 0666);

    if (fd == -1) {
        return;
    }

    written = write(fd, what, strlen(what));
    (void) written;

    backtrace_symbols_fd(stack, n, fd);
    close(fd);
}


/* nginx's wrappers say nothing of who it was, so it is a stack that counts */

static void
note(void)
{
    int       i;
    uint64_t  hash;
    uint32_t  n, found;

    nframes = backtrace(frames, FRAMES);

    hash = 0;

    for (i = 2; i < nframes && i < DEPTH + 2; i++) {
        hash = mix(hash ^ (uint64_t) (uintptr_t) frames[i])
               | (hash << 32);
    }

    hash = (uint32_t) hash ? (uint32_t) hash : 1;

    for (n = 0; n < PLACES; n++) {
        found = 0;

        if (__atomic_compare_exchange_n(&page->place[(hash + n) % PLACES],
                                        &found, (uint32_t) hash, 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        {
            __atomic_fetch_add(&page->places, 1, __ATOMIC_SEQ_CST);
            return;
        }

        if (found == hash) {
            return;
        }
    }
}


static int
fails(void)
{
    int       yes;
    pid_t     pid;
    uint32_t  mode, n;

    mode = __atomic_load_n(&page->mode, __ATOMIC_ACQUIRE);

    if (mode == OFF || busy) {
        return 0;
    }

    pid = getpid();

    if ((uint32_t) pid == page->spared
        || (page->only && (uint32_t) pid != page->only))
    {
        return 0;
    }

    n = __atomic_add_fetch(&page->seen, 1, __ATOMIC_SEQ_CST);

    if (mode == BY_NUMBER) {
        yes = (n >= page->first && n <= page->last);

    } else {
        n = __atomic_fetch_add(&drawn, 1, __ATOMIC_SEQ_CST);

        yes = mix(((uint64_t) page->seed << 32) ^ ((uint64_t) pid << 40) ^ n)
              % page->first == 0;
    }

    if (yes) {
        busy = 1;
        note();

        if (mode == BY_NUMBER && n == page->first) {
            tell("failed", O_TRUNC, "", frames, nframes);
        }

        busy = 0;

        __atomic_fetch_add(&page->failed, 1, __ATOMIC_SEQ_CST);
        errno = ENOMEM;
    }

    return yes;
}


void *
malloc(size_t size)
{
    if (fails()) {
        return NULL;
    }

    return __interceptor_malloc ? __interceptor_malloc(size)
                                : __libc_malloc(size);
}


void *
calloc(size_t n, size_t size)
{
    if (fails()) {
        return NULL;
    }

    return __interceptor_calloc ? __interceptor_calloc(n, size)
                                : __libc_calloc(n, size);
}


void *
realloc(void *p, size_t size)
{
    if (fails()) {
        return NULL;
    }

    return __interceptor_realloc ? __interceptor_realloc(p, size)
                                 : __libc_realloc(p, size);
}


void *
memalign(size_t alignment, size_t size)
{
    if (fails()) {
        return NULL;
    }

    return __interceptor_memalign ? __interceptor_memalign(alignment, size)
                                  : __libc_memalign(alignment, size);
}


void *
aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}


int
posix_memalign(void **p, size_t alignment, size_t size)
{
    *p = memalign(alignment, size);

    return *p ? 0 : ENOMEM;
}


/* what an allocation that failed has led to */

static void
crashed(int signo)
{
    int    n;
    char   line[64];
    void  *stack[FRAMES];

    busy = 1;

    n = backtrace(stack, FRAMES);

    snprintf(line, sizeof(line), "signal %d in %d\n", signo, (int) getpid());

    tell("crashes", O_APPEND, line, stack, n);
    tell("crashes", O_APPEND, "after this allocation failed\n", frames,
         nframes);
    tell("crashes", O_APPEND, "\n", NULL, 0);

    /* it is as if there had been no handler */

    signal(signo, SIG_DFL);
    raise(signo);
}


__attribute__((constructor))
static void
start(void)
{
    int                fd, i;
    void              *p;
    const char        *name;
    struct sigaction   sa;

    static const int  signals[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };

    name = getenv("PINTAG_MALLOC");

    /* the shell that starts nginx is not meant */

    if (name == NULL || strstr(program_invocation_short_name, "nginx") == NULL)
    {
        return;
    }

    fd = open(name, O_RDWR);
    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(page_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);

    if (p == MAP_FAILED) {
        return;
    }

    /* the first one loads a library */
    busy = 1;
    backtrace(frames, 1);
    busy = 0;

    snprintf(base, sizeof(base), "%s", name);
    page = p;

    /* a sanitizer tells itself */

    if (__interceptor_malloc == NULL) {

        memset(&sa, 0, sizeof(sa));
        sa.sa_handler = crashed;
        sa.sa_flags = SA_NODEFER;

        for (i = 0; i < (int) (sizeof(signals) / sizeof(signals[0])); i++) {
            sigaction(signals[i], &sa, NULL);
        }
    }
}
