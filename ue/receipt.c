/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/receipt.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "mcptt/receipt.h"
#include "sip/schedule.h"
#include "ue/gms_client.h"

#define URL_MAX       512
#define RETRY_MS      1000
#define RETRY_MOST_MS 60000
#define RETRIES_MAX   10

enum state {
    SIGNING,   /* at a worker */
    FORGOTTEN, /* while it is there */
    WAITING,   /* for its moment */
    SENDING,
    ENDED,
    STATES
};

enum event_kind {
    EV_SIGNED,
    EV_SENT,
    EV_TAKEN,   /* the GMS believed it */
    EV_LATER,   /* busy, or not reached */
    EV_REFUSED, /* by the GMS, or there is nothing to send */
    EV_FORGET,
    EVENTS
};

struct receipt {
    struct mu_job job;
    struct ue_receipts *owner;
    struct receipt *next, **link; /* of the owner's list */
    enum state state;
    struct mcptt_id member, group;
    const char *bearer;
    const struct ue_period *period;
    struct ue_faults *faults;
    struct mcptt_key_id gmk_id, guk_id;
    struct mcptt_key key; /* until it is signed */
    uint8_t message_sha256[MCPTT_RECEIPT_SHA256_LEN];
    uint64_t now_ms;
    uint8_t octets[MCPTT_RECEIPT_MAX];
    size_t len;
    enum mu_err err; /* of signing */
    struct event *timer;
    uint64_t call;           /* under way; 0: none */
    unsigned tries, status;  /* status of the last answer; 0: none came */
    uint64_t retry_after_ms; /* that it asked for */
    char why[128];
};

struct ue_receipts {
    const struct ue_env *env;
    uint64_t spread_ms;
    char url[URL_MAX];
    struct receipt *first;
};

/* -------------------------------------------------------------- life cycle */

static void wait_ms(struct receipt *r, uint64_t ms)
{
    struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
        .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    (void)evtimer_add(r->timer, &wait);
}

static void wait_turn(struct receipt *r)
{
    uint16_t chance = 0;

    (void)(mu_rng_fill(r->owner->env->rng, (uint8_t *)&chance,
               sizeof(chance)) == MU_OK);
    wait_ms(r, r->owner->spread_ms * chance / UINT16_MAX);
}

static void nothing(struct receipt *r)
{
    (void)r;
}

static void report(const struct receipt *r, const char *name, const char *why)
{
    const struct ue_event event = {.name = name,
        .user = mcptt_id_span(&r->member),
        .group = mcptt_id_span(&r->group),
        .has_key = true,
        .gmk_id = r->gmk_id,
        .guk_id = r->guk_id,
        .status = r->status,
        .why = why};

    ue_report(r->owner->env->report, &event);
}

static void receipt_free(struct receipt *r)
{
    if (r->call != 0)
        http_client_cancel(r->owner->env->http, r->call);
    if (r->timer != NULL)
        event_free(r->timer);
    if (r->link != NULL)
        *r->link = r->next;
    if (r->next != NULL)
        r->next->link = r->link;
    mu_free_wiped(r, sizeof(*r));
}

static void end(struct receipt *r)
{
    report(r, "receipt", NULL);
    receipt_free(r);
}

static void give_up(struct receipt *r)
{
    report(r, "receipt_refused", r->why);
    receipt_free(r);
}

static void later(struct receipt *r)
{
    r->tries++;
    wait_ms(r, sip_backoff_ms(r->owner->env->rng, r->tries, RETRY_MS,
                   RETRY_MOST_MS, r->retry_after_ms));
}

struct transition {
    enum state next;
    void (*enter)(struct receipt *r);
};

/* An empty cell is an event that is not awaited. ENDED frees it. */
// clang-format off
static const struct transition table[STATES][EVENTS] = {
    [SIGNING] = {
        [EV_SIGNED]  = {WAITING,   wait_turn},
        [EV_REFUSED] = {ENDED,     give_up},
        [EV_FORGET]  = {FORGOTTEN, nothing},
    },
    [FORGOTTEN] = {
        [EV_SIGNED]  = {ENDED,     receipt_free},
        [EV_REFUSED] = {ENDED,     receipt_free},
    },
    [WAITING] = {
        [EV_SENT]    = {SENDING,   nothing},
        [EV_REFUSED] = {ENDED,     give_up},
        [EV_FORGET]  = {ENDED,     receipt_free},
    },
    [SENDING] = {
        [EV_TAKEN]   = {ENDED,     end},
        [EV_LATER]   = {WAITING,   later},
        [EV_REFUSED] = {ENDED,     give_up},
        [EV_FORGET]  = {ENDED,     receipt_free},
    },
};
// clang-format on

static void step(struct receipt *r, enum event_kind event)
{
    const struct transition *t = &table[r->state][event];

    if (t->enter == NULL)
        return;
    r->state = t->next;
    t->enter(r);
}

/* ----------------------------------------------------------------- signing */

static enum mu_err sign(struct receipt *r)
{
    const struct mcptt_receipt says = {.key_id = r->gmk_id,
        .time_ms = r->now_ms,
        .group = mcptt_id_span(&r->group),
        .member = mcptt_id_span(&r->member),
        .kms = r->period->cert->says->origin.kms_uri,
        .message_sha256 = SPAN_OF(r->message_sha256)};
    struct span whole = {NULL, 0};
    struct wr w;

    wr_init(&w, r->octets, sizeof(r->octets));
    TRY(mcptt_receipt_write(
        &w, &says, &r->key, r->period->signer, mu_rng_system()));
    TRY(wr_close(&w, &whole));
    r->len = whole.len;
    return MU_OK;
}

static void run_job(struct mu_job *job)
{
    struct receipt *r = (struct receipt *)job;

    r->err = sign(r);
    mcptt_key_clear(&r->key);
}

static void on_signed(struct mu_job *job, enum mu_err err)
{
    struct receipt *r = (struct receipt *)job;

    if (err == MU_OK)
        err = r->err;
    if (err != MU_OK)
        (void)snprintf(
            r->why, sizeof(r->why), "cannot be signed: %s", mu_err_name(err));
    step(r, err == MU_OK ? EV_SIGNED : EV_REFUSED);
}

static const struct mu_job_kind job_kind = {
    .run = run_job,
    .done = on_signed,
};

/* ----------------------------------------------------------------- sending */

static enum event_kind kind_of(
    const struct receipt *r, const struct http_reply *reply)
{
    if (reply->err != MU_OK || reply->status == 429 || reply->status == 503)
        return r->tries < RETRIES_MAX ? EV_LATER : EV_REFUSED;
    return reply->status == 200 ? EV_TAKEN : EV_REFUSED;
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
    static const struct http_reply lost = {
        .err = MU_E_EXPIRED, .why = "the answer was lost"};
    struct receipt *r = ctx;

    r->call = 0;
    if (ue_faults_lose(r->faults))
        reply = &lost;
    r->status = reply->err == MU_OK ? reply->status : 0;
    r->retry_after_ms = ue_retry_after_ms(reply);
    (void)snprintf(r->why, sizeof(r->why), "%s",
        reply->err == MU_OK ? "the GMS does not take it" : reply->why);
    step(r, kind_of(r, reply));
}

static enum mu_err post(struct receipt *r)
{
    char text[MU_BASE64_LEN(MCPTT_RECEIPT_MAX)];
    MU_CLEANUP(buf_clear) struct buf body = {.p = NULL};
    struct http_call call = {.method = "POST",
        .url = r->owner->url,
        .bearer = r->bearer,
        .type = "application/json"};

    mu_base64_write((struct span){r->octets, r->len}, text);
    buf_text(&body, "{\"receipt\": \"");
    buf_text(&body, text);
    buf_text(&body, "\"}");
    TRY(body.err);
    call.body = buf_span(&body);
    return http_client_start(r->owner->env->http, &call, on_reply, r, &r->call);
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
    struct receipt *r = ctx;
    enum mu_err err = post(r);

    (void)fd;
    (void)what;
    if (err != MU_OK)
        (void)snprintf(
            r->why, sizeof(r->why), "cannot be sent: %s", mu_err_name(err));
    step(r, err == MU_OK ? EV_SENT : EV_REFUSED);
}

/* ---------------------------------------------------------- the collection */

enum mu_err ue_receipts_new(
    const struct ue_env *env, uint64_t spread_ms, struct ue_receipts **out)
{
    struct ue_receipts *made = mu_alloc(sizeof(*made));
    int len;

    if (made == NULL)
        return MU_E_NO_MEMORY;
    made->env = env;
    made->spread_ms = spread_ms;
    len = snprintf(made->url, URL_MAX, "%s/v1/receipts", env->gms_url);
    if (len < 0 || len >= URL_MAX) {
        mu_free(made);
        return MU_E_NO_SPACE;
    }
    *out = made;
    return MU_OK;
}

void ue_receipts_free(struct ue_receipts *receipts)
{
    if (receipts == NULL)
        return;
    while (receipts->first != NULL)
        receipt_free(receipts->first);
    mu_free(receipts);
}

static enum mu_err fill(struct receipt *r, const struct ue_receipt_order *order)
{
    r->job.kind = &job_kind;
    r->state = SIGNING;
    r->bearer = order->bearer;
    r->period = order->period;
    r->faults = order->faults;
    r->gmk_id = order->key->gmk_id;
    r->guk_id = order->key->guk_id;
    r->now_ms = order->now_ms;
    mcptt_key_from_gmk(&order->key->gmk, &r->key);
    TRY(mcptt_id_set(&r->member, order->member));
    TRY(mcptt_id_set(&r->group, order->group));
    if (order->message_sha256.len != sizeof(r->message_sha256))
        return MU_E_MALFORMED;
    memcpy(
        r->message_sha256, order->message_sha256.p, sizeof(r->message_sha256));
    r->timer = evtimer_new(r->owner->env->base, on_time, r);
    if (r->timer == NULL)
        return MU_E_NO_MEMORY;
    return r->period != NULL ? mu_pool_submit(r->owner->env->pool, &r->job)
                             : MU_E_NOT_FOUND;
}

void ue_receipts_send(
    struct ue_receipts *receipts, const struct ue_receipt_order *order)
{
    struct receipt *r = mu_alloc(sizeof(*r));
    enum mu_err err;

    if (r == NULL)
        return;
    r->owner = receipts;
    r->next = receipts->first;
    r->link = &receipts->first;
    receipts->first = r;
    if (r->next != NULL)
        r->next->link = &r->next;
    err = fill(r, order);
    if (err == MU_OK)
        return;
    (void)snprintf(r->why, sizeof(r->why), "%s",
        err == MU_E_NOT_FOUND ? "no keys for the present key period"
                              : mu_err_name(err));
    step(r, EV_REFUSED);
}

void ue_receipts_forget(struct ue_receipts *receipts, struct span member)
{
    struct receipt *next;

    for (struct receipt *r = receipts->first; r != NULL; r = next) {
        next = r->next;
        if (span_eq(mcptt_id_span(&r->member), member))
            step(r, EV_FORGET);
    }
}
