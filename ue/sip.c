/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/sip.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sip/agent.h"
#include "sip/schedule.h"
#include "ue/sip_keys.h"
#include "ue/sip_lost.h"
#include "ue/sip_text.h"
#include "xml/kms_krr.h"
#include "xml/xcap_diff.h"

#define EVENT       "xcap-diff;diff-processing=no-patching"
#define ACCEPT      XML_XCAP_DIFF_TYPE ", multipart/mixed, " UE_SIP_MIKEY_TYPE
#define PENDING_MAX 8192
#define MESSAGE_MAX ((size_t)1 << 20)
#define NOTIFY_ROOM ((size_t)4 << 20)
#define EVENTS_MAX  256 /* of the agent in one turn of the loop */
#define TEXT_LEN    64
#define RETRY_MS    500
/* A message that was lost is more likely than a server that is gone, and one
 * that has too much to do says so itself, by Retry-After. */
#define RETRY_MOST_MS 16000

enum state {
    IDLE,
    ASKING, /* a SUBSCRIBE is under way, the first of a dialog */
    ACTIVE,
    REFRESHING,
    WAITING, /* to ask again */
    ENDED,   /* the server does not want it */
    STATES
};

enum event_kind {
    EV_START,
    EV_ACCEPTED,
    EV_FAILED,     /* may be better later */
    EV_GONE,       /* the server knows of no such subscription */
    EV_REFUSED,    /* will not be */
    EV_TERMINATED, /* subscribe anew */
    EV_TIME,
    EVENTS
};

/* One member's subscription. */
struct sub {
    struct ue_sip *sip;
    struct ue_member *member;
    size_t index;
    uint32_t life; /* a number for each dialog: outcomes say whose they are */
    enum state state;
    char target[SIP_TEXT_MAX + 1]; /* the server's Contact in the dialog */
    char call_id[TEXT_LEN], local_tag[TEXT_LEN], remote_tag[SIP_TEXT_MAX + 1];
    uint32_t local_cseq, remote_cseq;
    uint32_t expires_s;
    unsigned tries;
    unsigned status;         /* of the last answer */
    uint64_t retry_after_ms; /* what it asked for */
    struct event *timer;
};

struct ue_sip {
    struct ue_sip_config config;
    struct sip_listen listen;
    struct sip_agent_config agent_config;
    struct sip_agent *agent;
    bool library;
    struct event *on_agent;
    struct sub **subs;
    size_t count;
    struct ue_sip_lost lost;
};

/* --------------------------------------------------------------- SUBSCRIBE */

static void report(struct sub *s, const char *name, const char *why)
{
    const struct ue_event event = {.name = name,
        .user = ue_member_uri(s->member),
        .status = s->status,
        .why = why};

    ue_report(s->sip->config.env->report, &event);
}

static void wait_ms(struct sub *s, uint64_t ms)
{
    struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
        .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    (void)event_add(s->timer, &wait);
}

static enum mu_err random_text(struct ue_sip *sip, char out[MU_HEX_LEN(8)])
{
    uint8_t octets[8];

    TRY(mu_rng_fill(sip->config.env->rng, octets, sizeof(octets)));
    mu_hex_write(SPAN_OF(octets), out);
    return MU_OK;
}

/* A key is too large for a datagram. */
static void set_target(struct sub *s)
{
    const char *server = s->sip->config.server;
    const char *transport =
        s->sip->config.tls_dir != NULL ? ";transport=tls" : ";transport=tcp";

    (void)snprintf(s->target, sizeof(s->target), "%s%s", server,
        strstr(server, ";transport=") == NULL ? transport : "");
}

/* A Call-ID says whose it is: "INDEX.RANDOM@mcue". */
static enum mu_err new_dialog(struct sub *s)
{
    char random[MU_HEX_LEN(8)];

    TRY(random_text(s->sip, random));
    (void)snprintf(s->call_id, TEXT_LEN, "%zu.%s@mcue", s->index, random);
    TRY(random_text(s->sip, random));
    (void)snprintf(s->local_tag, TEXT_LEN, "%s", random);
    s->remote_tag[0] = '\0';
    s->local_cseq = s->remote_cseq = 0;
    s->life++;
    set_target(s);
    return MU_OK;
}

static enum mu_err make_list(
    struct sub *s, struct mu_arena *arena, struct span **out)
{
    const struct ue_sip_config *config = &s->sip->config;
    size_t count = ue_member_group_count(s->member);
    struct span *sels = mu_arena_alloc(arena, count, sizeof(*sels));
    char sel[UE_URL_MAX];

    if (sels == NULL)
        return mu_arena_err(arena);
    for (size_t i = 0; i < count; i++) {
        struct span group = ue_group_uri(ue_member_group(s->member, i));

        TRY(config->messages
                ? ue_sip_group_sel(group, sel)
                : ue_sip_sel(config->env->key_path, ue_member_uri(s->member),
                      group, !config->documents, sel));
        sels[i] = mu_arena_copy(arena, span_str(sel));
    }
    *out = sels;
    return mu_arena_err(arena);
}

static enum mu_err make_body(struct sub *s, struct buf *body)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(ue_csk_clear) struct ue_csk csk = {.len = 0};
    const struct ue_sip_config *config = &s->sip->config;
    struct ue_sip_content content;
    struct span *sels = NULL;

    mu_arena_init(&arena, NOTIFY_ROOM);
    TRY(make_list(s, &arena, &sels));
    content =
        (struct ue_sip_content){.token = span_str(ue_member_bearer(s->member)),
            .csk = config->csk ? &csk : NULL,
            .sels = sels,
            .count = ue_member_group_count(s->member)};
    if (config->csk)
        TRY(ue_member_csk(s->member, config->gms_kms, &csk));
    return ue_sip_body(&content, config->env->rng, body);
}

static enum mu_err ask(struct sub *s, const struct buf *body)
{
    struct sip_ask ask = {.id = (uint64_t)s->life << 32 | s->index,
        .method = "SUBSCRIBE",
        .event = EVENT,
        .accept = ACCEPT,
        .has_expires = true,
        .expires_s = s->sip->config.expires_s,
        .type = body->len > 0 ? UE_SIP_BODY_TYPE : NULL,
        .body = buf_span(body)};

    ask.dialog = (struct sip_dialog){.call_id = span_str(s->call_id),
        .local_uri = ue_member_uri(s->member),
        .local_tag = span_str(s->local_tag),
        .remote_uri = s->sip->config.env->gms_id,
        .remote_tag = span_str(s->remote_tag),
        .target = span_str(s->target),
        .local_cseq = ++s->local_cseq};
    return sip_agent_ask(s->sip->agent, &ask);
}

static void later(struct sub *s)
{
    s->tries++;
    wait_ms(s, sip_backoff_ms(s->sip->config.env->rng, s->tries, RETRY_MS,
                   RETRY_MOST_MS, s->retry_after_ms));
    s->retry_after_ms = 0;
}

/* Said once, not at each try. */
static void failed(struct sub *s)
{
    if (s->tries == 0)
        report(s, "unsubscribed", "it is tried again");
    later(s);
}

static void subscribe(struct sub *s)
{
    MU_CLEANUP(buf_clear) struct buf body = {.p = NULL};
    enum mu_err err = new_dialog(s);

    if (err == MU_OK)
        err = make_body(s, &body);
    if (err == MU_OK)
        err = ask(s, &body);
    if (err != MU_OK)
        later(s);
}

/* Without a body: the list stays as it is (notes 2.1). */
static void refresh(struct sub *s)
{
    const struct buf none = {.p = NULL};

    if (ask(s, &none) != MU_OK)
        later(s);
}

static void accepted(struct sub *s)
{
    s->tries = 0;
    report(s, "subscribed", NULL);
    wait_ms(s, (uint64_t)s->expires_s * 750);
}

static void refreshed(struct sub *s)
{
    s->tries = 0;
    wait_ms(s, (uint64_t)s->expires_s * 750);
}

static void end(struct sub *s)
{
    (void)event_del(s->timer);
    report(s, "unsubscribed", "the server does not want it");
}

/* ------------------------------------------------------------- life cycle */

struct transition {
    enum state next;
    void (*enter)(struct sub *s);
};

/* An empty cell is an event that is not awaited. A refresh that fails leaves
 * the subscription as it is, to be refreshed again, until the server says that
 * it is gone (RFC 6665 clause 4.1.2.2): what only one lost message tells of
 * would otherwise cost a new dialog and all keys anew. */
// clang-format off
static const struct transition table[STATES][EVENTS] = {
    [IDLE] = {
        [EV_START]      = {ASKING,     subscribe},
    },
    [ASKING] = {
        [EV_START]      = {ASKING,     subscribe},
        [EV_ACCEPTED]   = {ACTIVE,     accepted},
        [EV_FAILED]     = {WAITING,    failed},
        [EV_GONE]       = {WAITING,    later},
        [EV_REFUSED]    = {ENDED,      end},
        [EV_TIME]       = {ASKING,     subscribe},
    },
    [ACTIVE] = {
        [EV_START]      = {ASKING,     subscribe},
        [EV_TIME]       = {REFRESHING, refresh},
        [EV_REFUSED]    = {ENDED,      end},
        [EV_TERMINATED] = {WAITING,    later},
    },
    [REFRESHING] = {
        [EV_START]      = {ASKING,     subscribe},
        [EV_ACCEPTED]   = {ACTIVE,     refreshed},
        [EV_FAILED]     = {ACTIVE,     later},
        [EV_GONE]       = {ASKING,     subscribe},
        [EV_REFUSED]    = {WAITING,    later},
        [EV_TERMINATED] = {WAITING,    later},
        [EV_TIME]       = {REFRESHING, refresh},
    },
    [WAITING] = {
        [EV_START]      = {ASKING,     subscribe},
        [EV_TIME]       = {ASKING,     subscribe},
    },
    [ENDED] = {
        [EV_START]      = {ASKING,     subscribe},
    },
};
// clang-format on

static void step(struct sub *s, enum event_kind event)
{
    const struct transition *t = &table[s->state][event];

    if (t->enter == NULL)
        return;
    s->state = t->next;
    t->enter(s);
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    step(ctx, EV_TIME);
}

static void set_text(char *out, size_t cap, struct span text)
{
    if (text.len > 0 && text.len < cap) {
        memcpy(out, text.p, text.len);
        out[text.len] = '\0';
    }
}

/* RFC 6665 clause 4.1.2.2: what is wrong with us stays wrong, the rest is a
 * matter of time. */
static enum event_kind kind_of(unsigned status)
{
    if (status >= 200 && status < 300)
        return EV_ACCEPTED;
    if (status == 481)
        return EV_GONE;
    if (status == 408 || status == 480 || status >= 500)
        return EV_FAILED;
    return EV_REFUSED;
}

static void take_outcome(struct ue_sip *sip, const struct sip_outcome *o)
{
    uint64_t index = o->id & UINT32_MAX;
    struct sub *s = index < sip->count ? sip->subs[index] : NULL;

    if (s == NULL || s->life != o->id >> 32)
        return;
    s->status = ue_faults_lose(ue_member_faults(s->member)) ? 408 : o->status;
    s->retry_after_ms = (uint64_t)o->retry_after_s * 1000;
    if (kind_of(s->status) == EV_ACCEPTED) {
        set_text(s->remote_tag, sizeof(s->remote_tag), o->to_tag);
        set_text(s->target, sizeof(s->target), o->contact);
        s->expires_s = o->has_expires ? o->expires_s : sip->config.expires_s;
    }
    step(s, kind_of(s->status));
}

/* ----------------------------------------------------------------- NOTIFY */

static struct sub *find_called(
    const struct ue_sip *sip, const struct sip_request *request)
{
    struct span number = request->call_id;
    struct sub *s;
    uint64_t index;

    for (size_t i = 0; i < number.len; i++)
        if (number.p[i] == '.')
            number.len = i;
    if (mu_text_u64(number, &index) != MU_OK || index >= sip->count)
        return NULL;
    s = sip->subs[index];
    return span_eq(request->call_id, span_str(s->call_id)) ? s : NULL;
}

static struct sub *find(
    const struct ue_sip *sip, const struct sip_request *request)
{
    struct sub *s = find_called(sip, request);

    if (s == NULL || !span_eq(request->to_tag, span_str(s->local_tag)))
        return NULL;
    /* The first NOTIFY may come before the 200 (RFC 6665 clause 4.4.1). */
    if (s->remote_tag[0] == '\0')
        set_text(s->remote_tag, sizeof(s->remote_tag), request->from_tag);
    return span_eq(request->from_tag, span_str(s->remote_tag)) ? s : NULL;
}

/* RFC 6665 clause 4.1.3: rejected and noresource say not to come back. */
static void take_state(struct sub *s, const struct sip_request *request)
{
    if (!span_eq(request->state, span_str("terminated")))
        return;
    s->status = 0;
    if (span_eq(request->reason, span_str("rejected")) ||
        span_eq(request->reason, span_str("noresource")))
        step(s, EV_REFUSED);
    else
        step(s, EV_TERMINATED);
}

/* Of whom a 488 is, for its body. */
struct told {
    struct sub *s;
    unsigned status;
};

static unsigned take_notify(struct sub *s, const struct sip_request *r)
{
    unsigned status;

    if (s == NULL || s->state == ENDED || s->state == WAITING)
        return 481;
    if (!span_eq(r->event, span_str("xcap-diff")))
        return 489;
    if (r->cseq <= s->remote_cseq)
        return 500; /* RFC 3261 clause 12.2.2 */
    s->remote_cseq = r->cseq;
    set_text(s->target, sizeof(s->target), r->contact);
    status = ue_sip_take(s->sip->config.env, s->member, r);
    if (status == 200)
        take_state(s, r);
    return status;
}

/* As if it had not come. */
static bool is_lost(struct ue_sip *sip, const struct sip_request *request)
{
    const struct sub *s = find_called(sip, request);
    uint64_t now_ms = mu_clock_mono_ms(sip->config.env->clock);

    ue_sip_lost_purge(&sip->lost, sip->agent, now_ms);
    if (s == NULL || !ue_faults_lose(ue_member_faults(s->member)))
        return false;
    ue_sip_lost_add(&sip->lost, sip->agent, request->id, now_ms);
    return true;
}

/* A MESSAGE is for the MC service ID, wherever it was sent (RFC 3428). */
static struct sub *find_member(
    const struct ue_sip *sip, const struct sip_request *request)
{
    for (size_t i = 0; i < sip->count; i++)
        if (span_eq(ue_member_uri(sip->subs[i]->member), request->to_uri))
            return sip->subs[i];
    return NULL;
}

static unsigned take_message(struct sub *s, const struct sip_request *request)
{
    if (s == NULL)
        return 404;
    return ue_sip_parts(request) == 0
               ? 415
               : ue_sip_take(s->sip->config.env, s->member, request);
}

static void answer_request(
    struct ue_sip *sip, const struct told *told, uint64_t request)
{
    MU_CLEANUP(buf_clear) struct buf krr = {.p = NULL};
    struct sip_answer answer = {.status = told->status,
        .allow = told->status == 405 ? "NOTIFY, MESSAGE" : NULL};

    if (told->status == 488) {
        report(told->s, "redirected", "a message is for another KMS");
        ue_sip_redirect(told->s->member, &krr);
        answer.type = XML_KRR_TYPE;
        answer.body = buf_span(&krr);
    }
    (void)(sip_agent_answer(sip->agent, request, &answer) == MU_OK);
}

static void take_request(struct ue_sip *sip, const struct sip_request *r)
{
    struct told told = {.status = 405};

    if (span_eq(r->method, span_str("NOTIFY"))) {
        told.s = find(sip, r);
        told.status = take_notify(told.s, r);
    } else if (span_eq(r->method, span_str("MESSAGE"))) {
        told.s = find_member(sip, r);
        told.status = take_message(told.s, r);
    }
    answer_request(sip, &told, r->id);
}

static void take_event(struct ue_sip *sip, const struct sip_event *event)
{
    if (event->is_outcome)
        take_outcome(sip, &event->outcome);
    else if (!is_lost(sip, &event->request))
        take_request(sip, &event->request);
}

static void on_agent(evutil_socket_t fd, short what, void *ctx)
{
    struct ue_sip *sip = ctx;

    (void)fd;
    (void)what;
    for (unsigned i = 0; i < EVENTS_MAX; i++) {
        struct sip_event *event = sip_agent_next(sip->agent);

        if (event == NULL)
            return;
        take_event(sip, event);
        sip_event_free(event);
    }
}

/* -------------------------------------------------------- beginning and end */

static enum mu_err fill(struct ue_sip *sip)
{
    sip->listen = (struct sip_listen){
        .transport = sip->config.tls_dir != NULL ? SIP_TLS : SIP_TCP,
        .address = sip->config.address};
    sip->agent_config = (struct sip_agent_config){.listens = &sip->listen,
        .listen_count = 1,
        .user = "ue",
        .tls_dir = sip->config.tls_dir,
        .tls_names = true,
        .pending_max = PENDING_MAX,
        .message_max = MESSAGE_MAX,
        .answer_ms = sip->config.answer_ms};
    sip->subs = mu_alloc_array(sip->config.members, sizeof(struct sub *));
    if (sip->subs == NULL)
        return MU_E_NO_MEMORY;
    TRY(sip_library_init());
    sip->library = true;
    TRY(sip_agent_start(&sip->agent_config, &sip->agent));
    sip->on_agent = event_new(sip->config.env->base, sip_agent_fd(sip->agent),
        EV_READ | EV_PERSIST, on_agent, sip);
    if (sip->on_agent == NULL || event_add(sip->on_agent, NULL) != 0)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

enum mu_err ue_sip_new(const struct ue_sip_config *config, struct ue_sip **out)
{
    struct ue_sip *sip = mu_alloc(sizeof(*sip));
    enum mu_err err;

    if (sip == NULL)
        return MU_E_NO_MEMORY;
    sip->config = *config;
    err = fill(sip);
    if (err != MU_OK) {
        ue_sip_free(sip);
        return err;
    }
    *out = sip;
    return MU_OK;
}

void ue_sip_free(struct ue_sip *sip)
{
    if (sip == NULL)
        return;
    if (sip->on_agent != NULL)
        event_free(sip->on_agent);
    for (size_t i = 0; i < sip->count; i++) {
        event_free(sip->subs[i]->timer);
        mu_free(sip->subs[i]);
    }
    mu_free(sip->subs);
    sip_agent_stop(sip->agent);
    if (sip->library)
        sip_library_cleanup();
    mu_free(sip);
}

enum mu_err ue_sip_subscribe(struct ue_sip *sip, struct ue_member *member)
{
    struct sub *s;

    if (sip->count == sip->config.members)
        return MU_E_NO_SPACE;
    s = mu_alloc(sizeof(*s));
    if (s == NULL)
        return MU_E_NO_MEMORY;
    s->sip = sip;
    s->member = member;
    s->index = sip->count;
    s->timer = evtimer_new(sip->config.env->base, on_time, s);
    if (s->timer == NULL) {
        mu_free(s);
        return MU_E_NO_MEMORY;
    }
    sip->subs[sip->count++] = s;
    step(s, EV_START);
    return MU_OK;
}

void ue_sip_restart(struct ue_sip *sip, const struct ue_member *member)
{
    for (size_t i = 0; i < sip->count; i++)
        if (sip->subs[i]->member == member) {
            (void)event_del(sip->subs[i]->timer);
            step(sip->subs[i], EV_START);
        }
}
