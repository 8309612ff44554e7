/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/member.h"

#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "mikey/ntp.h"
#include "ue/receipt.h"

#define TOKEN_MAX 16384
#define RENEW_S   21600 /* the KMS is asked for later periods so often */
/* Messages of one member that are remembered, each for its key period. */
#define REPLAY_MAX 4096

struct ue_member {
    struct ue_member_config config;
    struct ue_faults faults;
    enum ue_member_state state;
    struct kms_enrolment enrolment;
    struct buf token; /* with its NUL */
    struct ue_provision *provision;
    struct mcptt_replay *replay;
    struct ue_group **groups;
    size_t group_count;
    struct event *renew;
};

enum event_kind {
    EV_START,
    EV_GOOD, /* keys for the present period are there */
    EV_BAD,
    EVENTS
};

static void nothing(struct ue_member *m)
{
    (void)m;
}

static void look_later(struct ue_member *m)
{
    struct timeval wait = {.tv_sec = RENEW_S};

    (void)evtimer_add(m->renew, &wait);
}

/* The first looks are spread, or all would come at once for ever. */
static void begin_watching(struct ue_member *m)
{
    const struct ue_env *env = m->config.env;

    look_later(m);
    for (size_t i = 0; m->config.watch && i < m->group_count; i++) {
        uint16_t chance = 0;

        (void)(mu_rng_fill(env->rng, (uint8_t *)&chance, sizeof(chance)) ==
               MU_OK);
        (void)(ue_group_watch(m->groups[i],
                   env->spread_ms * chance / UINT16_MAX) == MU_OK);
    }
    m->config.on_ready(m->config.ctx, m);
}

static void give_up(struct ue_member *m)
{
    m->config.on_ready(m->config.ctx, m);
}

struct transition {
    enum ue_member_state next;
    void (*enter)(struct ue_member *m);
};

/* An empty cell is an event that is not awaited. */
// clang-format off
static const struct transition table[UE_MEMBER_STATES][EVENTS] = {
    [UE_MEMBER_NEW] = {
        [EV_START] = {UE_MEMBER_PROVISIONING, nothing},
    },
    [UE_MEMBER_PROVISIONING] = {
        [EV_GOOD]  = {UE_MEMBER_READY,        begin_watching},
        [EV_BAD]   = {UE_MEMBER_FAILED,       give_up},
    },
    [UE_MEMBER_READY] = {
        [EV_START] = {UE_MEMBER_RENEWING,     nothing},
    },
    [UE_MEMBER_RENEWING] = {
        [EV_GOOD]  = {UE_MEMBER_READY,        look_later},
        [EV_BAD]   = {UE_MEMBER_READY,        look_later},
    },
    [UE_MEMBER_FAILED] = {
        [EV_START] = {UE_MEMBER_PROVISIONING, nothing},
    },
};
// clang-format on

static void step(struct ue_member *m, enum event_kind event)
{
    const struct transition *t = &table[m->state][event];

    if (t->enter == NULL)
        return;
    m->state = t->next;
    t->enter(m);
}

const char *ue_member_state_name(enum ue_member_state state)
{
    static const char *const names[UE_MEMBER_STATES] = {
        [UE_MEMBER_NEW] = "new",
        [UE_MEMBER_PROVISIONING] = "provisioning",
        [UE_MEMBER_READY] = "ready",
        [UE_MEMBER_RENEWING] = "renewing",
        [UE_MEMBER_FAILED] = "failed",
    };

    return names[state];
}

static void report(struct ue_member *m, enum mu_err err, const char *why)
{
    struct ue_provision_status status = {.period = 0};
    struct ue_event event = {.name = err == MU_OK ? "ready" : "failed",
        .user = ue_member_uri(m),
        .why = err == MU_OK ? NULL : why};
    uint64_t now_s = mu_clock_unix_ms(&m->faults.clock) / 1000;

    if (err == MU_OK &&
        ue_provision_status(m->provision, now_s, &status) == MU_OK)
        event.period = status.period;
    ue_report(m->config.env->report, &event);
}

static void on_provisioned(void *ctx, enum mu_err err, const char *why)
{
    struct ue_member *m = ctx;

    report(m, err, why);
    step(m, err == MU_OK ? EV_GOOD : EV_BAD);
}

static void on_renew(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    (void)(ue_member_start(ctx) == MU_OK);
}

static enum mu_err read_enrolment(struct ue_member *m)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    const char *kds_url = m->config.kds_url;

    TRY(mu_file_read(m->config.enrolment_file, KMS_ENROL_TEXT_MAX, &text));
    TRY(kms_enrolment_read(buf_span(&text), &m->enrolment, NULL));
    if (kds_url == NULL)
        return MU_OK;
    if (strlen(kds_url) >= sizeof(m->enrolment.kds_url))
        return MU_E_NO_SPACE;
    memcpy(m->enrolment.kds_url, kds_url, strlen(kds_url) + 1);
    return MU_OK;
}

static enum mu_err read_token(struct ue_member *m)
{
    struct buf *token = &m->token;

    TRY(mu_file_read(m->config.token_file, TOKEN_MAX, token));
    while (
        token->len > 0 && strchr(" \t\r\n", token->p[token->len - 1]) != NULL)
        token->len--;
    buf_add(token, (struct span){(const uint8_t *)"", 1});
    return token->err;
}

static enum mu_err make_groups(struct ue_member *m)
{
    struct ue_group_config config = {.env = m->config.env,
        .provision = m->provision,
        .replay = m->replay,
        .member = ue_member_uri(m),
        .bearer = (const char *)m->token.p,
        .faults = &m->faults,
        .on_settled = m->config.on_settled,
        .ctx = m->config.ctx};

    m->groups =
        mu_alloc_array(m->config.group_count + 1, sizeof(struct ue_group *));
    if (m->groups == NULL)
        return MU_E_NO_MEMORY;
    for (size_t i = 0; i < m->config.group_count; i++) {
        config.group = m->config.groups[i];
        TRY(ue_group_new(&config, &m->groups[m->group_count]));
        m->group_count++;
    }
    return MU_OK;
}

static enum mu_err fill(struct ue_member *m)
{
    const struct ue_env *env = m->config.env;
    const struct mcptt_replay_conf replay = {
        .window_s = MCPTT_REPLAY_WINDOW_S,
        .capacity = REPLAY_MAX,
        .start = MCPTT_REPLAY_FIRST,
        .mode = MCPTT_REPLAY_DEFERRED,
    };
    struct ue_provision_config provision = {.env = m->config.env,
        .enrolment = &m->enrolment,
        .clock = &m->faults.clock,
        .done = on_provisioned,
        .ctx = m};

    ue_faults_init(&m->faults, env->clock, env->rng);
    TRY(read_enrolment(m));
    TRY(read_token(m));
    provision.bearer = (const char *)m->token.p;
    TRY(ue_provision_new(&provision, &m->provision));
    TRY(mcptt_replay_new(&replay,
        mu_clock_unix_ms(env->clock) / 1000 + (uint64_t)MIKEY_NTP_UNIX_S,
        &m->replay));
    m->renew = evtimer_new(env->base, on_renew, m);
    if (m->renew == NULL)
        return MU_E_NO_MEMORY;
    return make_groups(m);
}

enum mu_err ue_member_new(
    const struct ue_member_config *config, struct ue_member **out)
{
    struct ue_member *m = mu_alloc(sizeof(*m));
    enum mu_err err;

    if (m == NULL)
        return MU_E_NO_MEMORY;
    m->config = *config;
    err = fill(m);
    if (err != MU_OK) {
        ue_member_free(m);
        return err;
    }
    *out = m;
    return MU_OK;
}

void ue_member_free(struct ue_member *member)
{
    if (member == NULL)
        return;
    for (size_t i = 0; i < member->group_count; i++)
        ue_group_free(member->groups[i]);
    mu_free(member->groups);
    if (member->renew != NULL)
        event_free(member->renew);
    mcptt_replay_free(member->replay);
    ue_provision_free(member->provision);
    buf_clear(&member->token);
    mu_free_wiped(member, sizeof(*member));
}

enum mu_err ue_member_start(struct ue_member *member)
{
    TRY(ue_provision_start(member->provision));
    step(member, EV_START);
    return MU_OK;
}

enum ue_member_state ue_member_state(const struct ue_member *member)
{
    return member->state;
}

struct span ue_member_uri(const struct ue_member *member)
{
    return mcptt_id_span(&member->enrolment.user_uri);
}

const struct kms_enrolment *ue_member_enrolment(const struct ue_member *member)
{
    return &member->enrolment;
}

void ue_member_identity(const struct ue_member *member, struct ue_identity *out)
{
    ue_provision_identity(member->provision, out);
}

struct ue_faults *ue_member_faults(struct ue_member *member)
{
    return &member->faults;
}

void ue_member_drift(struct ue_member *member, int64_t seconds)
{
    member->faults.drift_s = seconds;
    for (size_t i = 0; i < member->group_count; i++)
        ue_group_clock_set(member->groups[i]);
}

void ue_member_restart(struct ue_member *member)
{
    struct ue_receipts *receipts = member->config.env->receipts;

    if (receipts != NULL)
        ue_receipts_forget(receipts, ue_member_uri(member));
    for (size_t i = 0; i < member->group_count; i++)
        ue_group_restart(member->groups[i]);
}

enum mu_err ue_member_csk(
    const struct ue_member *member, struct span kms, struct ue_csk *out)
{
    const struct ue_env *env = member->config.env;
    struct ue_identity who;

    ue_provision_identity(member->provision, &who);
    who.gms = env->gms_id;
    return ue_csk_make(
        &who, kms, mu_clock_unix_ms(&member->faults.clock), env->rng, out);
}

const char *ue_member_bearer(const struct ue_member *member)
{
    return (const char *)member->token.p;
}

size_t ue_member_group_count(const struct ue_member *member)
{
    return member->group_count;
}

struct ue_group *ue_member_group(const struct ue_member *member, size_t i)
{
    return member->groups[i];
}
