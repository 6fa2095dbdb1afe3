
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


#define TICK        2           /* ms: many clients send at no common time */
#define TICKS       (1000 / TICK)
#define MAX_BODIES  16
#define ADDRESSES   20
#define MAX_OPEN    16384       /* connections, of a kind */


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
    int          fd;
    kind_e       kind;
    int          waiting;       /* is in the list of those with data */
    uint32_t     stream;        /* the next one's number */
    const char  *data;          /* what is still to be sent */
    size_t       len;
} connection_t;


typedef struct {
    const char    *name;
    int            connections; /* that it keeps open; 0: one a request */
    int            rate;        /* requests or streams a second */

    int            owed;        /* 1/TICKS of what is to be sent */
    uint64_t       opened, sent, ended;

    /* lists: to look for them takes time from the load on the same core */

    connection_t  *all[MAX_OPEN];
    connection_t  *closed[MAX_OPEN];
    connection_t  *waiting[MAX_OPEN];       /* with data */
    int            nall, nclosed, nwaiting;
} kind_t;


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


static uint64_t
milliseconds(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
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
    kind_t        *kind = &kinds[c->kind];
    struct linger  linger = { 1, 0 };

    if (reset) {
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }

    close(c->fd);
    c->fd = -1;

    kind->closed[kind->nclosed++] = c;
}


/* what is left of it when the socket takes no more waits for the next tick */

static void
flush(connection_t *c)
{
    kind_t  *kind = &kinds[c->kind];
    ssize_t  n;

    while (c->len) {
        n = send(c->fd, c->data, c->len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n <= 0) {
            break;
        }

        c->data += n;
        c->len -= n;
    }

    if (c->len && !c->waiting) {
        c->waiting = 1;
        kind->waiting[kind->nwaiting++] = c;
    }
}


static void
flush_waiting(kind_t *kind)
{
    int            i, n;
    connection_t  *c;

    n = kind->nwaiting;
    kind->nwaiting = 0;

    /* flush() puts it back, at a place that was looked at */

    for (i = 0; i < n; i++) {
        c = kind->waiting[i];
        c->waiting = 0;

        if (c->fd != -1) {
            flush(c);
        }
    }
}


static connection_t *
open_one(kind_e i)
{
    int                  n, on = 1;
    kind_t              *kind = &kinds[i];
    connection_t        *c;
    struct epoll_event   ee;
    struct sockaddr_in   to = { .sin_family = AF_INET };
    struct sockaddr_in   from = { .sin_family = AF_INET };

    if (kind->nclosed) {
        c = kind->closed[--kind->nclosed];

    } else if (kind->nall < MAX_OPEN) {
        c = kind->all[kind->nall++] = allocate(sizeof(connection_t));

    } else {
        return NULL;
    }

    c->kind = i;
    c->stream = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (c->fd == -1) {
        die("socket");
    }

    from.sin_addr.s_addr = htonl(0x7f000201 + address++ % ADDRESSES);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(i == STREAMS ? http2_port : port);

    /* connect() finds a port in less time than bind() */

    (void) setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
                      sizeof(on));

    if (bind(c->fd, (struct sockaddr *) &from, sizeof(from)) == -1
        || (connect(c->fd, (struct sockaddr *) &to, sizeof(to)) == -1
            && errno != EINPROGRESS))
    {
        close(c->fd);
        c->fd = -1;
        kind->closed[kind->nclosed++] = c;
        return NULL;
    }

    ee.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    ee.data.ptr = c;

    if (epoll_ctl(queue, EPOLL_CTL_ADD, c->fd, &ee) == -1) {
        die("epoll_ctl");
    }

    kind->opened++;

    switch (i) {

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
        n = kind->sent % noversized;
        c->data = oversized[n].data;
        c->len = oversized[n].len;
        break;

    default:
        break;
    }

    flush(c);

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

        flush_waiting(kind);

        /* 2,000 connections a second, at most */

        for (n = 0;
             n < 2000 / TICKS && kind->nall - kind->nclosed < kind->connections;
             n++)
        {
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

                /* the others are reset once they have sent */

                if (i == RESETS && rand() % 2 == 0) {
                    drop(c, 1);
                }

            } else {
                n = rand() % kind->connections;

                if (n >= kind->nall) {
                    continue;
                }

                c = kind->all[n];

                if (c->fd == -1 || c->len) {
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

        for (j = 0; i == RESETS && j < kind->nall; j++) {
            if (kind->all[j]->fd != -1 && kind->all[j]->len == 0) {
                drop(kind->all[j], 1);
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
        kinds[c->kind].ended++;
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

    next = milliseconds();

    while (!stop) {
        now = milliseconds();

        if (now >= next) {
            tick(argv[3], argv[4]);

            /* what a busy core delayed is made up for, but not all at once */

            next = now > next + 100 * TICK ? now : next + TICK;
        }

        n = epoll_wait(queue, events, 256, now >= next ? 0 : 1);

        for (i = 0; i < n; i++) {
            heard(&events[i]);
        }
    }

    for (i = 0; i < KINDS; i++) {
        printf("%s %llu %llu %llu\n", kinds[i].name,
               (unsigned long long) kinds[i].opened,
               (unsigned long long) kinds[i].sent,
               (unsigned long long) kinds[i].ended);
    }

    return 0;
}
