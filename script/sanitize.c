/*
 * Linked into the sanitized nginx, see sanitize.sh: what its sanitizers shall
 * do.  PINTAG_REPORTS is the folder that their reports go to, and has the file
 * of what shall not be reported.  Not ASAN_OPTIONS, in which Test::Nginx has a
 * hand.
 *
 * Compiled without the sanitizers, and without the C library's functions that
 * they watch, since they ask before they are ready.
 */

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>


const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
void __sanitizer_set_report_path(const char *path);


static char  options[2 * 1024];
static char  path[1024];


/* "before", the folder of the reports, "after" */

static const char *
with_reports(char *buf, const char *before, const char *after)
{
    size_t       n, i;
    const char  *part[3] = { before, getenv("PINTAG_REPORTS"), after };

    n = 0;

    for (i = 0; i < 3; i++) {
        while (part[i] != NULL && *part[i] != '\0' && n < sizeof(path) - 1) {
            buf[n++] = *part[i]++;
        }
    }

    buf[n] = '\0';

    return buf;
}


const char *
__asan_default_options(void)
{
    /* it asks before there is an environment */
    return "abort_on_error=0:detect_leaks=0:detect_stack_use_after_return=1";
}


const char *
__ubsan_default_options(void)
{
    char  *end;

    /* libubsan sets its log_path for AddressSanitizer, then not for itself */
    with_reports(options, "print_stacktrace=1:log_path=", "/asan");

    for (end = options; *end != '\0'; end++) { /* void */ }

    with_reports(end, ":suppressions=", "/sanitize.supp");

    return options;
}


/*
 * Beside AddressSanitizer GCC's libubsan writes to stderr, which nginx makes
 * its error log: the function that sets where to is hidden behind the other
 * library's of the same name.
 */

__attribute__((constructor))
static void
set_report_paths(void)
{
    void   *library;
    void  (*set)(const char *);

    if (getenv("PINTAG_REPORTS") == NULL) {
        return;
    }

    __sanitizer_set_report_path(with_reports(path, "", "/asan"));

    library = dlopen("libubsan.so.1", RTLD_LAZY | RTLD_NOLOAD);

    if (library == NULL) {
        return;
    }

    *(void **) &set = dlsym(library, "__sanitizer_set_report_path");

    if (set != NULL) {
        set(with_reports(path, "", "/ubsan"));
    }
}
