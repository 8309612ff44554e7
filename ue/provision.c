/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/provision.h"

#include <stdio.h>

#include "base/alloc.h"
#include "kms-client/transport.h"

/* One period that is open, and the certificate that it borrows. */
struct held {
    struct ue_period *period;
    struct kms_cert *cert;
};

struct ue_provision {
    struct ue_provision_config config;
    struct kms_keyset *keys;
    struct kms_session *session; /* of the attempt under way; else NULL */
    struct kms_transport *transport;
    struct held held[UE_PERIODS_MAX];
    const struct ue_period *periods[UE_PERIODS_MAX]; /* those of held */
    size_t count;
    size_t jobs; /* under way */
    uint64_t cache_num;
    enum mu_err err; /* of the attempt; the first failure stays */
    char why[KMS_SESSION_WHY_MAX];
};

/* A worker's task: one period's keys. */
struct opening_keys {
    struct mu_job job;
    struct ue_provision *owner;
    struct kms_cert *cert; /* a reference of its own */
    struct mcptt_trk trk;
    struct kms_wrapped_keys wrapped;
    struct ue_period *made;
    enum mu_err err;
};

static void blame(struct ue_provision *p, enum mu_err err, const char *why)
{
    if (p->err != MU_OK)
        return;
    p->err = err;
    (void)snprintf(p->why, sizeof(p->why), "%s", why);
}

static void end_attempt(struct ue_provision *p)
{
    kms_transport_free(p->transport);
    kms_session_free(p->session);
    p->transport = NULL;
    p->session = NULL;
    p->config.done(p->config.ctx, p->err, p->why);
}

static void run_opening_keys(struct mu_job *job)
{
    struct opening_keys *o = (struct opening_keys *)job;

    o->err = ue_period_new(o->cert, &o->trk, &o->wrapped, &o->made);
}

static void hold(struct ue_provision *p, struct opening_keys *o)
{
    p->held[p->count] = (struct held){o->made, o->cert};
    p->periods[p->count++] = o->made;
    o->made = NULL;
    o->cert = NULL;
}

static void opening_keys_free(struct opening_keys *o)
{
    ue_period_free(o->made);
    kms_cert_unref(o->cert);
    mu_free_wiped(o, sizeof(*o));
}

static void on_keys_open(struct mu_job *job, enum mu_err err)
{
    struct opening_keys *o = (struct opening_keys *)job;
    struct ue_provision *p = o->owner;

    if (err == MU_OK)
        err = o->err;
    if (err == MU_OK)
        hold(p, o);
    else
        blame(p, err, "keys do not open, or are not this user's");
    opening_keys_free(o);
    if (--p->jobs == 0)
        end_attempt(p);
}

static const struct mu_job_kind opening_keys_kind = {
    .run = run_opening_keys,
    .done = on_keys_open,
};

static bool holds(const struct ue_provision *p, uint64_t number)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->held[i].period->number == number)
            return true;
    return false;
}

static enum mu_err submit(
    struct ue_provision *p, const struct kms_period_keys *keys)
{
    struct opening_keys *o = mu_alloc(sizeof(*o));
    enum mu_err err;

    if (o == NULL)
        return MU_E_NO_MEMORY;
    *o = (struct opening_keys){.job = {.kind = &opening_keys_kind},
        .owner = p,
        .cert = kms_cert_ref(kms_keyset_home(p->keys)),
        .trk = p->config.enrolment->trk,
        .wrapped = keys->wrapped};
    err = mu_pool_submit(p->config.env->pool, &o->job);
    if (err != MU_OK)
        opening_keys_free(o);
    return err;
}

/* Those that came and are not open yet. jobs counts this function, too, so
 * that the attempt ends behind it and once. */
static void open_all(struct ue_provision *p)
{
    const struct kms_period_keys *keys;

    p->jobs = 1;
    for (size_t i = 0; (keys = kms_keyset_at(p->keys, i)) != NULL; i++) {
        if (holds(p, keys->wrapped.period_no))
            continue;
        if (p->count + p->jobs > UE_PERIODS_MAX || submit(p, keys) != MU_OK) {
            blame(p, MU_E_NO_SPACE, "no room to open more keys");
            break;
        }
        p->jobs++;
    }
    if (--p->jobs == 0)
        end_attempt(p);
}

/* The first member's certificate serves all that are given the same. */
static void share_cert(struct ue_provision *p)
{
    struct ue_env *env = p->config.env;

    if (env->known == NULL)
        env->known = kms_cert_ref(kms_keyset_home(p->keys));
}

static void on_session_end(void *ctx, const struct kms_next *end)
{
    struct ue_provision *p = ctx;

    if (end->what != KMS_DO_DONE) {
        blame(p, end->err, end->why);
        end_attempt(p);
        return;
    }
    p->cache_num = kms_session_facts(p->session).cache_num;
    share_cert(p);
    open_all(p);
}

enum mu_err ue_provision_new(
    const struct ue_provision_config *config, struct ue_provision **out)
{
    struct ue_provision *p = mu_alloc(sizeof(*p));
    enum mu_err err;

    if (p == NULL)
        return MU_E_NO_MEMORY;
    p->config = *config;
    err = kms_keyset_new(&config->enrolment->user_uri, &p->keys);
    if (err != MU_OK) {
        mu_free(p);
        return err;
    }
    *out = p;
    return MU_OK;
}

void ue_provision_free(struct ue_provision *provision)
{
    if (provision == NULL)
        return;
    kms_transport_free(provision->transport);
    kms_session_free(provision->session);
    for (size_t i = 0; i < provision->count; i++) {
        ue_period_free(provision->held[i].period);
        kms_cert_unref(provision->held[i].cert);
    }
    kms_keyset_free(provision->keys);
    mu_free(provision);
}

static enum mu_err start_session(struct ue_provision *p)
{
    const struct ue_env *env = p->config.env;
    struct kms_session_config session = {
        .enrolment = p->config.enrolment,
        .keys = p->keys,
        .rng = env->rng,
        .cache_num = p->cache_num,
        .unsigned_responses = true,
        .unopened = true,
        .known = env->known,
    };
    struct kms_transport_config transport = {
        .base = env->base,
        .http = env->http,
        .clock = p->config.clock,
        .bearer = p->config.bearer,
        .done = on_session_end,
        .ctx = p,
    };

    TRY(kms_session_new(&session, &p->session));
    transport.session = p->session;
    return kms_transport_new(&transport, &p->transport);
}

enum mu_err ue_provision_start(struct ue_provision *provision)
{
    enum mu_err err;

    if (provision->session != NULL)
        return MU_E_STATE;
    provision->err = MU_OK;
    provision->why[0] = '\0';
    err = start_session(provision);
    if (err != MU_OK) {
        kms_session_free(provision->session);
        provision->session = NULL;
    }
    return err;
}

void ue_provision_identity(
    const struct ue_provision *provision, struct ue_identity *out)
{
    out->uri = mcptt_id_span(&provision->config.enrolment->user_uri);
    out->keys = provision->keys;
    out->periods = provision->periods;
    out->period_count = provision->count;
}

enum mu_err ue_provision_status(const struct ue_provision *provision,
    uint64_t now_s, struct ue_provision_status *out)
{
    struct kms_keyset_status status;

    TRY(kms_keyset_status(provision->keys, now_s, &status));
    out->period = status.period_no;
    out->has_next = holds(provision, status.period_no + 1);
    return MU_OK;
}
