/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/group.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "mikey/ntp.h"
#include "sip/schedule.h"
#include "ue/gms_client.h"
#include "ue/receipt.h"
#include "xml/gktp.h"

#define DOCUMENT_MAX  ((size_t)4 << 20) /* an arena's bound for one document */
#define RETRY_MS      1000
#define RETRY_MOST_MS 60000
#define CLOCK_MOST_S  3600 /* clocks are set: it looks at its own so often */

struct ue_group {
    struct ue_group_config config;
    struct mcptt_id member, uri;
    char url[UE_URL_MAX];
    struct event *timer; /* of the next look */
    struct event *clock; /* of what time alone changes */
    uint64_t call;       /* under way; 0: none */
    bool again;          /* look again after it */
    unsigned tries;      /* that failed, one after the other */
    struct ue_etag etag;
    uint64_t etag_period; /* in which the document was read */
    unsigned status;      /* of the last answer */
    size_t openings;      /* at the workers */
    struct ue_keystore store;
    struct mcptt_key_id current; /* as reported; zero: none */
    enum ue_cause cause;         /* of the last refusal */
    char why[UE_WHY_MAX];
};

/* A worker's task: one message of the document. */
struct job {
    struct mu_job job;
    struct ue_group *owner;
    struct mcptt_id id; /* of the GKTP */
    bool offered;       /* it may be another group's: no fault then */
    struct ue_opening opening;
};

static uint64_t now_s(const struct ue_group *g)
{
    return mu_clock_unix_ms(&g->config.faults->clock) / 1000;
}

/* The replay cache counts as key periods do. */
static uint64_t now_1900_s(const struct ue_group *g)
{
    return now_s(g) + (uint64_t)MIKEY_NTP_UNIX_S;
}

static void report(struct ue_group *g, struct ue_event *event)
{
    event->user = mcptt_id_span(&g->member);
    event->group = mcptt_id_span(&g->uri);
    ue_report(g->config.env->report, event);
}

static void report_key(
    struct ue_group *g, const char *name, const struct ue_key *key)
{
    struct ue_event event = {.name = name,
        .has_key = true,
        .gmk_id = key->gmk_id,
        .guk_id = key->guk_id,
        .has_times = true,
        .from_s = key->from_s,
        .until_s = key->until_s};

    report(g, &event);
}

static void report_refusal(struct ue_group *g, const struct mcptt_id *id,
    enum ue_cause cause, const char *why)
{
    struct ue_event event = {.name = "refused",
        .id = mcptt_id_span(id),
        .cause = ue_cause_name(cause),
        .why = why};

    g->cause = cause;
    (void)snprintf(g->why, sizeof(g->why), "%s", why);
    report(g, &event);
}

/* Reports when the key to send with is another one than before, or none. */
static void look_at_current(struct ue_group *g)
{
    const struct ue_key *key = ue_keystore_sending(&g->store, now_s(g));
    struct mcptt_key_id id = {key != NULL ? key->gmk_id.v : 0};
    struct ue_event none = {.name = "no_key"};

    if (id.v == g->current.v)
        return;
    g->current = id;
    if (key != NULL)
        report_key(g, "current", key);
    else
        report(g, &none);
}

/* The moment at which the next key counts, or one ends. */
static void set_clock(struct ue_group *g)
{
    uint64_t now = now_s(g), next = ue_keystore_next_s(&g->store, now);
    struct timeval wait = {.tv_sec = 1};

    if (next == UINT64_MAX)
        return;
    if (next > now + CLOCK_MOST_S)
        next = now + CLOCK_MOST_S;
    if (next > now)
        wait.tv_sec = (time_t)(next - now);
    (void)evtimer_add(g->clock, &wait);
}

static void on_clock(evutil_socket_t fd, short what, void *ctx)
{
    struct ue_group *g = ctx;

    (void)fd;
    (void)what;
    look_at_current(g);
    set_clock(g);
}

static void settle(struct ue_group *g)
{
    look_at_current(g);
    set_clock(g);
    if (g->openings == 0 && g->config.on_settled != NULL)
        g->config.on_settled(g->config.ctx);
}

/* He has a key that he did not have. */
static void send_receipt(struct ue_group *g, const struct ue_opening *o)
{
    const struct ue_env *env = g->config.env;
    struct ue_identity who = {.gms = env->gms_id};
    struct ue_receipt_order order = {.member = mcptt_id_span(&g->member),
        .group = mcptt_id_span(&g->uri),
        .bearer = g->config.bearer,
        .key = &o->key,
        .message_sha256 = SPAN_OF(o->sha256),
        .faults = g->config.faults,
        .now_ms = mu_clock_unix_ms(&g->config.faults->clock)};

    if (env->receipts == NULL)
        return;
    ue_provision_identity(g->config.provision, &who);
    order.period = ue_identity_period(&who, now_1900_s(g));
    ue_receipts_send(env->receipts, &order);
}

/* A key that opened may be of no use all the same. */
static void take_news(
    struct ue_group *g, const struct job *job, enum ue_news news)
{
    static const char *const names[] = {[UE_NEWS_KEY] = "key",
        [UE_NEWS_TIMES] = "times",
        [UE_NEWS_REVOKED] = "revoked"};
    const struct ue_opening *o = &job->opening;

    if (news == UE_NEWS_KEY && o->key.until_s <= now_s(g))
        report_refusal(g, &job->id, UE_CAUSE_EXPIRED, "the key has ended");
    else if (news != UE_NEWS_NONE)
        report_key(g, names[news], &o->key);
    else if (!o->revoked && ue_keystore_is_revoked(&g->store, o->key.gmk_id))
        report_refusal(
            g, &job->id, UE_CAUSE_REVOKED, "the key was revoked before");
    if (news == UE_NEWS_KEY)
        send_receipt(g, o);
}

/* Authenticated: remembered, then kept. */
static void keep(struct ue_group *g, const struct job *job)
{
    const struct ue_opening *o = &job->opening;
    enum ue_news news = UE_NEWS_NONE;
    enum mu_err err =
        mcptt_replay_add(g->config.replay, &o->replay, now_1900_s(g));

    if (err == MU_E_DENIED)
        return; /* the same message was in two documents at once */
    if (err != MU_OK) {
        report_refusal(
            g, &job->id, UE_CAUSE_FULL, "no room to remember its message");
        return;
    }
    err = ue_keystore_take(&g->store, &o->key, o->revoked, now_s(g), &news);
    if (err == MU_E_DENIED)
        report_refusal(
            g, &job->id, UE_CAUSE_CONFLICT, "another key has that identifier");
    else if (err != MU_OK)
        report_refusal(g, &job->id, UE_CAUSE_FULL, "no room for more keys");
    else
        take_news(g, job, news);
}

static void run_job(struct mu_job *job)
{
    ue_opening_run(&((struct job *)job)->opening);
}

static void job_free(struct job *job)
{
    ue_opening_clear(&job->opening);
    mu_free_wiped(job, sizeof(*job));
}

static void on_opened(struct mu_job *base, enum mu_err err)
{
    struct job *job = (struct job *)base;
    struct ue_group *g = job->owner;

    g->openings--;
    if (err == MU_OK && job->opening.err == MU_OK)
        keep(g, job);
    else if (err == MU_OK &&
             !(job->offered && job->opening.cause == UE_CAUSE_GROUP))
        report_refusal(g, &job->id, job->opening.cause, job->opening.why);
    job_free(job);
    settle(g);
}

static const struct mu_job_kind job_kind = {
    .run = run_job,
    .done = on_opened,
};

/* Whether there is anything to do: not when it was opened before, which is what
 * a document says again and again, nor when it is for a key period to come, at
 * whose beginning the document is read anew. What else is wrong with it is
 * reported. */
static bool is_wanted(struct ue_group *g, const struct job *job)
{
    const struct mcptt_replay_message *m = &job->opening.replay;
    uint64_t now = now_1900_s(g);
    enum mu_err err = mcptt_replay_check(g->config.replay, m, now);

    if (err == MU_OK)
        return true;
    if (err == MU_E_DENIED) {
        if (!ue_keystore_knows(&g->store, job->opening.in.csb_id))
            report_refusal(g, &job->id, UE_CAUSE_REPLAY,
                "the message was had before, its key is not here");
        return false;
    }
    if (err != MU_E_EXPIRED || m->period.until_s < now)
        report_refusal(
            g, &job->id, UE_CAUSE_TIME, "the message is out of its time");
    return false;
}

static enum mu_err begin_job(
    struct ue_group *g, struct job *job, const struct xml_gktp *gktp)
{
    struct ue_identity who = {.gms = g->config.env->gms_id};

    job->job.kind = &job_kind;
    job->owner = g;
    if (mcptt_id_set(&job->id, gktp->id) != MU_OK)
        job->id.len = 0;
    ue_provision_identity(g->config.provision, &who);
    return ue_opening_begin(
        &job->opening, &who, mcptt_id_span(&g->uri), gktp->message, now_s(g));
}

/* How a message came. */
struct manner {
    bool any_receiver, offered;
};

static void take_gktp(struct ue_group *g, const struct xml_gktp *gktp,
    const struct manner *manner)
{
    struct job *job = mu_alloc(sizeof(*job));
    enum mu_err err = MU_E_NO_MEMORY;

    if (job == NULL)
        return;
    err = begin_job(g, job, gktp);
    job->opening.any_receiver = manner->any_receiver;
    job->offered = manner->offered;
    if (err != MU_OK)
        report_refusal(g, &job->id, job->opening.cause, job->opening.why);
    else if (is_wanted(g, job)) {
        err = mu_pool_submit(g->config.env->pool, &job->job);
        if (err == MU_OK) {
            g->openings++;
            return;
        }
        report_refusal(g, &job->id, UE_CAUSE_FULL, "no worker takes it");
    }
    job_free(job);
}

/* Keys of temporary groups that stand in the document of this one, and those
 * of floor control, are not this group's GMKs. */
static bool is_ours(const struct xml_gktp *gktp)
{
    return gktp->kind == XML_GKTP_GMK && gktp->temporary_group.len == 0;
}

static enum mu_err take_document(
    struct ue_group *g, struct span document, bool any_receiver)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct manner manner = {.any_receiver = any_receiver};
    const struct xml_gktp *keys = NULL;
    struct xml_fault fault;
    size_t count = 0;

    mu_arena_init(&arena, DOCUMENT_MAX);
    TRY(xml_gktp_read(document, &arena, &fault, &keys, &count));
    for (size_t i = 0; i < count; i++)
        if (is_ours(&keys[i]))
            take_gktp(g, &keys[i], &manner);
    return MU_OK;
}

void ue_group_take(
    struct ue_group *group, struct span document, bool any_receiver)
{
    const struct mcptt_id none = {.len = 0};

    if (take_document(group, document, any_receiver) != MU_OK)
        report_refusal(
            group, &none, UE_CAUSE_DOCUMENT, "the document is no key document");
    settle(group);
}

void ue_group_offer(struct ue_group *group, struct span message)
{
    const struct xml_gktp gktp = {.kind = XML_GKTP_GMK, .message = message};
    const struct manner manner = {.offered = true};

    take_gktp(group, &gktp, &manner);
    settle(group);
}

/* The document of another key period has other messages, whatever its ETag
 * may say of its text: those that were not due then. */
static uint64_t period_now(const struct ue_group *g)
{
    struct ue_provision_status status = {.period = 0};

    (void)(ue_provision_status(g->config.provision, now_s(g), &status) ==
           MU_OK);
    return status.period;
}

static void take_answer(struct ue_group *g, const struct http_reply *reply)
{
    struct ue_event event = {
        .name = "answer", .status = reply->status, .why = reply->why};
    unsigned before = g->status;

    g->status = reply->err == MU_OK ? reply->status : 0;
    if (reply->err == MU_OK && reply->status == 304) {
        g->status = before;
        look_at_current(g);
        return;
    }
    if (reply->err == MU_OK && reply->status == 200) {
        ue_etag_of(reply, &g->etag);
        g->etag_period = period_now(g);
        ue_group_take(g, reply->body, false);
        return;
    }
    g->etag.text[0] = '\0';
    if (g->status != before || reply->err != MU_OK)
        report(g, &event);
    settle(g);
}

static bool is_failure(const struct http_reply *reply)
{
    return reply->err != MU_OK || reply->status == 429 || reply->status >= 500;
}

/* Who does not look again and again is told when there is something new; what
 * he did not get then he has to ask for again. In no case sooner than the GMS
 * wants. */
static void look_later(struct ue_group *g, bool failed, uint64_t retry_after_ms)
{
    const struct ue_env *env = g->config.env;
    uint64_t wait_ms = env->poll_ms;

    g->tries = failed ? g->tries + 1 : 0;
    if (failed && (wait_ms == 0 || retry_after_ms > 0))
        wait_ms = sip_backoff_ms(
            env->rng, g->tries, RETRY_MS, RETRY_MOST_MS, retry_after_ms);
    if (wait_ms < env->poll_ms)
        wait_ms = env->poll_ms;
    if (wait_ms != 0)
        (void)(ue_group_watch(g, wait_ms) == MU_OK);
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
    static const struct http_reply lost = {
        .err = MU_E_EXPIRED, .why = "the answer was lost"};
    struct ue_group *g = ctx;

    g->call = 0;
    if (ue_faults_lose(g->config.faults))
        reply = &lost;
    take_answer(g, reply);
    if (g->again && ue_retry_after_ms(reply) == 0)
        (void)(ue_group_watch(g, 0) == MU_OK);
    else
        look_later(g, is_failure(reply), ue_retry_after_ms(reply));
    g->again = false;
}

/* Is a look under way? What it brings may be older than what it is about, so
 * it is done again. */
static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct ue_group *g = ctx;
    const struct ue_key_call call = {g->url, g->config.bearer, &g->etag};
    enum mu_err err;

    (void)fd;
    (void)what;
    look_at_current(g);
    g->again = g->call != 0;
    if (g->again)
        return;
    if (g->etag_period != period_now(g))
        g->etag.text[0] = '\0';
    err = ue_key_get(g->config.env->http, &call, on_reply, g, &g->call);
    if (err != MU_OK) {
        const struct mcptt_id none = {.len = 0};

        report_refusal(
            g, &none, UE_CAUSE_DOCUMENT, "the request cannot be sent");
        look_later(g, true, 0);
    }
}

enum mu_err ue_group_watch(struct ue_group *group, uint64_t in_ms)
{
    struct timeval wait = {.tv_sec = (time_t)(in_ms / 1000),
        .tv_usec = (suseconds_t)(in_ms % 1000 * 1000)};

    return evtimer_add(group->timer, &wait) == 0 ? MU_OK : MU_E_NO_MEMORY;
}

static enum mu_err fill(struct ue_group *g)
{
    const struct ue_group_config *config = &g->config;
    const struct ue_env *env = config->env;

    TRY(mcptt_id_set(&g->member, config->member));
    TRY(mcptt_id_set(&g->uri, config->group));
    TRY(ue_key_url(
        env->gms_url, env->key_path, config->member, config->group, g->url));
    g->timer = evtimer_new(env->base, on_timer, g);
    g->clock = evtimer_new(env->base, on_clock, g);
    return g->timer != NULL && g->clock != NULL ? MU_OK : MU_E_NO_MEMORY;
}

enum mu_err ue_group_new(
    const struct ue_group_config *config, struct ue_group **out)
{
    struct ue_group *g = mu_alloc(sizeof(*g));
    enum mu_err err;

    if (g == NULL)
        return MU_E_NO_MEMORY;
    g->config = *config;
    err = fill(g);
    if (err != MU_OK) {
        ue_group_free(g);
        return err;
    }
    *out = g;
    return MU_OK;
}

void ue_group_free(struct ue_group *group)
{
    if (group == NULL)
        return;
    if (group->call != 0)
        http_client_cancel(group->config.env->http, group->call);
    if (group->timer != NULL)
        event_free(group->timer);
    if (group->clock != NULL)
        event_free(group->clock);
    ue_keystore_clear(&group->store);
    mu_free_wiped(group, sizeof(*group));
}

void ue_group_clock_set(struct ue_group *group)
{
    look_at_current(group);
    set_clock(group);
}

void ue_group_restart(struct ue_group *group)
{
    if (group->call != 0)
        http_client_cancel(group->config.env->http, group->call);
    (void)evtimer_del(group->timer);
    group->call = 0;
    group->again = false;
    group->tries = group->status = 0;
    group->etag.text[0] = group->why[0] = '\0';
    group->cause = UE_CAUSE_NONE;
    group->current.v = 0;
    ue_group_clock_set(group);
    if (group->config.env->poll_ms != 0)
        (void)(ue_group_watch(group, 0) == MU_OK);
}

struct span ue_group_uri(const struct ue_group *group)
{
    return mcptt_id_span(&group->uri);
}

unsigned ue_group_status(const struct ue_group *group)
{
    return group->status;
}

uint64_t ue_group_now_s(const struct ue_group *group)
{
    return now_s(group);
}

const struct ue_keystore *ue_group_keys(const struct ue_group *group)
{
    return &group->store;
}

const char *ue_group_why(const struct ue_group *group)
{
    return group->why;
}

enum ue_cause ue_group_cause(const struct ue_group *group)
{
    return group->cause;
}
