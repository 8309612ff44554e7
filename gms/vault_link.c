/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault_link.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/util.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"

/* Enough for the arrays of any answer. */
#define ARENA_MAX (1 << 18)

/* Frames read before other events have their turn. */
#define FRAMES_A_TURN 8

/* A request, from asking to its last answer. */
struct ask {
    struct ask *next;
    enum gms_vault_op op;
    uint32_t id;
    gms_vault_answered *answered; /* NULL once its owner has gone */
    void *ctx;
    size_t len;
    uint8_t octets[];
};

struct queue {
    struct ask *first, **end;
};

enum link_state {
    LINK_DOWN,
    LINK_GREETING, /* HELLO is not answered yet */
    LINK_UP
};

struct gms_vault_link {
    struct gms_vault_link_config config;
    enum link_state state;
    int fd; /* -1 when down */
    struct event *readable, *writable;
    uint32_t last_id, hello_id;
    struct queue urgent, normal; /* not sent */
    struct queue open;           /* sent */
    size_t open_len;
    uint8_t frame[GMS_VAULT_FRAME_MAX + 1];
};

static void queue_init(struct queue *queue)
{
    queue->first = NULL;
    queue->end = &queue->first;
}

static void put(struct queue *queue, struct ask *ask)
{
    ask->next = NULL;
    *queue->end = ask;
    queue->end = &ask->next;
}

/* Takes out what *at points to, a place in the queue. */
static struct ask *take_out(struct queue *queue, struct ask **at)
{
    struct ask *ask = *at;

    *at = ask->next;
    if (*at == NULL)
        queue->end = at;
    return ask;
}

static struct ask *take_first(struct queue *queue)
{
    return queue->first != NULL ? take_out(queue, &queue->first) : NULL;
}

enum mu_err gms_vault_link_new(
    const struct gms_vault_link_config *config, struct gms_vault_link **out)
{
    struct gms_vault_link *link = mu_alloc(sizeof(*link));

    if (link == NULL)
        return MU_E_NO_MEMORY;
    link->config = *config;
    link->fd = -1;
    queue_init(&link->urgent);
    queue_init(&link->normal);
    queue_init(&link->open);
    *out = link;
    return MU_OK;
}

static void hang_up(struct gms_vault_link *link)
{
    if (link->readable != NULL)
        event_free(link->readable);
    if (link->writable != NULL)
        event_free(link->writable);
    link->readable = link->writable = NULL;
    if (link->fd >= 0)
        (void)close(link->fd);
    link->fd = -1;
    link->state = LINK_DOWN;
}

static void free_all(struct queue *queue)
{
    struct ask *ask;

    while ((ask = take_first(queue)) != NULL)
        mu_free(ask);
}

void gms_vault_link_free(struct gms_vault_link *link)
{
    if (link == NULL)
        return;
    hang_up(link);
    free_all(&link->open);
    free_all(&link->urgent);
    free_all(&link->normal);
    mu_free(link);
}

static void answer(
    const struct ask *ask, const struct gms_vault_answer *answer_to)
{
    if (ask->answered != NULL)
        ask->answered(ask->ctx, answer_to);
}

/* One at a time, for an owner that is told may forget others. */
static void fail_all(struct queue *queue)
{
    struct ask *ask;

    while ((ask = take_first(queue)) != NULL) {
        const struct gms_vault_answer a = {
            .op = ask->op,
            .id = ask->id,
            .last = true,
            .err = MU_E_IO,
            .why = span_str("the vault is down"),
        };

        answer(ask, &a);
        mu_free(ask);
    }
}

/* Who is told cannot ask until the next vault is up: the queues only shrink. */
static void go_down(struct gms_vault_link *link, const char *why)
{
    bool was_up = link->state == LINK_UP;

    mu_log(MU_LOG_WARNING, "vault.down", mu_log_str("why", why));
    hang_up(link);
    fail_all(&link->open);
    link->open_len = 0;
    fail_all(&link->urgent);
    fail_all(&link->normal);
    if (was_up && link->config.on_down != NULL)
        link->config.on_down(link->config.ctx);
}

/* False when the vault has to read first, or is gone: reading will tell. */
static bool send_frame(struct gms_vault_link *link, struct span frame)
{
    ssize_t n;

    do {
        n = send(link->fd, frame.p, frame.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0)
        return true;
    if (errno == EAGAIN || errno == ENOBUFS)
        (void)event_add(link->writable, NULL);
    return false;
}

/* Sends what may be open at once, urgent ones first. */
static void pump(struct gms_vault_link *link)
{
    while (link->state == LINK_UP && link->open_len < GMS_VAULT_INFLIGHT_MAX) {
        struct queue *from =
            link->urgent.first != NULL ? &link->urgent : &link->normal;
        struct ask *ask = from->first;

        if (ask == NULL ||
            !send_frame(link, (struct span){ask->octets, ask->len}))
            return;
        put(&link->open, take_out(from, &from->first));
        link->open_len++;
    }
}

static struct ask **find_open(struct gms_vault_link *link, uint32_t id)
{
    struct ask **at = &link->open.first;

    while (*at != NULL && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

/* False for an answer that nobody asked for. The one that ends a request takes
 * it off the list first, so that its owner may ask again. */
static bool on_answer(
    struct gms_vault_link *link, const struct gms_vault_answer *a)
{
    struct ask **at = find_open(link, a->id), *ask = *at;

    if (ask == NULL || ask->op != a->op)
        return false;
    if (a->last) {
        (void)take_out(&link->open, at);
        link->open_len--;
    }
    answer(ask, a);
    if (a->last)
        mu_free(ask);
    return true;
}

static bool on_hello(
    struct gms_vault_link *link, const struct gms_vault_answer *a)
{
    if (a->op != GMS_VAULT_HELLO || a->id != link->hello_id ||
        a->err != MU_OK || !a->last)
        return false;
    link->state = LINK_UP;
    if (link->config.on_up != NULL)
        link->config.on_up(link->config.ctx, &a->hello);
    return true;
}

/* False when the line is at its end. */
static bool on_frame(struct gms_vault_link *link, struct span frame)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_answer a;
    bool good;

    mu_arena_init(&arena, ARENA_MAX);
    if (gms_vault_answer_read(frame, &arena, &a) != MU_OK)
        return false;
    good =
        link->state == LINK_GREETING ? on_hello(link, &a) : on_answer(link, &a);
    if (a.op == GMS_VAULT_CSK) { /* it has a key in it */
        mu_wipe(link->frame, frame.len);
        mu_wipe(&a, sizeof(a));
    }
    return good;
}

static ssize_t receive(struct gms_vault_link *link)
{
    ssize_t n;

    do {
        n = recv(link->fd, link->frame, sizeof(link->frame), MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    return n;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_vault_link *link = ctx;

    (void)fd;
    (void)what;
    for (int i = 0; i < FRAMES_A_TURN; i++) {
        ssize_t n = receive(link);

        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            go_down(link, "its end of the line is closed");
            return;
        }
        if (!on_frame(link, (struct span){link->frame, (size_t)n})) {
            go_down(link, "an answer does not read");
            return;
        }
    }
    pump(link);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    pump(ctx);
}

static enum mu_err watch(struct gms_vault_link *link)
{
    struct event_base *base = link->config.base;

    link->readable =
        event_new(base, link->fd, EV_READ | EV_PERSIST, on_readable, link);
    link->writable = event_new(base, link->fd, EV_WRITE, on_writable, link);
    if (link->readable == NULL || link->writable == NULL ||
        event_add(link->readable, NULL) != 0)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

static enum mu_err greet(struct gms_vault_link *link)
{
    const struct gms_vault_request hello = {
        .op = GMS_VAULT_HELLO, .id = ++link->last_id};
    struct span frame;
    struct wr w;

    link->hello_id = hello.id;
    wr_init(&w, link->frame, sizeof(link->frame));
    TRY(gms_vault_request_write(&w, &hello));
    TRY(wr_close(&w, &frame));
    /* The first frame of a new line finds room, or nobody is there. */
    return send_frame(link, frame) ? MU_OK : MU_E_IO;
}

enum mu_err gms_vault_link_take(struct gms_vault_link *link, int fd)
{
    enum mu_err err;

    if (link->state != LINK_DOWN)
        go_down(link, "another one takes its place");
    link->fd = fd;
    link->state = LINK_GREETING;
    err = watch(link);
    if (err == MU_OK)
        err = greet(link);
    if (err != MU_OK)
        hang_up(link);
    return err;
}

bool gms_vault_link_is_up(const struct gms_vault_link *link)
{
    return link->state == LINK_UP;
}

/* The frame as a request of its own memory. */
static enum mu_err keep(struct span frame, struct ask **out)
{
    struct ask *ask = mu_alloc(sizeof(*ask) + frame.len);

    if (ask == NULL)
        return MU_E_NO_MEMORY;
    memcpy(ask->octets, frame.p, frame.len);
    ask->len = frame.len;
    *out = ask;
    return MU_OK;
}

/* Not link->frame: that is being read when an owner asks while it is told. */
static enum mu_err write_frame(
    const struct gms_vault_request *request, struct ask **out)
{
    uint8_t *room = mu_alloc(GMS_VAULT_FRAME_MAX);
    struct span frame;
    enum mu_err err;
    struct wr w;

    if (room == NULL)
        return MU_E_NO_MEMORY;
    wr_init(&w, room, GMS_VAULT_FRAME_MAX);
    err = gms_vault_request_write(&w, request);
    if (err == MU_OK)
        err = wr_close(&w, &frame);
    if (err == MU_OK)
        err = keep(frame, out);
    mu_free(room);
    return err;
}

enum mu_err gms_vault_link_ask(struct gms_vault_link *link,
    struct gms_vault_request *request, bool urgent,
    gms_vault_answered *answered, void *ctx)
{
    struct ask *ask = NULL;

    if (link->state != LINK_UP)
        return MU_E_STATE;
    request->id = link->last_id + 1;
    TRY(write_frame(request, &ask));
    link->last_id++;
    ask->op = request->op;
    ask->id = request->id;
    ask->answered = answered;
    ask->ctx = ctx;
    put(urgent ? &link->urgent : &link->normal, ask);
    pump(link);
    return MU_OK;
}

static void forget(struct queue *queue, const void *ctx)
{
    for (struct ask *ask = queue->first; ask != NULL; ask = ask->next)
        if (ask->ctx == ctx)
            ask->answered = NULL;
}

/* What was not sent is not sent any more. */
static void drop(struct queue *queue, const void *ctx)
{
    struct ask **at = &queue->first;

    while (*at != NULL)
        if ((*at)->ctx == ctx)
            mu_free(take_out(queue, at));
        else
            at = &(*at)->next;
}

void gms_vault_link_forget(struct gms_vault_link *link, const void *ctx)
{
    forget(&link->open, ctx);
    drop(&link->urgent, ctx);
    drop(&link->normal, ctx);
}
