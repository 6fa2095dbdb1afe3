/*
 * Preloaded into nginx by Pintag::Disk: calls for files of a spool that fail or
 * hang, while the test says so.  PINTAG_DISK names a folder that has a file for
 * each such call, by its name; in it is the number of the error, or 0: it hangs
 * until the file is gone.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>


/* of a hundredth of a second, that it hangs at most */
#define MOMENTS  3000


static const char  *folder;


/* workers have no environment any more */

__attribute__((constructor))
static void
start(void)
{
    folder = getenv("PINTAG_DISK");

    if (folder) {
        folder = strdup(folder);
    }
}


/* 1: the call fails, errno says how */

static int
fails(const char *call)
{
    int      fd, i, error;
    char     path[1024], text[16];
    ssize_t  n;

    if (folder == NULL) {
        return 0;
    }

    snprintf(path, sizeof(path), "%s/%s", folder, call);

    for (i = 0; i < MOMENTS; i++) {

        fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd == -1) {
            return 0;
        }

        n = read(fd, text, sizeof(text) - 1);
        close(fd);

        text[n > 0 ? n : 0] = '\0';

        error = (int) strtol(text, NULL, 10);

        if (error) {
            errno = error;
            return 1;
        }

        usleep(10000);
    }

    return 0;
}


static int
of_a_spool(int fd)
{
    char     link[64], path[1024];
    ssize_t  n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);

    n = readlink(link, path, sizeof(path) - 1);
    path[n > 0 ? n : 0] = '\0';

    return strstr(path, "/spool/") != NULL;
}


int
unlink(const char *path)
{
    if (strstr(path, "/spool/") && fails("unlink")) {
        return -1;
    }

    return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}


int
rename(const char *old, const char *new)
{
    if (strstr(old, "/spool/") && fails("rename")) {
        return -1;
    }

    return renameat(AT_FDCWD, old, AT_FDCWD, new);
}


int
fdatasync(int fd)
{
    if (of_a_spool(fd) && fails("fdatasync")) {
        return -1;
    }

    return syscall(SYS_fdatasync, fd);
}


/* of files with large offsets, as nginx calls it */

int
ftruncate64(int fd, off64_t length)
{
    if (of_a_spool(fd) && fails("ftruncate")) {
        return -1;
    }

    return syscall(SYS_ftruncate, fd, length);
}


int
ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}
