/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relay PORT DELAY_MS DROP SEED - a bad network between SIP users and the
 * server at PORT of loopback, over TCP: each SIP message is delayed by DELAY_MS
 * each way, and of a hundred DROP are swallowed, by a generator that SEED
 * starts. (This is not what TCP does; it is what an overloaded radio access
 * with a proxy in front of it looks like from its two ends.)
 *
 * Both ends talk to listeners of the relay and to nothing else: wherever an
 * address of loopback stands in a Contact field, a listener that leads there
 * takes its place, made when it is first needed. So NOTIFYs go through it
 * although the server opens their connections.
 *
 * Prints "ready port=N", then a line for each NOTIFY that comes by:
 *
 *     notify AT_MS TO-URI key|- sent|dropped
 *
 * and at SIGTERM, the octets being those that came, dropped ones included:
 *
 *     total messages=N dropped=N octets=N largest=N subscribes=N notifies=N
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define HEAD_MAX      16384
#define MESSAGE_MAX   (1U << 20)
#define LISTENERS_MAX 64

struct relay;

/* Whoever comes here is led to the target. */
struct listener {
    struct relay *relay;
    struct evconnlistener *evl;
    uint16_t port, target;
};

/* A message on its way, which is due one after the other. */
struct parcel {
    struct parcel *next;
    uint64_t due_ms;
    size_t len;
    char octets[];
};

/* One of the two connections of a pair; what comes from it waits in the other's
 * queue. */
struct leg {
    struct relay *relay;
    struct leg *next, **prev; /* of all */
    struct leg *other;
    struct bufferevent *bev;
    struct event *timer;
    struct parcel *first, **end;
};

struct relay {
    struct event_base *base;
    uint64_t delay_ms, random;
    unsigned drop; /* per cent */
    struct leg *legs;
    struct listener listeners[LISTENERS_MAX];
    size_t listener_count;
    char head[HEAD_MAX + 1], sent[HEAD_MAX + 64]; /* of the present message */
    struct {
        uint64_t messages, dropped, octets, largest, subscribes, notifies;
    } total;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "relay: %s\n", what);
    exit(1);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* splitmix64: even enough, and the same everywhere. */
static uint64_t draw(struct relay *r)
{
    uint64_t z = (r->random += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool is_lost(struct relay *r)
{
    return draw(r) % 100 < r->drop;
}

/* -------------------------------------------------------------------- fields
 */

/* The value of a field of the head, which is a text; NULL when it has none. */
static char *field(char *head, const char *name)
{
    size_t len = strlen(name);

    for (char *at = strstr(head, "\r\n"); at != NULL;
         at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, name, len) == 0 && at[2 + len] == ':')
            return at + 3 + len;
    return NULL;
}

static size_t body_len(char *head)
{
    const char *value = field(head, "Content-Length");
    unsigned long len;

    if (value == NULL)
        value = field(head, "l");
    len = value != NULL ? strtoul(value, NULL, 10) : 0;
    if (len > MESSAGE_MAX)
        die("a message is too large");
    return len;
}

/* ----------------------------------------------------------------- parcels */

static void arm(struct leg *to)
{
    uint64_t now = now_ms(), wait;
    struct timeval tv;

    if (to->first == NULL)
        return;
    wait = to->first->due_ms > now ? to->first->due_ms - now : 0;
    tv = (struct timeval){
        (time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
    (void)evtimer_add(to->timer, &tv);
}

static void on_due(evutil_socket_t fd, short what, void *ctx)
{
    struct leg *to = ctx;
    struct parcel *p;

    (void)fd;
    (void)what;
    while ((p = to->first) != NULL && p->due_ms <= now_ms()) {
        to->first = p->next;
        if (to->first == NULL)
            to->end = &to->first;
        (void)bufferevent_write(to->bev, p->octets, p->len);
        free(p);
    }
    arm(to);
}

static void post(struct leg *to, const char *head, size_t head_len,
    const char *body, size_t len)
{
    struct parcel *p = malloc(sizeof(*p) + head_len + len);

    if (p == NULL)
        die("no memory");
    p->next = NULL;
    p->due_ms = now_ms() + to->relay->delay_ms;
    p->len = head_len + len;
    memcpy(p->octets, head, head_len);
    memcpy(p->octets + head_len, body, len);
    *to->end = p;
    to->end = &p->next;
    if (to->first == p)
        arm(to);
}

/* --------------------------------------------------------------- listeners */

static void on_accept(struct evconnlistener *evl, evutil_socket_t fd,
    struct sockaddr *from, int len, void *ctx);

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static uint16_t port_of(evutil_socket_t fd)
{
    struct sockaddr_in sin = {0};
    socklen_t len = sizeof(sin);

    if (getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
        die("a port has no number");
    return ntohs(sin.sin_port);
}

static struct listener *listener_to(struct relay *r, uint16_t target)
{
    struct sockaddr_in any = loopback(0);
    struct listener *l;

    for (size_t i = 0; i < r->listener_count; i++)
        if (r->listeners[i].target == target)
            return &r->listeners[i];
    if (r->listener_count == LISTENERS_MAX)
        die("too many ports");
    l = &r->listeners[r->listener_count++];
    l->relay = r;
    l->target = target;
    l->evl = evconnlistener_new_bind(r->base, on_accept, l,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 128,
        (struct sockaddr *)&any, sizeof(any));
    if (l->evl == NULL)
        die("no port");
    l->port = port_of(evconnlistener_get_fd(l->evl));
    return l;
}

static bool is_own(const struct relay *r, uint16_t port)
{
    for (size_t i = 0; i < r->listener_count; i++)
        if (r->listeners[i].port == port)
            return true;
    return false;
}

/* The head with our port in the place of the one in its Contact. */
static size_t redirect(struct relay *r, char *head, char *out, size_t cap)
{
    static const char here[] = "127.0.0.1:";
    char *contact = field(head, "Contact"), *rest;
    char *end = contact != NULL ? strstr(contact, "\r\n") : NULL;
    char *at = contact != NULL ? strstr(contact, here) : NULL;
    unsigned long port;

    if (at == NULL || at > end)
        return (size_t)snprintf(out, cap, "%s", head);
    at += strlen(here);
    port = strtoul(at, &rest, 10);
    if (port == 0 || port > UINT16_MAX)
        die("a Contact has no port");
    if (!is_own(r, (uint16_t)port))
        port = listener_to(r, (uint16_t)port)->port;
    return (size_t)snprintf(
        out, cap, "%.*s%lu%s", (int)(at - head), head, port, rest);
}

/* ---------------------------------------------------------------- messages */

static void tell_notify(char *head, const char *body, bool lost)
{
    const char *to = field(head, "To");
    const char *uri = to != NULL ? strchr(to, '<') : NULL;
    int len = uri != NULL ? (int)strcspn(uri + 1, ">") : 0;

    (void)printf("notify %llu %.*s %s %s\n", (unsigned long long)now_ms(), len,
        uri != NULL ? uri + 1 : "",
        strstr(body, "GKTP id=") != NULL ? "key" : "-",
        lost ? "dropped" : "sent");
    (void)fflush(stdout);
}

/* head and body are texts, the body's length beside it. */
static void take_message(
    struct leg *from, char *head, const char *body, size_t len)
{
    struct relay *r = from->relay;
    size_t whole = strlen(head) + len;
    bool lost = is_lost(r);

    r->total.messages++;
    r->total.octets += whole;
    if (whole > r->total.largest)
        r->total.largest = whole;
    r->total.subscribes += strncmp(head, "SUBSCRIBE ", 10) == 0;
    if (strncmp(head, "NOTIFY ", 7) == 0) {
        r->total.notifies++;
        tell_notify(head, body, lost);
    }
    if (lost)
        r->total.dropped++;
    else
        post(from->other, r->sent, redirect(r, head, r->sent, sizeof(r->sent)),
            body, len);
}

/* Takes the first message off; false when it is not there yet. */
static bool take_one(struct leg *from, struct evbuffer *in)
{
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    char *head = from->relay->head, *body;
    size_t head_len, len;

    if (end.pos < 0)
        return false;
    head_len = (size_t)end.pos + 4;
    if (head_len > HEAD_MAX)
        die("a head is too large");
    (void)evbuffer_copyout(in, head, head_len);
    head[head_len] = '\0';
    len = body_len(head);
    if (evbuffer_get_length(in) < head_len + len)
        return false;
    body = malloc(len + 1);
    if (body == NULL)
        die("no memory");
    (void)evbuffer_drain(in, head_len);
    (void)evbuffer_remove(in, body, len);
    body[len] = '\0';
    take_message(from, head, body, len);
    free(body);
    return true;
}

/* Empty lines between messages (RFC 3261 clause 7.5) keep a connection alive
 * and say nothing. */
static void skip_lines(struct evbuffer *in)
{
    char start[2];

    while (evbuffer_copyout(in, start, 2) == 2 && memcmp(start, "\r\n", 2) == 0)
        (void)evbuffer_drain(in, 2);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct evbuffer *in = bufferevent_get_input(bev);

    do
        skip_lines(in);
    while (take_one(ctx, in));
}

/* ------------------------------------------------------------------- pairs */

static void leg_free(struct leg *leg)
{
    struct parcel *p, *next;

    for (p = leg->first; p != NULL; p = next) {
        next = p->next;
        free(p);
    }
    *leg->prev = leg->next;
    if (leg->next != NULL)
        leg->next->prev = leg->prev;
    event_free(leg->timer);
    bufferevent_free(leg->bev);
    free(leg);
}

/* One end has gone: so has the other, and what was under way is lost. */
static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    struct leg *leg = ctx;

    (void)bev;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
        return;
    leg_free(leg->other);
    leg_free(leg);
}

static struct leg *leg_new(struct relay *r, evutil_socket_t fd)
{
    struct leg *leg = calloc(1, sizeof(*leg));

    if (leg == NULL)
        die("no memory");
    leg->relay = r;
    leg->end = &leg->first;
    leg->next = r->legs;
    leg->prev = &r->legs;
    if (r->legs != NULL)
        r->legs->prev = &leg->next;
    r->legs = leg;
    leg->timer = evtimer_new(r->base, on_due, leg);
    leg->bev = bufferevent_socket_new(r->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (leg->timer == NULL || leg->bev == NULL)
        die("no memory");
    bufferevent_setcb(leg->bev, on_read, NULL, on_event, leg);
    return leg;
}

static void on_accept(struct evconnlistener *evl, evutil_socket_t fd,
    struct sockaddr *from, int len, void *ctx)
{
    struct listener *l = ctx;
    struct sockaddr_in target = loopback(l->target);
    struct leg *near = leg_new(l->relay, fd), *far = leg_new(l->relay, -1);

    (void)evl;
    (void)from;
    (void)len;
    near->other = far;
    far->other = near;
    (void)bufferevent_enable(near->bev, EV_READ | EV_WRITE);
    (void)bufferevent_enable(far->bev, EV_READ | EV_WRITE);
    (void)bufferevent_socket_connect(
        far->bev, (struct sockaddr *)&target, sizeof(target));
}

/* -------------------------------------------------------------------- main */

static void on_term(evutil_socket_t fd, short what, void *ctx)
{
    struct relay *r = ctx;

    (void)fd;
    (void)what;
    (void)printf("total messages=%llu dropped=%llu octets=%llu largest=%llu "
                 "subscribes=%llu notifies=%llu\n",
        (unsigned long long)r->total.messages,
        (unsigned long long)r->total.dropped,
        (unsigned long long)r->total.octets,
        (unsigned long long)r->total.largest,
        (unsigned long long)r->total.subscribes,
        (unsigned long long)r->total.notifies);
    (void)fflush(stdout);
    (void)event_base_loopbreak(r->base);
}

static uint64_t number(const char *text, uint64_t most)
{
    char *rest;
    unsigned long long v = strtoull(text, &rest, 10);

    if (*text == '\0' || *rest != '\0' || v > most)
        die("a number is wrong");
    return v;
}

int main(int argc, char **argv)
{
    static struct relay r;
    struct event *term;

    if (argc != 5)
        die("PORT DELAY_MS DROP SEED are needed");
    r.base = event_base_new();
    if (r.base == NULL)
        die("no memory");
    r.delay_ms = number(argv[2], 60000);
    r.drop = (unsigned)number(argv[3], 100);
    r.random = number(argv[4], UINT64_MAX);
    term = evsignal_new(r.base, SIGTERM, on_term, &r);
    if (term == NULL || event_add(term, NULL) != 0)
        die("no signal");
    (void)signal(SIGPIPE, SIG_IGN);
    (void)printf("ready port=%u\n",
        (unsigned)listener_to(&r, (uint16_t)number(argv[1], UINT16_MAX))->port);
    (void)fflush(stdout);
    (void)event_base_dispatch(r.base);
    while (r.legs != NULL)
        leg_free(r.legs);
    event_free(term);
    for (size_t i = 0; i < r.listener_count; i++)
        evconnlistener_free(r.listeners[i].evl);
    event_base_free(r.base);
    return 0;
}
