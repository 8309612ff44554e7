/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/session.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "kms-client/ask.h"

#define SKEW_S 300

enum phase {
    READY,
    ASKING, /* an answer is awaited */
    PAUSED, /* the same request will be sent again */
    DONE,
    FAILED,
    PHASES
};

enum event {
    EV_START,
    EV_MORE, /* an answer was good, and there is another step */
    EV_LAST, /* an answer was good, and there is none */
    EV_BUSY, /* ask again later */
    EV_MOVED,
    EV_BAD,
    EV_WAKE,
    EVENTS
};

enum step {
    STEP_INIT,
    STEP_KEYS_NOW,
    STEP_KEYS_NEXT,
    STEP_CACHE,
    STEP_CERT, /* once for each wanted URI */
    STEPS
};

struct kms_session {
    struct kms_session_config config;
    enum phase phase;
    enum step step;
    size_t wanted_at; /* of STEP_CERT */
    const char *base; /* URL of the server that is asked now */
    unsigned tries, redirects;
    uint64_t now_s, at_s;
    uint64_t period_next_s;
    struct kms_session_facts facts;
    enum mu_err err;
    char why[KMS_SESSION_WHY_MAX];
    char url[KMS_ASK_URL_MAX];
    uint8_t body[KMS_ASK_BODY_MAX];
    size_t body_len;
};

/* Says why it ends; the first reason stays. */
static void blame(struct kms_session *s, enum mu_err err, const char *why)
{
    if (s->err != MU_OK)
        return;
    s->err = err;
    (void)snprintf(s->why, sizeof(s->why), "%s", why);
}

/* One step of the session: what to ask for. */
struct row {
    enum kms_reply_kind kind;
    bool may_lack; /* the KMS may say that there is no such thing */
};

static const struct row rows[STEPS] = {
    [STEP_INIT] = {KMS_REPLY_INIT, false},
    [STEP_KEYS_NOW] = {KMS_REPLY_KEYPROV, false},
    [STEP_KEYS_NEXT] = {KMS_REPLY_KEYPROV, true},
    [STEP_CACHE] = {KMS_REPLY_CERTCACHE, true},
    [STEP_CERT] = {KMS_REPLY_CERT, false},
};

static enum mu_err write_url(struct kms_session *s)
{
    struct kms_ask what = {
        .kind = rows[s->step].kind,
        .uri = mcptt_id_span(kms_keyset_user(s->config.keys)),
        .time_s = s->step == STEP_KEYS_NEXT ? s->period_next_s : s->now_s,
        .cache_num = s->config.cache_num,
    };

    if (s->step == STEP_CERT)
        what.uri = s->config.wanted[s->wanted_at];
    return kms_ask_url(s->base, &what, s->url);
}

/* Signed, or none at all. */
static enum mu_err write_body(struct kms_session *s)
{
    struct span body = {NULL, 0};
    struct wr w;

    s->body_len = 0;
    if (s->config.unsigned_requests)
        return MU_OK;
    wr_init(&w, s->body, sizeof(s->body));
    TRY(kms_ask_body(s->config.enrolment, s->url, s->now_s, s->config.rng, &w));
    TRY(wr_close(&w, &body));
    s->body_len = body.len;
    return MU_OK;
}

/* Sends what the step needs; sent again, it is a request of its own. */
static enum mu_err ask(struct kms_session *s)
{
    enum mu_err err = write_url(s);

    if (err == MU_OK)
        err = write_body(s);
    if (err != MU_OK)
        blame(s, err, "the request cannot be written");
    s->tries++;
    return err;
}

/* The first request of a step, or of a step at another server. */
static enum mu_err ask_anew(struct kms_session *s)
{
    s->tries = 0;
    return ask(s);
}

static enum mu_err begin(struct kms_session *s)
{
    kms_keyset_drop_old(s->config.keys, s->now_s, KMS_SESSION_KEEP_S);
    return ask_anew(s);
}

static enum mu_err rest(struct kms_session *s)
{
    (void)s;
    return MU_OK;
}

struct transition {
    enum phase next;
    enum mu_err (*enter)(struct kms_session *s); /* fails: FAILED */
};

/* An empty cell is an event that is not awaited. */
// clang-format off
static const struct transition table[PHASES][EVENTS] = {
    [READY] = {
        [EV_START] = {ASKING, begin},
    },
    [ASKING] = {
        [EV_MORE]  = {ASKING, ask_anew},
        [EV_LAST]  = {DONE,   rest},
        [EV_BUSY]  = {PAUSED, rest},
        [EV_MOVED] = {ASKING, ask_anew},
        [EV_BAD]   = {FAILED, rest},
    },
    [PAUSED] = {
        [EV_WAKE]  = {ASKING, ask},
    },
};
// clang-format on

static void tell(const struct kms_session *s, struct kms_next *next)
{
    static const enum kms_do what[PHASES] = {
        [READY] = KMS_DO_WAIT,
        [ASKING] = KMS_DO_SEND,
        [PAUSED] = KMS_DO_WAIT,
        [DONE] = KMS_DO_DONE,
        [FAILED] = KMS_DO_FAIL,
    };

    *next = (struct kms_next){
        .what = what[s->phase],
        .request = {.method = "POST",
            .url = s->url,
            .type = s->body_len > 0 ? "application/xml" : NULL,
            .body = {s->body, s->body_len}},
        .at_s = s->at_s,
        .err = s->err,
        .why = s->why,
    };
}

static enum mu_err step(
    struct kms_session *s, enum event event, struct kms_next *next)
{
    const struct transition *t = &table[s->phase][event];

    if (t->enter == NULL) {
        tell(s, next);
        return MU_E_STATE;
    }
    s->phase = t->enter(s) == MU_OK ? t->next : FAILED;
    tell(s, next);
    return MU_OK;
}

/* Whether there is anything to ask for in the present step. */
static bool is_needed(const struct kms_session *s)
{
    struct kms_keyset_status status = {.has_next = false};

    if (s->step == STEP_KEYS_NEXT)
        return kms_keyset_status(s->config.keys, s->now_s, &status) == MU_OK &&
               !status.has_next;
    if (s->step == STEP_CERT)
        return kms_keyset_external_of(
                   s->config.keys, s->config.wanted[s->wanted_at]) == NULL;
    return true;
}

/* To the next step that is needed; false when there is none. */
static bool advance(struct kms_session *s)
{
    do {
        if (s->step == STEP_CERT)
            s->wanted_at++;
        else
            s->step++;
        if (s->step == STEP_CERT && s->wanted_at >= s->config.wanted_len)
            return false;
    } while (!is_needed(s));
    return true;
}

static enum event bad(struct kms_session *s, enum mu_err err, const char *why)
{
    blame(s, err, why);
    return EV_BAD;
}

/* A step has brought what it can; is it what the user needs? */
static enum event conclude(struct kms_session *s)
{
    struct kms_keyset_status status = {.has_now = false};

    if (s->step == STEP_KEYS_NOW || s->step == STEP_KEYS_NEXT) {
        enum mu_err err = kms_keyset_status(s->config.keys, s->now_s, &status);

        if (err != MU_OK)
            return bad(s, err, "the time is before the first key period");
        if (!status.has_now)
            return bad(s, MU_E_NOT_FOUND, "no keys for this key period came");
        s->period_next_s = status.next_s;
        s->facts.lacks_next = !status.has_next;
    }
    return advance(s) ? EV_MORE : EV_LAST;
}

/* The same request again after a while: what the server asks, or longer and
 * longer. */
static enum event again(
    struct kms_session *s, struct span retry_after, const char *why)
{
    uint64_t pause_s = UINT64_C(1) << s->tries;

    if (s->tries >= KMS_SESSION_TRIES)
        return bad(s, MU_E_IO, why);
    if (mu_text_u64(retry_after, &pause_s) != MU_OK)
        pause_s = UINT64_C(1) << s->tries;
    if (pause_s > KMS_SESSION_PAUSE_MAX)
        pause_s = KMS_SESSION_PAUSE_MAX;
    s->at_s = s->now_s + pause_s;
    return EV_BUSY;
}

static enum event take(struct kms_session *s, struct span body)
{
    const struct kms_session_config *config = &s->config;
    struct kms_brought brought;
    struct kms_expected expected = {
        .kind = rows[s->step].kind,
        .enrolment = config->enrolment,
        .url = span_str(s->url),
        .now_s = s->now_s,
        .skew_s = config->skew_s,
        .unsigned_ok = config->unsigned_responses,
        .unopened = config->unopened,
        .known = config->known,
    };
    enum mu_err err;

    if (s->step == STEP_CERT)
        expected.wanted = config->wanted[s->wanted_at];
    err = kms_reply_take(&expected, body, config->keys, &brought);
    if (err != MU_OK)
        return bad(s, err, brought.why);
    s->facts.signed_seen |= brought.is_signed;
    if (s->step == STEP_CACHE)
        s->facts.cache_num = brought.cache_num;
    return conclude(s);
}

/* Takes the URL of a peer of that KMS URI. */
static bool is_permitted(void *ctx, struct span kms_uri)
{
    struct kms_session *s = ctx;

    for (size_t i = 0; i < s->config.peers_len; i++) {
        if (!span_eq(s->config.peers[i].kms_uri, kms_uri))
            continue;
        s->base = s->config.peers[i].url;
        return true;
    }
    return false;
}

/* Another KMS may be asked, but it has to give what the home KMS signed. */
static enum event follow(struct kms_session *s)
{
    if (++s->redirects > KMS_SESSION_REDIRECTS)
        return bad(s, MU_E_DENIED, "the KMS redirects too often");
    return EV_MOVED;
}

static enum event judge_status(
    struct kms_session *s, const struct kms_answer *answer)
{
    enum mu_err redirect;

    if (answer->status == 404 && rows[s->step].may_lack)
        return conclude(s);
    redirect = kms_reply_redirect(answer->body, is_permitted, s);
    if (redirect == MU_OK)
        return follow(s);
    if (redirect == MU_E_DENIED)
        return bad(s, MU_E_DENIED, "the KMS redirects to one not permitted");
    switch (answer->status) {
    case 429:
    case 502:
    case 503:
    case 504:
        return again(s, answer->retry_after, "the KMS is busy");
    case 401:
        return bad(s, MU_E_DENIED, "the KMS asks for a valid token");
    case 403:
        return bad(s, MU_E_DENIED, "the KMS refuses the user");
    case 404:
        return bad(s, MU_E_NOT_FOUND, "the KMS has no such thing");
    default:
        return bad(s, MU_E_IO, "the KMS answers with an unknown status");
    }
}

static enum event judge(struct kms_session *s, const struct kms_answer *answer)
{
    const struct span none = {NULL, 0};

    if (answer->err == MU_E_IO || answer->err == MU_E_EXPIRED)
        return again(s, none, answer->why);
    if (answer->err != MU_OK)
        return bad(s, answer->err, answer->why);
    if (answer->status == 200)
        return take(s, answer->body);
    return judge_status(s, answer);
}

enum mu_err kms_session_new(
    const struct kms_session_config *config, struct kms_session **out)
{
    struct kms_session *s = mu_alloc(sizeof(*s));

    if (s == NULL)
        return MU_E_NO_MEMORY;
    s->config = *config;
    if (s->config.skew_s == 0)
        s->config.skew_s = SKEW_S;
    s->base = config->enrolment->kds_url;
    s->facts.cache_num = config->cache_num;
    *out = s;
    return MU_OK;
}

void kms_session_free(struct kms_session *session)
{
    mu_free(session);
}

enum mu_err kms_session_start(
    struct kms_session *session, uint64_t now_s, struct kms_next *next)
{
    session->now_s = now_s;
    return step(session, EV_START, next);
}

enum mu_err kms_session_answer(struct kms_session *session,
    const struct kms_answer *answer, uint64_t now_s, struct kms_next *next)
{
    enum event event = EV_BAD;

    session->now_s = now_s;
    if (session->phase == ASKING)
        event = judge(session, answer);
    return step(session, event, next);
}

enum mu_err kms_session_wake(
    struct kms_session *session, uint64_t now_s, struct kms_next *next)
{
    session->now_s = now_s;
    return step(session, EV_WAKE, next);
}

struct kms_session_facts kms_session_facts(const struct kms_session *session)
{
    return session->facts;
}
