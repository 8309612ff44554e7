/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/crowd.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>

#include "base/alloc.h"
#include "ue/capture.h"
#include "ue/receipt.h"
#include "ue/sip.h"

#define AT_ONCE     64 /* members at the KMS at a time: the first is ready soon */
#define CONNECTIONS 64
/* Of the worker pool: each member's periods and messages. */
#define JOBS_MAX ((size_t)UE_MEMBERS_MAX * (UE_PERIODS_MAX + UE_KEYS_MAX))

struct ue_crowd {
    struct ue_crowd_config config;
    struct ue_env env;
    struct event *on_jobs, *on_term, *on_int;
    struct ue_sip *sip; /* NULL: members look for themselves */
    struct ue_member **members;
    size_t count, cap;
    size_t started; /* of the members, in their order */
    bool ending;
};

static void on_jobs(evutil_socket_t fd, short what, void *ctx)
{
    struct ue_crowd *crowd = ctx;

    (void)fd;
    (void)what;
    mu_pool_drain(crowd->env.pool);
}

static void on_signal(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    ue_crowd_stop(ctx);
}

static void start_next(struct ue_crowd *crowd)
{
    if (crowd->ending || crowd->started == crowd->count)
        return;
    (void)(ue_member_start(crowd->members[crowd->started++]) == MU_OK);
}

static void on_ready(void *ctx, struct ue_member *member)
{
    struct ue_crowd *crowd = ctx;

    if (crowd->ending)
        return;
    for (size_t i = crowd->started == 1 ? AT_ONCE : 1; i > 0; i--)
        start_next(crowd);
    if (crowd->sip != NULL && ue_member_state(member) == UE_MEMBER_READY)
        (void)(ue_sip_subscribe(crowd->sip, member) == MU_OK);
    crowd->config.on_ready(crowd->config.ctx, member);
}

static void on_settled(void *ctx)
{
    struct ue_crowd *crowd = ctx;

    if (!crowd->ending && crowd->config.on_settled != NULL)
        crowd->config.on_settled(crowd->config.ctx);
}

static struct event *watch(
    struct ue_crowd *crowd, int fd, short what, event_callback_fn then)
{
    struct event *event = event_new(crowd->env.base, fd, what, then, crowd);

    if (event != NULL)
        (void)event_add(event, NULL);
    return event;
}

static enum mu_err make_http(struct ue_crowd *crowd)
{
    const struct ue_crowd_config *config = &crowd->config;
    struct http_client_config http = {.base = crowd->env.base,
        .ca_file = config->ca_file,
        .connections =
            config->connections != 0 ? config->connections : CONNECTIONS,
        .body_max = (size_t)4 << 20};

    return http_client_new(&http, &crowd->env.http);
}

static enum mu_err make_sip(struct ue_crowd *crowd)
{
    const struct ue_sip_config config = {.env = &crowd->env,
        .server = crowd->config.sip_server,
        .address = crowd->config.sip_address,
        .tls_dir = crowd->config.sip_tls_dir,
        .expires_s = crowd->config.sip_expires_s,
        .answer_ms = crowd->config.sip_answer_ms,
        .documents = crowd->config.sip_documents,
        .csk = crowd->config.sip_csk,
        .gms_kms = crowd->config.sip_kms,
        .messages = crowd->config.sip_messages,
        .members = UE_MEMBERS_MAX};

    return config.server != NULL ? ue_sip_new(&config, &crowd->sip) : MU_OK;
}

static enum mu_err make_receipts(struct ue_crowd *crowd)
{
    struct ue_env *env = &crowd->env;

    if (!crowd->config.receipts)
        return MU_OK;
    return ue_receipts_new(
        env, crowd->config.receipt_spread_ms, &env->receipts);
}

static enum mu_err fill(struct ue_crowd *crowd)
{
    struct ue_env *env = &crowd->env;

    *env = (struct ue_env){.base = event_base_new(),
        .clock = mu_clock_system(),
        .rng = mu_rng_system(),
        .report = crowd->config.report,
        .gms_url = crowd->config.gms_url,
        .key_path = crowd->config.key_path,
        .gms_id = crowd->config.gms_id,
        .poll_ms = crowd->config.poll_ms,
        .spread_ms = crowd->config.spread_ms};
    if (env->base == NULL)
        return MU_E_NO_MEMORY;
    TRY(make_http(crowd));
    TRY(mu_pool_new(crowd->config.threads, JOBS_MAX, &env->pool));
    TRY(make_receipts(crowd));
    TRY(make_sip(crowd));
    crowd->on_jobs =
        watch(crowd, mu_pool_fd(env->pool), EV_READ | EV_PERSIST, on_jobs);
    crowd->on_term = watch(crowd, SIGTERM, EV_SIGNAL | EV_PERSIST, on_signal);
    crowd->on_int = watch(crowd, SIGINT, EV_SIGNAL | EV_PERSIST, on_signal);
    if (crowd->on_jobs == NULL || crowd->on_term == NULL ||
        crowd->on_int == NULL)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

enum mu_err ue_crowd_new(
    const struct ue_crowd_config *config, struct ue_crowd **out)
{
    struct ue_crowd *crowd = mu_alloc(sizeof(*crowd));
    enum mu_err err;

    if (crowd == NULL)
        return MU_E_NO_MEMORY;
    crowd->config = *config;
    err = fill(crowd);
    if (err != MU_OK) {
        ue_crowd_free(crowd);
        return err;
    }
    *out = crowd;
    return MU_OK;
}

static void unwatch(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

void ue_crowd_free(struct ue_crowd *crowd)
{
    if (crowd == NULL)
        return;
    crowd->ending = true;
    mu_pool_free(crowd->env.pool);
    ue_receipts_free(crowd->env.receipts);
    ue_sip_free(crowd->sip);
    for (size_t i = 0; i < crowd->count; i++)
        ue_member_free(crowd->members[i]);
    mu_free(crowd->members);
    kms_cert_unref(crowd->env.known);
    unwatch(crowd->on_jobs);
    unwatch(crowd->on_term);
    unwatch(crowd->on_int);
    http_client_free(crowd->env.http);
    if (crowd->env.base != NULL)
        event_base_free(crowd->env.base);
    mu_free(crowd);
}

static bool has_room(struct ue_crowd *crowd)
{
    size_t cap = crowd->cap == 0 ? 64 : 2 * crowd->cap;
    struct ue_member **members;

    if (crowd->count < crowd->cap)
        return true;
    members = mu_alloc_array(cap, sizeof(struct ue_member *));
    if (members == NULL)
        return false;
    for (size_t i = 0; i < crowd->count; i++)
        members[i] = crowd->members[i];
    mu_free(crowd->members);
    crowd->members = members;
    crowd->cap = cap;
    return true;
}

enum mu_err ue_crowd_add(
    struct ue_crowd *crowd, const char *enrolment_file, const char *token_file)
{
    const struct ue_member_config config = {.env = &crowd->env,
        .enrolment_file = enrolment_file,
        .token_file = token_file,
        .kds_url = crowd->config.kds_url,
        .groups = crowd->config.groups,
        .group_count = crowd->config.group_count,
        .watch = crowd->config.watch && crowd->sip == NULL,
        .on_ready = on_ready,
        .on_settled = on_settled,
        .ctx = crowd};

    if (crowd->count == UE_MEMBERS_MAX)
        return MU_E_NO_SPACE;
    if (!has_room(crowd))
        return MU_E_NO_MEMORY;
    TRY(ue_member_new(&config, &crowd->members[crowd->count]));
    crowd->count++;
    return MU_OK;
}

size_t ue_crowd_count(const struct ue_crowd *crowd)
{
    return crowd->count;
}

struct ue_member *ue_crowd_member(const struct ue_crowd *crowd, size_t i)
{
    return crowd->members[i];
}

struct event_base *ue_crowd_base(const struct ue_crowd *crowd)
{
    return crowd->env.base;
}

enum mu_err ue_crowd_run(struct ue_crowd *crowd)
{
    start_next(crowd); /* alone: its certificate then serves all others */
    return event_base_dispatch(crowd->env.base) < 0 ? MU_E_IO : MU_OK;
}

void ue_crowd_stop(struct ue_crowd *crowd)
{
    (void)event_base_loopbreak(crowd->env.base);
}

/* Loud: a file with somebody's keys in the clear is not to come unnoticed. */
static enum mu_err capture(const struct ue_member *member, struct span path)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct span uri = ue_member_uri(member);

    buf_add(&text, path);
    buf_add(&text, (struct span){(const uint8_t *)"", 1});
    TRY(text.err);
    TRY(ue_capture(member, (const char *)text.p));
    (void)fprintf(stderr, "mcue: WARNING: %s has keys of %.*s IN CLEAR\n",
        (const char *)text.p, (int)uri.len, (const char *)uri.p);
    return MU_OK;
}

static enum mu_err apply(struct ue_crowd *crowd, struct ue_member *member,
    const struct ue_order *order)
{
    const struct ue_event event = {.name = "fault",
        .user = ue_member_uri(member),
        .state = ue_order_name(order->kind)};

    switch (order->kind) {
    case UE_ORDER_LOSE:
        ue_member_faults(member)->lose_percent = order->percent;
        break;
    case UE_ORDER_DRIFT:
        ue_member_drift(member, order->drift_s);
        break;
    case UE_ORDER_RESTART:
        ue_member_restart(member);
        if (crowd->sip != NULL)
            ue_sip_restart(crowd->sip, member);
        break;
    case UE_ORDER_CAPTURE:
        TRY(capture(member, order->path));
        break;
    case UE_ORDER_KINDS:
        break;
    }
    ue_report(crowd->config.report, &event);
    return MU_OK;
}

enum mu_err ue_crowd_order(struct ue_crowd *crowd, const struct ue_order *order)
{
    enum mu_err err = MU_E_NOT_FOUND;

    for (size_t i = 0; i < crowd->count; i++) {
        struct ue_member *member = crowd->members[i];

        if (order->member.len > 0 &&
            !span_eq(order->member, ue_member_uri(member)))
            continue;
        err = apply(crowd, member, order);
        if (err != MU_OK)
            break;
    }
    return err;
}
