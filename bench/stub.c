
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A Pinterest for measurements: answers at once, keeps connections, and counts.
 *
 *     stub port
 *
 * GET /stats        pixels, posts and events so far, a "name number" a line
 * GET /hold         from now on nothing is answered but GET /stats
 * GET anything      a pixel, as the Tag's endpoint answers: one event
 * POST anything     "processed" for every "event_name" in the body, as the
 *                   Conversions API answers
 *
 * One thread, on 127.0.0.1 only.
 */


#define _GNU_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>


#define MAX_REQUEST  (64 * 1024 * 1024)

#define lit(s)  (s), sizeof(s) - 1


typedef struct {
    int        fd;

    /* what came and is not answered, and what is not sent yet */

    char      *in;
    size_t     in_len;
    size_t     in_size;

    char      *out;
    size_t     out_pos;
    size_t     out_len;
    size_t     out_size;

    /* of the request that is coming: 0 while its head is not whole */

    size_t     head;
    size_t     body;

    unsigned   close:1;
    unsigned   writing:1;
} connection_t;


static int       queue;
static uint64_t  pixels;
static uint64_t  posts;
static uint64_t  events;
static unsigned  hold;


static void
die(const char *what)
{
    fprintf(stderr, "stub: %s: %s\n", what, strerror(errno));
    exit(1);
}


static char *
room(char **buf, size_t *size, size_t len, size_t more)
{
    if (*size - len < more) {
        *size = (len + more) * 2;
        *buf = realloc(*buf, *size);

        if (*buf == NULL) {
            die("realloc()");
        }
    }

    return *buf + len;
}


static void
out(connection_t *c, const char *data, size_t len)
{
    memcpy(room(&c->out, &c->out_size, c->out_len, len), data, len);
    c->out_len += len;
}


static void
answer(connection_t *c, const char *type, const char *body, size_t len)
{
    int   n;
    char  head[256];

    n = snprintf(head, sizeof(head),
                 "HTTP/1.1 200 OK\r\n"
                 "Content-Type: %s\r\n"
                 "Content-Length: %zu\r\n"
                 "Connection: %s\r\n\r\n",
                 type, len, c->close ? "close" : "keep-alive");

    out(c, head, n);
    out(c, body, len);
}


static void
answer_post(connection_t *c)
{
    int            n;
    char          *p, *last;
    size_t         i, count;
    static char   *text;
    static size_t  size;

    static const char  name[] = "\"event_name\"";
    static const char  status[] = "{\"status\":\"processed\"},";

    p = c->in + c->head;
    last = p + c->body;

    for (count = 0; /* void */; count++) {
        p = memmem(p, last - p, lit(name));
        if (p == NULL) {
            break;
        }

        p += sizeof(name) - 1;
    }

    posts++;
    events += count;

    if (hold) {
        return;
    }

    room(&text, &size, 0, 256 + count * sizeof(status));

    n = sprintf(text, "{\"num_events_received\":%zu,"
                      "\"num_events_processed\":%zu,\"events\":[",
                count, count);

    for (i = 0; i < count; i++) {
        memcpy(text + n, lit(status));
        n += sizeof(status) - 1;
    }

    if (count) {
        n--;
    }

    text[n++] = ']';
    text[n++] = '}';

    answer(c, "application/json", text, n);
}


/* the smallest GIF there is, transparent */

static const char  gif[] =
    "GIF89a\1\0\1\0\200\1\0\0\0\0\377\377\377!\371\4\1\0\0\1\0,\0\0\0\0"
    "\1\0\1\0\0\2\2L\1\0;";


static void
answer_request(connection_t *c)
{
    int   n;
    char  text[128];

    if (strncmp(c->in, lit("POST ")) == 0) {
        answer_post(c);

    } else if (strncmp(c->in, lit("GET /stats ")) == 0) {
        n = sprintf(text, "pixels %ju\nposts %ju\nevents %ju\n",
                    (uintmax_t) pixels, (uintmax_t) posts,
                    (uintmax_t) events);

        answer(c, "text/plain", text, n);

    } else if (strncmp(c->in, lit("GET /hold ")) == 0) {
        hold = 1;

        answer(c, "text/plain", "", 0);

    } else {
        pixels++;
        events++;

        if (hold) {
            return;
        }

        answer(c, "image/gif", gif, sizeof(gif) - 1);
    }
}


/* the value of a header of the head that ends at c->head, or NULL */

static char *
header(connection_t *c, const char *name)
{
    char  *p;

    p = strcasestr(c->in, name);

    return (p == NULL) ? NULL : p + strlen(name);
}


static int
parse(connection_t *c)
{
    char  *p;
    char   saved;

    while (c->in_len) {

        if (c->head == 0) {
            p = memmem(c->in, c->in_len, lit("\r\n\r\n"));
            if (p == NULL) {
                return c->in_len < MAX_REQUEST;
            }

            /* a body may hold anything, the head is looked at alone */

            saved = p[4 - 1];
            p[4 - 1] = '\0';

            c->head = p + 4 - c->in;

            if (header(c, "\r\nTransfer-Encoding:")) {
                fprintf(stderr, "stub: a request is chunked\n");
                return 0;
            }

            p = header(c, "\r\nContent-Length:");
            c->body = (p == NULL) ? 0 : strtoul(p, NULL, 10);

            c->close = (header(c, "\r\nConnection: close") != NULL
                        || strstr(c->in, " HTTP/1.0\r\n") != NULL);

            c->in[c->head - 1] = saved;

            if (c->body > MAX_REQUEST) {
                return 0;
            }
        }

        if (c->in_len < c->head + c->body) {
            return 1;
        }

        answer_request(c);

        c->in_len -= c->head + c->body;
        memmove(c->in, c->in + c->head + c->body, c->in_len);
        c->head = 0;

        if (c->close) {
            break;
        }
    }

    return 1;
}


static void
end(connection_t *c)
{
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}


static void
watch(connection_t *c, int op, uint32_t what)
{
    struct epoll_event  ee;

    ee.events = what;
    ee.data.ptr = c;

    if (epoll_ctl(queue, op, c->fd, &ee) == -1) {
        die("epoll_ctl()");
    }
}


/* 0 when the connection is over */

static int
send_out(connection_t *c)
{
    ssize_t  n;

    while (c->out_pos < c->out_len) {
        n = send(c->fd, c->out + c->out_pos, c->out_len - c->out_pos,
                 MSG_NOSIGNAL);

        if (n == -1) {
            if (errno != EAGAIN) {
                return 0;
            }

            if (!c->writing) {
                watch(c, EPOLL_CTL_MOD, EPOLLIN|EPOLLOUT);
                c->writing = 1;
            }

            return 1;
        }

        c->out_pos += n;
    }

    c->out_pos = c->out_len = 0;

    if (c->writing) {
        watch(c, EPOLL_CTL_MOD, EPOLLIN);
        c->writing = 0;
    }

    return !c->close;
}


static int
read_in(connection_t *c)
{
    char     *p;
    size_t    free_size;
    ssize_t   n;

    for ( ;; ) {
        p = room(&c->in, &c->in_size, c->in_len, 16384);
        free_size = c->in_size - c->in_len;

        n = recv(c->fd, p, free_size, 0);

        if (n <= 0) {
            return n == -1 && errno == EAGAIN;
        }

        c->in_len += n;

        if (!parse(c)) {
            return 0;
        }

        if ((size_t) n < free_size) {
            return 1;
        }
    }
}


static void
accept_all(int listener)
{
    int            fd, on;
    connection_t  *c;

    on = 1;

    for ( ;; ) {
        fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK|SOCK_CLOEXEC);
        if (fd == -1) {
            return;
        }

        (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

        c = calloc(1, sizeof(connection_t));
        if (c == NULL) {
            die("calloc()");
        }

        c->fd = fd;
        watch(c, EPOLL_CTL_ADD, EPOLLIN);
    }
}


int
main(int argc, char *argv[])
{
    int                  i, n, on, listener;
    connection_t        *c;
    struct epoll_event   list[256];
    struct sockaddr_in   addr;

    if (argc != 2) {
        fprintf(stderr, "usage: stub port\n");
        return 1;
    }

    listener = socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0);
    if (listener == -1) {
        die("socket()");
    }

    on = 1;
    (void) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));

    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_port = htons(atoi(argv[1]));
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (bind(listener, (struct sockaddr *) &addr, sizeof(addr)) == -1) {
        die("bind()");
    }

    if (listen(listener, 4096) == -1) {
        die("listen()");
    }

    queue = epoll_create1(EPOLL_CLOEXEC);
    if (queue == -1) {
        die("epoll_create1()");
    }

    list[0].events = EPOLLIN;
    list[0].data.ptr = NULL;

    if (epoll_ctl(queue, EPOLL_CTL_ADD, listener, &list[0]) == -1) {
        die("epoll_ctl()");
    }

    for ( ;; ) {
        n = epoll_wait(queue, list, 256, -1);

        for (i = 0; i < n; i++) {
            c = list[i].data.ptr;

            if (c == NULL) {
                accept_all(listener);
                continue;
            }

            if (((list[i].events & ~EPOLLOUT) && !read_in(c))
                || !send_out(c))
            {
                end(c);
            }
        }
    }
}
