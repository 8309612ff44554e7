/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/sip_sub.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sip/schedule.h"
#include "ue/sip_keys.h"
#include "ue/sip_text.h"
#include "xml/xcap_diff.h"

#define EVENT     "xcap-diff;diff-processing=no-patching"
#define ACCEPT    XML_XCAP_DIFF_TYPE ", multipart/mixed, " UE_SIP_MIKEY_TYPE
#define BODY_ROOM ((size_t)4 << 20)
#define TEXT_LEN  64
#define RETRY_MS  500
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

struct ue_sip_sub {
    const struct ue_sip_config *config;
    struct sip_agent *agent;
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

/* --------------------------------------------------------------- SUBSCRIBE */

void ue_sip_sub_report(
    const struct ue_sip_sub *s, const char *name, const char *why)
{
    const struct ue_event event = {.name = name,
        .user = ue_member_uri(s->member),
        .status = s->status,
        .why = why};

    ue_report(s->config->env->report, &event);
}

static void wait_ms(struct ue_sip_sub *s, uint64_t ms)
{
    struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
        .tv_usec = (suseconds_t)(ms % 1000 * 1000)};

    (void)event_add(s->timer, &wait);
}

static enum mu_err random_text(
    const struct ue_sip_sub *s, char out[MU_HEX_LEN(8)])
{
    uint8_t octets[8];

    TRY(mu_rng_fill(s->config->env->rng, octets, sizeof(octets)));
    mu_hex_write(SPAN_OF(octets), out);
    return MU_OK;
}

/* A key is too large for a datagram. */
static void set_target(struct ue_sip_sub *s)
{
    const char *server = s->config->server;
    const char *transport =
        s->config->tls_dir != NULL ? ";transport=tls" : ";transport=tcp";

    (void)snprintf(s->target, sizeof(s->target), "%s%s", server,
        strstr(server, ";transport=") == NULL ? transport : "");
}

/* A Call-ID says whose it is: "INDEX.RANDOM@mcue". */
static enum mu_err new_dialog(struct ue_sip_sub *s)
{
    char random[MU_HEX_LEN(8)];

    TRY(random_text(s, random));
    (void)snprintf(s->call_id, TEXT_LEN, "%zu.%s@mcue", s->index, random);
    TRY(random_text(s, random));
    (void)snprintf(s->local_tag, TEXT_LEN, "%s", random);
    s->remote_tag[0] = '\0';
    s->local_cseq = s->remote_cseq = 0;
    s->life++;
    set_target(s);
    return MU_OK;
}

static enum mu_err make_list(
    struct ue_sip_sub *s, struct mu_arena *arena, struct span **out)
{
    const struct ue_sip_config *config = s->config;
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

static enum mu_err make_body(struct ue_sip_sub *s, struct buf *body)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(ue_csk_clear) struct ue_csk csk = {.len = 0};
    const struct ue_sip_config *config = s->config;
    struct ue_sip_content content;
    struct span *sels = NULL;

    mu_arena_init(&arena, BODY_ROOM);
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

static enum mu_err ask(struct ue_sip_sub *s, const struct buf *body)
{
    struct sip_ask ask = {.id = (uint64_t)s->life << 32 | s->index,
        .method = "SUBSCRIBE",
        .event = EVENT,
        .accept = ACCEPT,
        .has_expires = true,
        .expires_s = s->config->expires_s,
        .type = body->len > 0 ? UE_SIP_BODY_TYPE : NULL,
        .body = buf_span(body)};

    ask.dialog = (struct sip_dialog){.call_id = span_str(s->call_id),
        .local_uri = ue_member_uri(s->member),
        .local_tag = span_str(s->local_tag),
        .remote_uri = s->config->env->gms_id,
        .remote_tag = span_str(s->remote_tag),
        .target = span_str(s->target),
        .local_cseq = ++s->local_cseq};
    return sip_agent_ask(s->agent, &ask);
}

static void later(struct ue_sip_sub *s)
{
    s->tries++;
    wait_ms(s, sip_backoff_ms(s->config->env->rng, s->tries, RETRY_MS,
                   RETRY_MOST_MS, s->retry_after_ms));
    s->retry_after_ms = 0;
}

/* Said once, not at each try. */
static void failed(struct ue_sip_sub *s)
{
    if (s->tries == 0)
        ue_sip_sub_report(s, "unsubscribed", "it is tried again");
    later(s);
}

static void subscribe(struct ue_sip_sub *s)
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
static void refresh(struct ue_sip_sub *s)
{
    const struct buf none = {.p = NULL};

    if (ask(s, &none) != MU_OK)
        later(s);
}

static void accepted(struct ue_sip_sub *s)
{
    s->tries = 0;
    ue_sip_sub_report(s, "subscribed", NULL);
    wait_ms(s, (uint64_t)s->expires_s * 750);
}

static void refreshed(struct ue_sip_sub *s)
{
    s->tries = 0;
    wait_ms(s, (uint64_t)s->expires_s * 750);
}

static void end(struct ue_sip_sub *s)
{
    (void)event_del(s->timer);
    ue_sip_sub_report(s, "unsubscribed", "the server does not want it");
}

/* ------------------------------------------------------------- life cycle */

struct transition {
    enum state next;
    void (*enter)(struct ue_sip_sub *s);
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

static void step(struct ue_sip_sub *s, enum event_kind event)
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

void ue_sip_sub_outcome(struct ue_sip_sub *s, const struct sip_outcome *o)
{
    if (s->life != o->id >> 32)
        return;
    s->status = ue_faults_lose(ue_member_faults(s->member)) ? 408 : o->status;
    s->retry_after_ms = (uint64_t)o->retry_after_s * 1000;
    if (kind_of(s->status) == EV_ACCEPTED) {
        set_text(s->remote_tag, sizeof(s->remote_tag), o->to_tag);
        set_text(s->target, sizeof(s->target), o->contact);
        s->expires_s = o->has_expires ? o->expires_s : s->config->expires_s;
    }
    step(s, kind_of(s->status));
}

/* ----------------------------------------------------------------- NOTIFY */

bool ue_sip_sub_index(struct span call_id, uint64_t *index)
{
    for (size_t i = 0; i < call_id.len; i++)
        if (call_id.p[i] == '.')
            call_id.len = i;
    return mu_text_u64(call_id, index) == MU_OK;
}

bool ue_sip_sub_is_called(const struct ue_sip_sub *s, struct span call_id)
{
    return span_eq(call_id, span_str(s->call_id));
}

/* The first NOTIFY may come before the 200 (RFC 6665 clause 4.4.1). */
static bool is_in_dialog(struct ue_sip_sub *s, const struct sip_request *r)
{
    if (!ue_sip_sub_is_called(s, r->call_id) ||
        !span_eq(r->to_tag, span_str(s->local_tag)))
        return false;
    if (s->remote_tag[0] == '\0')
        set_text(s->remote_tag, sizeof(s->remote_tag), r->from_tag);
    return span_eq(r->from_tag, span_str(s->remote_tag));
}

/* RFC 6665 clause 4.1.3: rejected and noresource say not to come back. */
static void take_state(struct ue_sip_sub *s, const struct sip_request *request)
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

unsigned ue_sip_sub_notify(struct ue_sip_sub *s, const struct sip_request *r)
{
    unsigned status;

    if (!is_in_dialog(s, r) || s->state == ENDED || s->state == WAITING)
        return 481;
    if (!span_eq(r->event, span_str("xcap-diff")))
        return 489;
    if (r->cseq <= s->remote_cseq)
        return 500; /* RFC 3261 clause 12.2.2 */
    s->remote_cseq = r->cseq;
    set_text(s->target, sizeof(s->target), r->contact);
    status = ue_sip_take(s->config->env, s->member, r);
    if (status == 200)
        take_state(s, r);
    return status;
}

/* -------------------------------------------------------- beginning and end */

struct ue_member *ue_sip_sub_member(const struct ue_sip_sub *s)
{
    return s->member;
}

void ue_sip_sub_start(struct ue_sip_sub *s)
{
    (void)event_del(s->timer);
    step(s, EV_START);
}

void ue_sip_sub_free(struct ue_sip_sub *s)
{
    if (s == NULL)
        return;
    event_free(s->timer);
    mu_free(s);
}

enum mu_err ue_sip_sub_new(const struct ue_sip_config *config,
    struct sip_agent *agent, struct ue_member *member, size_t index,
    struct ue_sip_sub **out)
{
    struct ue_sip_sub *s = mu_alloc(sizeof(*s));

    if (s == NULL)
        return MU_E_NO_MEMORY;
    s->config = config;
    s->agent = agent;
    s->member = member;
    s->index = index;
    s->timer = evtimer_new(config->env->base, on_time, s);
    if (s->timer == NULL) {
        mu_free(s);
        return MU_E_NO_MEMORY;
    }
    *out = s;
    return MU_OK;
}
