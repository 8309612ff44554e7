/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/serve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/pool.h"
#include "gms/vault/work.h"

/* Every order in flight, in its smallest pieces. */
#define JOBS_MAX ((size_t)GMS_VAULT_INFLIGHT_MAX * GMS_VAULT_RECIPIENTS_MAX)

/* Answers that wait for the front to read; with more, no requests are taken. */
#define WAITING_MAX 64

/* An answer that could not be sent yet. */
struct waiting {
    struct waiting *next;
    size_t len;
    uint8_t octets[];
};

struct gms_serve {
    int link;
    struct gms_desk *desk;
    struct mu_pool *pool;
    size_t in_flight; /* orders whose work is not done */
    struct waiting *first, **end;
    size_t waiting;
    bool over;                          /* the line has ended, or broke */
    enum mu_err err;                    /* why, where it is a fault */
    uint8_t frame[GMS_VAULT_FRAME_MAX]; /* being written */
};

/* A piece of an order's work, and the job that does it. */
struct piece {
    struct mu_job job; /* the first member: the pool hands it back */
    struct gms_serve *serve;
    struct gms_order *order;
    enum mu_err err;
    struct gms_work work;
};

static void fail(struct gms_serve *serve, enum mu_err err)
{
    if (serve->err == MU_OK)
        serve->err = err;
    serve->over = true;
}

static void keep(struct gms_serve *serve, struct span frame)
{
    struct waiting *waiting = mu_alloc(sizeof(*waiting) + frame.len);

    if (waiting == NULL) {
        fail(serve, MU_E_NO_MEMORY);
        return;
    }
    memcpy(waiting->octets, frame.p, frame.len);
    waiting->len = frame.len;
    *serve->end = waiting;
    serve->end = &waiting->next;
    serve->waiting++;
}

/* False when the front has to read first. */
static bool send_now(struct gms_serve *serve, struct span frame)
{
    ssize_t n;

    do {
        n = send(serve->link, frame.p, frame.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0)
        return true;
    if (errno == EAGAIN)
        return false;
    serve->over = true; /* the front has gone: no fault of ours */
    return true;
}

static void drop_first(struct gms_serve *serve)
{
    struct waiting *first = serve->first;

    serve->first = first->next;
    if (serve->first == NULL)
        serve->end = &serve->first;
    serve->waiting--;
    mu_free_wiped(first, sizeof(*first) + first->len);
}

static void send_waiting(struct gms_serve *serve)
{
    while (serve->first != NULL && !serve->over) {
        struct span frame = {serve->first->octets, serve->first->len};

        if (!send_now(serve, frame))
            return;
        drop_first(serve);
    }
}

static void answer(struct gms_serve *serve, const struct gms_vault_answer *a)
{
    struct span frame;
    enum mu_err err;
    struct wr w;

    if (serve->over)
        return;
    wr_init(&w, serve->frame, sizeof(serve->frame));
    err = gms_vault_answer_write(&w, a);
    if (err == MU_OK)
        err = wr_close(&w, &frame);
    if (err != MU_OK)
        fail(serve, err);
    else if (serve->first != NULL || !send_now(serve, frame))
        keep(serve, frame);
    if (err == MU_OK && a->op == GMS_VAULT_CSK)
        mu_wipe(serve->frame, frame.len);
}

static void answer_envelopes(struct gms_serve *serve, const struct piece *piece,
    struct gms_vault_answer *a)
{
    a->envelopes.first = piece->work.first;
    a->envelopes.count = piece->work.count;
    a->envelopes.at = piece->work.envelopes;
    answer(serve, a);
}

/* Room that a frame has for messages, with their lengths. */
#define MESSAGES_MAX (GMS_VAULT_FRAME_MAX - 16)

/* How many messages from the first one on go into one frame. */
static size_t that_fit(const struct span *messages, size_t count)
{
    size_t len = 0, n = 0;

    while (n < count && len + 2 + messages[n].len <= MESSAGES_MAX) {
        len += 2 + messages[n].len;
        n++;
    }
    return n;
}

/* In as many frames as it takes: a message is 8 KiB at most. */
static void answer_messages(struct gms_serve *serve, const struct piece *piece,
    struct gms_vault_answer *a)
{
    const struct gms_work *work = &piece->work;
    bool last = a->last;

    for (size_t at = 0, n; at < work->count; at += n) {
        n = that_fit(work->messages + at, work->count - at);
        a->messages.first = work->first + at;
        a->messages.count = n;
        a->messages.at = work->messages + at;
        a->last = last && at + n == work->count;
        answer(serve, a);
    }
}

static void answer_objects(struct gms_serve *serve, const struct piece *piece,
    struct gms_vault_answer *a)
{
    a->objects.first = piece->work.first;
    a->objects.count = piece->work.count;
    a->objects.at = piece->work.messages;
    answer(serve, a);
}

static void log_refusal(const struct gms_vault_answer *a)
{
    mu_log(MU_LOG_WARNING, "vault.refused", mu_log_u64("op", a->op),
        mu_log_str("refusal", gms_vault_refusal_name(a->refusal)),
        mu_log_err("error", a->err), mu_log_octets("why", a->why));
}

static void answer_csk(struct gms_serve *serve, const struct piece *piece,
    struct gms_vault_answer *a)
{
    if (piece->work.refusal != GMS_REFUSED_NOT) {
        *a = gms_desk_refusal(&piece->order->request, piece->work.refusal,
            piece->order->csk.initiator.uri);
        log_refusal(a);
    } else {
        a->csk = piece->work.csk;
    }
    answer(serve, a);
    if (a->err == MU_OK)
        mcptt_sig_conf_key_clear(&a->csk.key);
}

/* What of the order's work was done; its last piece ends the answer. */
static void answer_piece(struct gms_serve *serve, const struct piece *piece)
{
    const struct gms_vault_request *request = &piece->order->request;
    struct gms_vault_answer a = {.op = request->op,
        .id = request->id,
        .last = piece->order->chunks == 0};

    if (request->op == GMS_VAULT_CSK)
        answer_csk(serve, piece, &a);
    else if (request->op == GMS_VAULT_SIGN)
        answer_messages(serve, piece, &a);
    else if (request->op == GMS_VAULT_RESEAL)
        answer_objects(serve, piece, &a);
    else
        answer_envelopes(serve, piece, &a);
}

/* An error ends the answer; of pieces that come after it nothing is said. */
static void answer_error(
    struct gms_serve *serve, struct gms_order *order, enum mu_err err)
{
    struct gms_vault_answer a = gms_desk_refusal(
        &order->request, GMS_REFUSED_NOT, (struct span){NULL, 0});

    a.err = err;
    order->failed = true;
    answer(serve, &a);
}

static void piece_free(struct piece *piece)
{
    gms_work_clear(&piece->work);
    mu_free(piece);
}

static void order_done(struct gms_serve *serve, struct gms_order *order)
{
    gms_order_free(order);
    serve->in_flight--;
}

static void run_piece(struct mu_job *job)
{
    struct piece *piece = (struct piece *)job;
    const struct gms_desk *desk = piece->serve->desk;

    piece->err = gms_work_do(piece->order, gms_state_ring(desk->state),
        gms_state_identity(desk->state), desk->rng, &piece->work);
}

static void on_piece_done(struct mu_job *job, enum mu_err err)
{
    struct piece *piece = (struct piece *)job;
    struct gms_serve *serve = piece->serve;
    struct gms_order *order = piece->order;

    if (err == MU_OK)
        err = piece->err;
    order->chunks--;
    if (!order->failed && err == MU_OK)
        answer_piece(serve, piece);
    else if (!order->failed)
        answer_error(serve, order, err);
    piece_free(piece);
    if (order->chunks == 0)
        order_done(serve, order);
}

static const struct mu_job_kind piece_kind = {run_piece, on_piece_done};

static enum mu_err submit(struct gms_serve *serve, struct gms_order *order,
    size_t first, size_t count)
{
    struct piece *piece = mu_alloc(sizeof(*piece));
    enum mu_err err;

    if (piece == NULL)
        return MU_E_NO_MEMORY;
    piece->job.kind = &piece_kind;
    piece->serve = serve;
    piece->order = order;
    piece->work.first = first;
    piece->work.count = count;
    err = mu_pool_submit(serve->pool, &piece->job);
    if (err != MU_OK)
        piece_free(piece);
    return err;
}

/* Gives the work out. What cannot be given out ends the order, once the pieces
 * that were are back. */
static void begin(struct gms_serve *serve, struct gms_order *order)
{
    size_t count = gms_order_count(order);
    enum mu_err err = MU_OK;

    serve->in_flight++;
    order->chunks = 1; /* this function's own, until all are out */
    for (size_t at = 0; at < count && err == MU_OK; at += GMS_WORK_MAX) {
        err = submit(serve, order, at,
            count - at < GMS_WORK_MAX ? count - at : GMS_WORK_MAX);
        order->chunks += err == MU_OK;
    }
    order->chunks--;
    if (err != MU_OK)
        answer_error(serve, order, err);
    if (order->chunks == 0)
        order_done(serve, order);
}

static void refuse_rate(struct gms_serve *serve, const struct gms_order *order)
{
    struct gms_vault_answer a = gms_desk_refusal(
        &order->request, GMS_REFUSED_RATE, (struct span){NULL, 0});

    log_refusal(&a);
    answer(serve, &a);
}

/* The order is this function's. */
static void take(struct gms_serve *serve, struct gms_order *order)
{
    struct gms_vault_answer a;

    if (gms_order_is_work(order) &&
        serve->in_flight >= GMS_VAULT_INFLIGHT_MAX) {
        refuse_rate(serve, order);
        gms_order_free(order);
        return;
    }
    if (gms_desk_take(serve->desk, order, &a)) {
        begin(serve, order);
        return;
    }
    if (a.err != MU_OK)
        log_refusal(&a);
    answer(serve, &a);
    gms_order_free(order);
}

/* One frame; false when there is none. */
static bool receive(struct gms_serve *serve, struct gms_order *order)
{
    ssize_t n;

    do {
        n = recv(serve->link, order->frame, sizeof(order->frame), MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        order->frame_len = (size_t)n;
        return true;
    }
    if (n == 0 || errno != EAGAIN)
        serve->over = true;
    return false;
}

/* A front that sends such a thing is not who it should be. */
static void refuse_frame(struct gms_serve *serve, enum mu_err err)
{
    mu_log(MU_LOG_ERROR, "vault.frame_refused", mu_log_err("error", err));
    fail(serve, err == MU_E_NO_MEMORY ? err : MU_E_MALFORMED);
}

static void take_one(struct gms_serve *serve, bool *more)
{
    struct gms_order *order = NULL;
    enum mu_err err = gms_order_new(&order);

    *more = false;
    if (err != MU_OK) {
        fail(serve, err);
        return;
    }
    if (!receive(serve, order)) {
        gms_order_free(order);
        return;
    }
    err = gms_order_read(order);
    if (err != MU_OK) {
        gms_order_free(order);
        refuse_frame(serve, err);
        return;
    }
    take(serve, order);
    *more = !serve->over && serve->waiting < WAITING_MAX;
}

static void take_all(struct gms_serve *serve)
{
    bool more = true;

    while (more)
        take_one(serve, &more);
}

/* Waits for something to do, and does it. */
static void turn(struct gms_serve *serve)
{
    bool may_read = serve->waiting < WAITING_MAX;
    struct pollfd fds[2] = {
        {.fd = serve->link,
            .events = (short)((may_read ? POLLIN : 0) |
                              (serve->first != NULL ? POLLOUT : 0))},
        {.fd = mu_pool_fd(serve->pool), .events = POLLIN},
    };

    if (poll(fds, 2, -1) < 0) {
        if (errno != EINTR)
            fail(serve, MU_E_IO);
        return;
    }
    if ((fds[1].revents & POLLIN) != 0)
        mu_pool_drain(serve->pool);
    send_waiting(serve);
    if ((fds[0].revents & POLLIN) != 0)
        take_all(serve);
    else if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        serve->over = true;
}

enum mu_err gms_serve_new(
    int link, struct gms_desk *desk, unsigned threads, struct gms_serve **out)
{
    struct gms_serve *serve = mu_alloc(sizeof(*serve));
    enum mu_err err;

    if (serve == NULL)
        return MU_E_NO_MEMORY;
    serve->link = link;
    serve->desk = desk;
    serve->end = &serve->first;
    err = mu_pool_new(threads, JOBS_MAX, &serve->pool);
    if (err != MU_OK) {
        mu_free(serve);
        return err;
    }
    *out = serve;
    return MU_OK;
}

void gms_serve_free(struct gms_serve *serve)
{
    if (serve == NULL)
        return;
    serve->over = true;
    mu_pool_free(serve->pool); /* every piece comes back, and its order goes */
    while (serve->first != NULL)
        drop_first(serve);
    mu_free(serve);
}

int gms_serve_fd(const struct gms_serve *serve)
{
    return mu_pool_fd(serve->pool);
}

enum mu_err gms_serve_run(struct gms_serve *serve)
{
    while (!serve->over)
        turn(serve);
    return serve->err;
}
