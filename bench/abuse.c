
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A bad day for a public endpoint: what those do that mean no good, or do not
 * know better, all at once.  From addresses of 127.0.2.0/24 to 127.0.0.1.
 *
 *     abuse port http2-port path write-key [body-file ...]
 *
 *     idle       10,000 connections that say nothing
 *     headers    300 that send a byte of a header each second
 *     bodies     300 that send a byte of a body each second
 *     resets     300 requests a second that are cut off anywhere, by a reset
 *     streams    20 connections of HTTP/2, 4,000 streams a second in all, each
 *                reset as soon as it is opened
 *     oversized  20 requests a second: a header of 64 KB, a URI of 64 KB, a
 *                body of 100 MB, and the body files ("*.gz" as gzip), in turn
 *
 * A connection that nginx closes is made anew.  SIGTERM ends it.  Prints a
 * "kind opened sent closed" a line: connections, requests or streams, and how
 * many of the connections nginx has ended.
 */


#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>


#define TICK        10          /* ms */
#define TICKS       (1000 / TICK)
#define MAX_BODIES  16
#define ADDRESSES   20


typedef enum {
    IDLE = 0,
    HEADERS,
    BODIES,
    RESETS,
    STREAMS,
    OVERSIZED,
    KINDS
} kind_e;


typedef struct {
    const char  *name;
    int          connections;   /* that it keeps open; 0: one a request */
    int          rate;          /* requests or streams a second */

    int          open;
    int          owed;          /* hundredths of what is to be sent */
    uint64_t     opened, sent, closed;
} kind_t;


typedef struct {
    int          fd;
    kind_e       kind;
    uint32_t     stream;        /* the next one's number */
    const char  *data;          /* what is still to be sent */
    size_t       len;
} connection_t;


typedef struct {
    char        *data;
    size_t       len;
} request_t;


static kind_t  kinds[KINDS] = {
    { .name = "idle", .connections = 10000 },
    { .name = "headers", .connections = 300, .rate = 300 },
    { .name = "bodies", .connections = 300, .rate = 300 },
    { .name = "resets", .rate = 300 },
    { .name = "streams", .connections = 20, .rate = 4000 },
    { .name = "oversized", .rate = 20 },
};

static int            queue, port, http2_port;
static unsigned       address;
static request_t      plain, slow_header, slow_body;
static request_t      oversized[MAX_BODIES + 3];
static int            noversized;
static connection_t  *lists[KINDS][16384];

static volatile sig_atomic_t  stop;


/* HTTP/2: its preface, an empty SETTINGS */
static const char  preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                               "\0\0\0\4\0\0\0\0\0";


static void
die(const char *what)
{
    fprintf(stderr, "abuse: %s: %s\n", what, strerror(errno));
    exit(1);
}


static void
on_signal(int signo)
{
    (void) signo;

    stop = 1;
}


static void *
allocate(size_t size)
{
    void  *p = calloc(1, size);

    if (p == NULL) {
        die("calloc");
    }

    return p;
}


static request_t
request(const char *path, const char *key, const char *more, const char *body,
    size_t len, size_t told)
{
    int        n;
    request_t  r;

    r.data = allocate(strlen(path) + strlen(key) + strlen(more) + len + 256);

    n = sprintf(r.data, "POST %s HTTP/1.1\r\nHost: x\r\nX-Write-Key: %s\r\n"
                "%sContent-Length: %zu\r\n\r\n", path, key, more, told);

    if (len) {
        memcpy(r.data + n, body, len);
    }

    r.len = n + len;

    return r;
}


static request_t
file_request(const char *path, const char *key, const char *name)
{
    int          fd;
    char        *body;
    size_t       len;
    struct stat  st;

    fd = open(name, O_RDONLY);

    if (fd == -1 || fstat(fd, &st) == -1) {
        die(name);
    }

    body = allocate(st.st_size);

    if (read(fd, body, st.st_size) != st.st_size) {
        die(name);
    }

    close(fd);
    len = strlen(name);

    return request(path, key,
                   (len > 3 && strcmp(name + len - 3, ".gz") == 0)
                   ? "Content-Encoding: gzip\r\n" : "",
                   body, st.st_size, st.st_size);
}


static void
prepare(int argc, char **argv)
{
    int          i;
    char        *text;
    const char  *path = argv[3], *key = argv[4];
    static char  body[] = "{\"type\":\"track\",\"event\":\"Order Completed\"}";

    plain = request(path, key, "", body, sizeof(body) - 1, sizeof(body) - 1);
    slow_header = request(path, key, "X-Slow: ", "", 0, 0);
    slow_header.len = strstr(slow_header.data, "X-Slow: ") + 8
                      - slow_header.data;
    slow_body = request(path, key, "", "{", 1, 400000);

    text = allocate(65536 + 16);
    memset(text, 'x', 65536);
    memcpy(text, "X: ", 3);
    strcpy(text + 65536, "\r\n");

    oversized[noversized++] = request(path, key, text, body, sizeof(body) - 1,
                                      sizeof(body) - 1);
    text[65536] = '\0';
    text[0] = '/';
    text[1] = text[2] = 'x';

    oversized[noversized++] = request(text, key, "", body, sizeof(body) - 1,
                                      sizeof(body) - 1);
    oversized[noversized++] = request(path, key, "", body, sizeof(body) - 1,
                                      100000000);

    for (i = 5; i < argc && i < 5 + MAX_BODIES; i++) {
        oversized[noversized++] = file_request(path, key, argv[i]);
    }
}


static void
drop(connection_t *c, int reset)
{
    struct linger  linger = { 1, 0 };

    if (reset) {
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }

    close(c->fd);
    kinds[c->kind].open--;
    c->fd = -1;
}


/* what is left of it when the socket takes no more waits for the next tick */

static void
flush(connection_t *c)
{
    ssize_t  n;

    while (c->len) {
        n = send(c->fd, c->data, c->len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n <= 0) {
            return;
        }

        c->data += n;
        c->len -= n;
    }
}


static connection_t *
open_one(kind_e kind)
{
    int                  i;
    connection_t        *c;
    struct epoll_event   ee;
    struct sockaddr_in   to = { .sin_family = AF_INET };
    struct sockaddr_in   from = { .sin_family = AF_INET };

    for (i = 0; lists[kind][i] && lists[kind][i]->fd != -1; i++) {
        if (i == 16382) {
            return NULL;
        }
    }

    c = lists[kind][i];

    if (c == NULL) {
        c = lists[kind][i] = allocate(sizeof(connection_t));
    }

    memset(c, 0, sizeof(connection_t));
    c->kind = kind;
    c->stream = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (c->fd == -1) {
        die("socket");
    }

    from.sin_addr.s_addr = htonl(0x7f000201 + address++ % ADDRESSES);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(kind == STREAMS ? http2_port : port);

    if (bind(c->fd, (struct sockaddr *) &from, sizeof(from)) == -1
        || (connect(c->fd, (struct sockaddr *) &to, sizeof(to)) == -1
            && errno != EINPROGRESS))
    {
        close(c->fd);
        c->fd = -1;
        return NULL;
    }

    ee.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    ee.data.ptr = c;

    if (epoll_ctl(queue, EPOLL_CTL_ADD, c->fd, &ee) == -1) {
        die("epoll_ctl");
    }

    kinds[kind].open++;
    kinds[kind].opened++;

    switch (kind) {

    case HEADERS:
        c->data = slow_header.data;
        c->len = slow_header.len;
        break;

    case BODIES:
        c->data = slow_body.data;
        c->len = slow_body.len;
        break;

    case RESETS:
        c->data = plain.data;
        c->len = 1 + rand() % plain.len;
        break;

    case STREAMS:
        c->data = preface;
        c->len = sizeof(preface) - 1;
        break;

    case OVERSIZED:
        i = kinds[kind].sent % noversized;
        c->data = oversized[i].data;
        c->len = oversized[i].len;
        break;

    default:
        break;
    }

    return c;
}


/* HEADERS that end the request, RST_STREAM behind it */

static void
reset_stream(connection_t *c, const char *path, const char *key)
{
    size_t  n, path_len = strlen(path), key_len = strlen(key);
    char    frames[256] = { 0 };

    if (c->len || path_len > 60 || key_len > 60) {
        return;
    }

    n = 9;
    frames[n++] = (char) 0x83;                     /* :method POST */
    frames[n++] = (char) 0x86;                     /* :scheme http */
    frames[n++] = 0x04;                            /* :path */
    frames[n++] = (char) path_len;
    memcpy(frames + n, path, path_len);
    n += path_len;
    frames[n++] = 0x01;                            /* :authority */
    frames[n++] = 1;
    frames[n++] = 'x';
    frames[n++] = 0x00;
    frames[n++] = 11;
    memcpy(frames + n, "x-write-key", 11);
    n += 11;
    frames[n++] = (char) key_len;
    memcpy(frames + n, key, key_len);
    n += key_len;

    frames[2] = (char) (n - 9);
    frames[3] = 1;
    frames[4] = 5;                                 /* END_STREAM, _HEADERS */
    *(uint32_t *) (frames + 5) = htonl(c->stream);

    frames[n + 2] = 4;
    frames[n + 3] = 3;
    *(uint32_t *) (frames + n + 5) = htonl(c->stream);
    frames[n + 12] = 8;                            /* CANCEL */
    n += 13;

    c->stream += 2;

    /* half a frame would be the end of the connection, as good an abuse */
    (void) ! send(c->fd, frames, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}


static void
tick(const char *path, const char *key)
{
    int            i, j, n;
    kind_t        *kind;
    connection_t  *c;

    for (i = 0; i < KINDS; i++) {
        kind = &kinds[i];

        for (j = 0; lists[i][j]; j++) {
            if (lists[i][j]->fd != -1) {
                flush(lists[i][j]);
            }
        }

        /* 2,000 connections a second, at most */

        for (n = 0; n < 2000 / TICKS && kind->open < kind->connections; n++) {
            if (open_one(i) == NULL) {
                break;
            }
        }

        for (kind->owed += kind->rate; kind->owed >= TICKS;
             kind->owed -= TICKS)
        {
            if (kind->connections == 0) {
                c = open_one(i);

                if (c == NULL) {
                    continue;
                }

                flush(c);

                /* the others are reset once they have sent */

                if (i == RESETS && rand() % 2 == 0) {
                    drop(c, 1);
                }

            } else {
                n = rand() % kind->connections;
                c = lists[i][n];

                if (c == NULL || c->fd == -1 || c->len) {
                    continue;
                }

                if (i == STREAMS) {
                    reset_stream(c, path, key);

                } else {
                    (void) ! send(c->fd, " ", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
                }
            }

            kind->sent++;
        }

        for (j = 0; i == RESETS && lists[i][j]; j++) {
            if (lists[i][j]->fd != -1 && lists[i][j]->len == 0) {
                drop(lists[i][j], 1);
            }
        }
    }
}


static void
heard(struct epoll_event *ee)
{
    ssize_t        n;
    connection_t  *c = ee->data.ptr;
    static char    in[65536];

    if (c->fd == -1) {
        return;
    }

    do {
        n = recv(c->fd, in, sizeof(in), MSG_DONTWAIT);
    } while (n > 0);

    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        kinds[c->kind].closed++;
        drop(c, 0);

    } else if (c->kind == OVERSIZED && ee->events & EPOLLIN) {
        drop(c, 0);
    }
}


int
main(int argc, char **argv)
{
    int                 i, n;
    struct epoll_event  events[256];
    struct timespec     ts;
    uint64_t            next, now;

    if (argc < 5) {
        fprintf(stderr, "usage: abuse port http2-port path write-key "
                        "[body-file ...]\n");
        return 2;
    }

    port = atoi(argv[1]);
    http2_port = atoi(argv[2]);

    signal(SIGTERM, on_signal);
    prepare(argc, argv);

    queue = epoll_create1(0);

    if (queue == -1) {
        die("epoll_create1");
    }

    next = 0;

    while (!stop) {
        clock_gettime(CLOCK_MONOTONIC, &ts);
        now = (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;

        if (now >= next) {
            next = now + TICK;
            tick(argv[3], argv[4]);
        }

        n = epoll_wait(queue, events, 256, TICK / 2);

        for (i = 0; i < n; i++) {
            heard(&events[i]);
        }
    }

    for (i = 0; i < KINDS; i++) {
        printf("%s %llu %llu %llu\n", kinds[i].name,
               (unsigned long long) kinds[i].opened,
               (unsigned long long) kinds[i].sent,
               (unsigned long long) kinds[i].closed);
    }

    return 0;
}
