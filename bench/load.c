
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Posts one body over and over, where wrk will not do: a number of requests
 * that must be accepted, or a low rate that does not wait for answers.
 *
 *     load [-c connections] -n requests port path body
 *     load [-c connections] -t seconds port path body
 *     load -r rate [-t seconds] [-a addresses] port path body
 *
 * With -n each connection sends as soon as it was answered, until so many were
 * answered 2xx; after another answer it waits for 100 ms.  With -t and no -r it
 * does so for this time.  With -r a request is sent every 1/rate seconds, on a
 * connection of its own while the others wait, and its time counts from when it
 * was due; from that many addresses of 127.0.1.0/24 in turn, with -a.  SIGTERM
 * ends any of them early; what was sent is still waited for, 15 seconds at
 * most.
 *
 * Prints a "name number" a line: sent, ok (2xx), refused (other answers),
 * errors (none), ms (the whole), p50_us, p99_us, max_us (of those answered
 * 2xx), and status_NNN for every status that came.
 */


#define _GNU_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>


#define MAX_CONNECTIONS  4096
#define LAST_WAIT        15000000
#define PAUSE            100000


typedef enum {
    CLOSED = 0,
    IDLE,
    BUSY,
    PAUSED
} state_t;


typedef struct {
    int        fd;
    state_t    state;
    uint32_t   watched;
    unsigned   address;      /* the last byte of its own; 0: any */
    uint64_t   due;          /* of its request; end of its pause */
    size_t     sent;
    size_t     len;
    char       in[65536];
} connection_t;


static int            queue;
static int            port;
static char          *request;
static size_t         request_len;

static connection_t  *connections[MAX_CONNECTIONS];
static int            nconnections;
static unsigned       naddresses;
static int            busy;

static uint32_t      *times;
static size_t         ntimes;
static size_t         times_size;

static uint64_t       sent, ok, refused, errors;
static uint64_t       statuses[1000];

static volatile sig_atomic_t  stop;


static void
die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}


static void
on_signal(int signo)
{
    (void) signo;

    stop = 1;
}


static uint64_t
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


static void
watch(connection_t *c, uint32_t what)
{
    struct epoll_event  ee;

    if (c->watched == what) {
        return;
    }

    ee.events = what;
    ee.data.ptr = c;

    if (epoll_ctl(queue, c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd,
                  &ee)
        == -1)
    {
        die("epoll_ctl()");
    }

    c->watched = what;
}


static void
end(connection_t *c)
{
    if (c->state == BUSY) {
        busy--;
    }

    if (c->state != CLOSED) {
        close(c->fd);
    }

    c->state = CLOSED;
    c->watched = 0;
}


static int
begin(connection_t *c)
{
    int                 on;
    struct sockaddr_in  addr;

    c->fd = socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0);
    if (c->fd == -1) {
        die("socket()");
    }

    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;

    if (c->address) {
        addr.sin_addr.s_addr = htonl(0x7f000100 + c->address);

        if (bind(c->fd, (struct sockaddr *) &addr, sizeof(addr)) == -1) {
            die("bind()");
        }
    }

    addr.sin_port = htons(port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    if (connect(c->fd, (struct sockaddr *) &addr, sizeof(addr)) == -1) {
        close(c->fd);
        return 0;
    }

    on = 1;
    (void) setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    c->state = IDLE;
    watch(c, EPOLLIN);

    return 1;
}


static void
failed(connection_t *c)
{
    errors++;
    end(c);
    c->state = CLOSED;
    c->due = now() + PAUSE;
}


static void
send_more(connection_t *c)
{
    ssize_t  n;

    while (c->sent < request_len) {
        n = send(c->fd, request + c->sent, request_len - c->sent,
                 MSG_NOSIGNAL|MSG_DONTWAIT);

        if (n == -1) {
            if (errno == EAGAIN) {
                watch(c, EPOLLIN|EPOLLOUT);
                return;
            }

            failed(c);
            return;
        }

        c->sent += n;
    }

    watch(c, EPOLLIN);
}


static void
start(connection_t *c, uint64_t due)
{
    sent++;

    if (c->state == CLOSED && !begin(c)) {
        failed(c);
        return;
    }

    busy++;
    c->state = BUSY;
    c->due = due;
    c->sent = 0;
    c->len = 0;

    send_more(c);
}


static void
answered(connection_t *c, int status)
{
    uint64_t  time;

    time = now() - c->due;
    busy--;
    c->state = IDLE;

    statuses[status]++;

    if (status >= 200 && status < 300) {
        ok++;

        if (ntimes == times_size) {
            times_size = times_size ? times_size * 2 : 4096;
            times = realloc(times, times_size * sizeof(uint32_t));

            if (times == NULL) {
                die("realloc()");
            }
        }

        times[ntimes++] = (time > UINT32_MAX) ? UINT32_MAX : time;

        return;
    }

    refused++;
    c->state = PAUSED;
    c->due = now() + PAUSE;
}


/* whether the body of an answer is there, -1 when its end cannot be told */

static int
whole(connection_t *c, int status, char *body)
{
    char    *p;
    size_t   len;

    static const char  end_of_chunks[] = "0\r\n\r\n";

    if (status == 204) {
        return 1;
    }

    len = c->len - (body - c->in);

    p = strcasestr(c->in, "\r\nContent-Length:");

    if (p && p < body) {
        return len >= strtoul(p + 17, NULL, 10);
    }

    p = strcasestr(c->in, "\r\nTransfer-Encoding: chunked");

    if (p && p < body) {
        return len >= sizeof(end_of_chunks) - 1
               && strcmp(c->in + c->len - sizeof(end_of_chunks) + 1,
                         end_of_chunks)
                  == 0;
    }

    return -1;
}


static void
read_answer(connection_t *c)
{
    int       status;
    char     *p, *body;
    ssize_t   n;

    n = recv(c->fd, c->in + c->len, sizeof(c->in) - 1 - c->len, MSG_DONTWAIT);

    if (n <= 0) {
        if (n == -1 && errno == EAGAIN) {
            return;
        }

        if (c->state == BUSY) {
            failed(c);

        } else {
            end(c);
        }

        return;
    }

    if (c->state != BUSY) {
        return;
    }

    c->len += n;
    c->in[c->len] = '\0';

    body = strstr(c->in, "\r\n\r\n");
    if (body == NULL) {
        return;
    }

    body += 4;

    if (sscanf(c->in, "HTTP/1.1 %d ", &status) != 1
        || status < 100 || status > 999)
    {
        failed(c);
        return;
    }

    switch (whole(c, status, body)) {

    case 0:
        if (c->len == sizeof(c->in) - 1) {
            failed(c);
        }

        return;

    case -1:
        failed(c);
        return;
    }

    p = strcasestr(c->in, "\r\nConnection: close");

    answered(c, status);

    if (p && p < body) {
        end(c);
    }
}


static connection_t *
idle(void)
{
    int              i;
    unsigned         address;
    connection_t    *c;
    static unsigned  turn;

    address = naddresses ? 1 + turn++ % naddresses : 0;

    for (i = 0; i < nconnections; i++) {
        c = connections[i];

        if (c->state == IDLE && c->address == address) {
            return c;
        }
    }

    for (i = 0; i < nconnections; i++) {
        c = connections[i];

        if (c->state == CLOSED) {
            c->address = address;
            return c;
        }
    }

    if (nconnections == MAX_CONNECTIONS) {
        fprintf(stderr, "load: %d requests wait for an answer\n",
                MAX_CONNECTIONS);
        exit(1);
    }

    c = calloc(1, sizeof(connection_t));
    if (c == NULL) {
        die("calloc()");
    }

    c->address = address;
    connections[nconnections++] = c;

    return c;
}


static void
wait_events(int ms)
{
    int                 i, n;
    connection_t       *c;
    struct epoll_event  list[256];

    n = epoll_wait(queue, list, 256, ms);

    for (i = 0; i < n; i++) {
        c = list[i].data.ptr;

        if (c == NULL) {
            /* the timer */
            continue;
        }

        if ((list[i].events & EPOLLOUT) && c->state == BUSY) {
            send_more(c);
        }

        if ((list[i].events & ~EPOLLOUT) && c->state != CLOSED) {
            read_answer(c);
        }
    }
}


static void
make_request(const char *path, const char *file)
{
    int     n;
    char   *body;
    long    len;
    FILE   *f;

    f = fopen(file, "rb");
    if (f == NULL) {
        die(file);
    }

    (void) fseek(f, 0, SEEK_END);
    len = ftell(f);
    rewind(f);

    body = malloc(len + 1);

    if (body == NULL || fread(body, 1, len, f) != (size_t) len) {
        die(file);
    }

    fclose(f);

    request = malloc(len + strlen(path) + 256);
    if (request == NULL) {
        die("malloc()");
    }

    n = sprintf(request, "POST %s HTTP/1.1\r\n"
                         "Host: localhost\r\n"
                         "Content-Type: application/json\r\n"
                         "Content-Length: %ld\r\n\r\n", path, len);

    memcpy(request + n, body, len);
    request_len = n + len;

    free(body);
}


static void
closed_loop(int wanted_connections, uint64_t wanted, double seconds)
{
    int            i;
    uint64_t       t, last;
    connection_t  *c;

    last = seconds ? now() + seconds * 1e6 : UINT64_MAX;

    for (i = 0; i < wanted_connections; i++) {
        connections[i] = calloc(1, sizeof(connection_t));
        if (connections[i] == NULL) {
            die("calloc()");
        }
    }

    nconnections = wanted_connections;

    while (!stop && ok < wanted) {
        t = now();

        if (t >= last) {
            break;
        }

        for (i = 0; i < nconnections && ok + busy < wanted; i++) {
            c = connections[i];

            if (c->state == IDLE || (c->state != BUSY && c->due <= t)) {

                if (c->state == PAUSED) {
                    c->state = IDLE;
                }

                start(c, now());
            }
        }

        wait_events(10);
    }
}


/* milliseconds, as epoll_wait() has them, would be part of what is measured */

static void
wake_at(int timer, uint64_t t)
{
    struct itimerspec  its;

    memset(&its, 0, sizeof(its));
    its.it_value.tv_sec = t / 1000000;
    its.it_value.tv_nsec = t % 1000000 * 1000;

    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &its, NULL) == -1) {
        die("timerfd_settime()");
    }
}


static void
open_loop(double rate, double seconds)
{
    int                 i, timer;
    uint64_t            begun, due, t, n;
    struct epoll_event  ee;

    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC|TFD_NONBLOCK);
    if (timer == -1) {
        die("timerfd_create()");
    }

    ee.events = EPOLLIN|EPOLLET;
    ee.data.ptr = NULL;

    if (epoll_ctl(queue, EPOLL_CTL_ADD, timer, &ee) == -1) {
        die("epoll_ctl()");
    }

    begun = now();

    for (n = 0; !stop; /* void */) {
        due = begun + n * 1e6 / rate;

        if (seconds && due >= begun + seconds * 1e6) {
            break;
        }

        t = now();

        if (t >= due) {

            for (i = 0; i < nconnections; i++) {
                if (connections[i]->state == PAUSED) {
                    connections[i]->state = IDLE;
                }
            }

            start(idle(), due);
            n++;
            continue;
        }

        wake_at(timer, due);
        wait_events(1000);
    }

    close(timer);
}


static int
compare(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


static void
report(uint64_t time)
{
    int  i;

    qsort(times, ntimes, sizeof(uint32_t), compare);

    printf("sent %ju\nok %ju\nrefused %ju\nerrors %ju\nms %ju\n",
           (uintmax_t) sent, (uintmax_t) ok, (uintmax_t) refused,
           (uintmax_t) errors, (uintmax_t) time / 1000);

    if (ntimes) {
        printf("p50_us %u\np99_us %u\nmax_us %u\n", times[ntimes / 2],
               times[ntimes * 99 / 100], times[ntimes - 1]);
    }

    for (i = 0; i < 1000; i++) {
        if (statuses[i]) {
            printf("status_%d %ju\n", i, (uintmax_t) statuses[i]);
        }
    }
}


int
main(int argc, char *argv[])
{
    int               c, n;
    double            rate, seconds;
    uint64_t          begun, ended, wanted;
    struct sigaction  sa;

    n = 1;
    wanted = 0;
    rate = seconds = 0;

    while ((c = getopt(argc, argv, "a:c:n:r:t:")) != -1) {

        switch (c) {

        case 'a':
            naddresses = atoi(optarg);
            break;

        case 'c':
            n = atoi(optarg);
            break;

        case 'n':
            wanted = strtoull(optarg, NULL, 10);
            break;

        case 'r':
            rate = atof(optarg);
            break;

        case 't':
            seconds = atof(optarg);
            break;

        default:
            return 1;
        }
    }

    if (argc - optind != 3 || n < 1 || n > MAX_CONNECTIONS
        || (rate > 0 && wanted) || (rate <= 0 && !wanted && seconds <= 0)
        || naddresses > 254)
    {
        fprintf(stderr, "usage: load [-c connections] -n requests | "
                        "[-c connections] -t seconds | "
                        "-r rate [-t seconds] [-a addresses] "
                        "port path body\n");
        return 1;
    }

    port = atoi(argv[optind]);
    make_request(argv[optind + 1], argv[optind + 2]);

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_signal;
    (void) sigaction(SIGTERM, &sa, NULL);
    (void) sigaction(SIGINT, &sa, NULL);

    queue = epoll_create1(EPOLL_CLOEXEC);
    if (queue == -1) {
        die("epoll_create1()");
    }

    begun = now();

    if (rate > 0) {
        open_loop(rate, seconds);

    } else {
        closed_loop(n, wanted ? wanted : UINT64_MAX, seconds);
    }

    ended = now();

    while (busy && now() < ended + LAST_WAIT) {
        wait_events(10);
    }

    errors += busy;

    report(ended - begun);

    return 0;
}
