/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/transport.h"

#include <event2/event.h>
#include <string.h>

#include "base/alloc.h"
#include "http/client.h"

struct kms_transport {
    struct kms_transport_config config;
    char *bearer;
    struct event *turn; /* the next thing to do, at once or after a pause */
    bool started, waiting;
    struct kms_next next;
    uint64_t call; /* under way; 0: none */
};

static uint64_t now_s(const struct kms_transport *t)
{
    return mu_clock_unix_ms(t->config.clock) / 1000;
}

static void take_turn(struct kms_transport *t, uint64_t in_s)
{
    struct timeval wait = {.tv_sec = (time_t)in_s};

    (void)evtimer_add(t->turn, &wait);
}

/* An end of a request; what follows from it is done in a turn of its own. */
static void take_answer(
    struct kms_transport *t, const struct kms_answer *answer)
{
    t->call = 0;
    if (kms_session_answer(t->config.session, answer, now_s(t), &t->next) ==
        MU_OK)
        take_turn(t, 0);
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
    struct kms_answer answer = {.err = reply->err, .why = reply->why};

    if (reply->err == MU_OK) {
        answer.status = reply->status;
        answer.retry_after = http_reply_field(reply, "Retry-After");
        answer.body = reply->body;
    }
    take_answer(ctx, &answer);
}

static void send_request(struct kms_transport *t)
{
    const struct kms_request *request = &t->next.request;
    struct http_call call = {
        .method = request->method,
        .url = request->url,
        .bearer = t->bearer,
        .type = request->type,
        .body = request->body,
    };
    struct kms_answer answer = {.why = "the request cannot be sent"};

    answer.err =
        http_client_start(t->config.http, &call, on_reply, t, &t->call);
    if (answer.err != MU_OK)
        take_answer(t, &answer);
}

static void wait_until(struct kms_transport *t, uint64_t at_s)
{
    uint64_t now = now_s(t);

    t->waiting = true;
    take_turn(t, at_s > now ? at_s - now : 0);
}

static void act(struct kms_transport *t)
{
    switch (t->next.what) {
    case KMS_DO_SEND:
        send_request(t);
        return;
    case KMS_DO_WAIT:
        wait_until(t, t->next.at_s);
        return;
    case KMS_DO_DONE:
    case KMS_DO_FAIL:
        t->config.done(t->config.ctx, &t->next);
        return;
    }
}

static void on_turn(evutil_socket_t fd, short what, void *ctx)
{
    struct kms_transport *t = ctx;
    enum mu_err err = MU_OK;

    (void)fd;
    (void)what;
    if (!t->started)
        err = kms_session_start(t->config.session, now_s(t), &t->next);
    else if (t->waiting)
        err = kms_session_wake(t->config.session, now_s(t), &t->next);
    t->started = true;
    t->waiting = false;
    if (err == MU_OK)
        act(t);
}

static enum mu_err fill(struct kms_transport *t)
{
    const char *bearer = t->config.bearer;

    t->turn = evtimer_new(t->config.base, on_turn, t);
    if (t->turn == NULL)
        return MU_E_NO_MEMORY;
    if (bearer == NULL)
        return MU_OK;
    t->bearer = mu_alloc(strlen(bearer) + 1);
    if (t->bearer == NULL)
        return MU_E_NO_MEMORY;
    memcpy(t->bearer, bearer, strlen(bearer) + 1);
    return MU_OK;
}

enum mu_err kms_transport_new(
    const struct kms_transport_config *config, struct kms_transport **out)
{
    struct kms_transport *t = mu_alloc(sizeof(*t));
    enum mu_err err;

    if (t == NULL)
        return MU_E_NO_MEMORY;
    t->config = *config;
    err = fill(t);
    if (err != MU_OK) {
        kms_transport_free(t);
        return err;
    }
    take_turn(t, 0);
    *out = t;
    return MU_OK;
}

void kms_transport_free(struct kms_transport *transport)
{
    if (transport == NULL)
        return;
    if (transport->call != 0)
        http_client_cancel(transport->config.http, transport->call);
    if (transport->turn != NULL)
        event_free(transport->turn);
    if (transport->bearer != NULL)
        mu_free_wiped(transport->bearer, strlen(transport->bearer));
    mu_free(transport);
}
