/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/desk.h"

#include "gms/vault/proof.h"
#include "gms/vault/reseal.h"

#include "mikey/ntp.h"

#include <openssl/evp.h>
#include <string.h>

/* How a request ended at the desk: refused, failed, or neither. */
struct verdict {
    enum gms_vault_refusal refusal;
    enum mu_err err; /* where it is no refusal */
    struct span why;
};

static struct verdict fine(void)
{
    return (struct verdict){GMS_REFUSED_NOT, MU_OK, {NULL, 0}};
}

static struct verdict refused(enum gms_vault_refusal refusal, struct span why)
{
    return (struct verdict){refusal, gms_vault_refusal_err(refusal), why};
}

static struct verdict failed(enum mu_err err)
{
    return (struct verdict){GMS_REFUSED_NOT, err, {NULL, 0}};
}

/* Of functions that say both. */
static struct verdict said(enum gms_vault_refusal refusal, enum mu_err err)
{
    return refusal != GMS_REFUSED_NOT ? refused(refusal, (struct span){NULL, 0})
                                      : failed(err);
}

static bool is_fine(const struct verdict *verdict)
{
    return verdict->refusal == GMS_REFUSED_NOT && verdict->err == MU_OK;
}

/* Returns from the calling function when expr says no. */
#define ASK(expr)                                                              \
    do {                                                                       \
        struct verdict ask_ = (expr);                                          \
                                                                               \
        if (!is_fine(&ask_))                                                   \
            return ask_;                                                       \
    } while (0)

/* What is asked of a key, in WRAP and SIGN. */
struct subject {
    const struct gms_sealed_key *key;
    const struct gms_vault_period *period;
    struct gms_vault_time time;
    uint64_t from_s; /* earliest timestamp, since 1900 */
    uint64_t unix_ms;
};

static uint64_t now_s(const struct subject *subject)
{
    return subject->unix_ms / 1000;
}

static enum mcptt_key_kind kind_of(const struct gms_sealed_key *key)
{
    return (enum mcptt_key_kind)mcptt_key_id_tag(key->id);
}

static struct verdict log_it(struct gms_desk *desk,
    const struct gms_vault_record *record, uint64_t unix_ms)
{
    if (gms_vault_log_add(desk->log, record, unix_ms) != MU_OK)
        return refused(GMS_REFUSED_LOG, (struct span){NULL, 0});
    return fine();
}

/* The certificate of the recipients' KMS, and the time of their period. */
static struct verdict find_kms(const struct gms_desk *desk,
    struct gms_order *order, struct subject *subject)
{
    struct span uri = subject->period->kms;
    struct kms_cert *cert = gms_state_cert(desk->state, uri);
    uint64_t at_s = mcptt_stamp_of_unix_ms(subject->unix_ms).s;
    enum gms_vault_refusal refusal;

    if (cert == NULL)
        return refused(GMS_REFUSED_KMS, uri);
    refusal = gms_rule_period(&cert->says->rule, subject->period->number, at_s,
        desk->limits.prebuild_periods, &subject->time);
    if (refusal != GMS_REFUSED_NOT)
        return refused(refusal, uri);
    subject->from_s = gms_stamps_from(&subject->time, subject->unix_ms);
    if (kms_cert_check_time(
            cert, subject->from_s - (uint64_t)MIKEY_NTP_UNIX_S) != MU_OK)
        return refused(GMS_REFUSED_KMS, uri);
    if (EVP_Digest(cert->says->z, sizeof(cert->says->z), order->z_sha256, NULL,
            EVP_sha256(), NULL) != 1)
        return failed(MU_E_CRYPTO);
    order->cert = kms_cert_ref(cert);
    return fine();
}

static struct verdict open_key(const struct gms_desk *desk,
    struct gms_order *order, const struct subject *subject)
{
    if (gms_key_unseal(
            gms_state_ring(desk->state), subject->key, &order->key) != MU_OK)
        return refused(GMS_REFUSED_SEALED_KEY, subject->key->group);
    return fine();
}

static struct verdict check_epoch(
    const struct gms_desk *desk, const struct subject *subject, bool revocation)
{
    const struct gms_sealed_key *key = subject->key;

    if (!revocation && gms_book_outdated(desk->book, key->group, kind_of(key),
                           key->epoch, now_s(subject)))
        return refused(GMS_REFUSED_EPOCH, key->group);
    return fine();
}

/*
 * Nobody who is excluded, and everybody's UID. A revocation carries the key,
 * too, so it is no exception.
 */
static struct verdict check_recipients(const struct gms_desk *desk,
    struct gms_order *order, const struct subject *subject)
{
    size_t count = gms_order_count(order);

    order->uids = mu_arena_alloc(&order->arena, count, sizeof(*order->uids));
    if (order->uids == NULL)
        return failed(MU_E_NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        struct mcptt_uid_source source = {
            .identity = gms_order_recipient(order, i),
            .kms = subject->period->kms,
            .rule = order->cert->says->rule,
            .number = subject->period->number,
        };
        enum mu_err err = mcptt_uid_derive(&source, &order->uids[i]);

        if (err != MU_OK)
            return failed(err);
        if (gms_book_excludes(desk->book, subject->key->group,
                subject->key->epoch, source.identity))
            return refused(GMS_REFUSED_EXCLUDED, source.identity);
    }
    return fine();
}

static const struct span *recipients(struct gms_order *order)
{
    size_t count = gms_order_count(order);
    struct span *uris = mu_arena_alloc(&order->arena, count, sizeof(*uris));

    for (size_t i = 0; uris != NULL && i < count; i++)
        uris[i] = gms_order_recipient(order, i);
    return uris;
}

/* Without the terms of SIGN. */
static struct verdict log_work(struct gms_desk *desk, struct gms_order *order,
    const struct subject *subject, struct gms_vault_record *record)
{
    record->op = order->request.op;
    record->group = subject->key->group;
    record->epoch = subject->key->epoch;
    record->key_id = subject->key->id;
    record->period = *subject->period;
    record->uris = recipients(order);
    record->count = gms_order_count(order);
    if (record->uris == NULL)
        return failed(MU_E_NO_MEMORY);
    return log_it(desk, record, subject->unix_ms);
}

static struct verdict take_wrap(struct gms_desk *desk, struct gms_order *order)
{
    const struct gms_vault_wrap *wrap = &order->request.wrap;
    struct gms_vault_record record = {.revocation = wrap->revocation};
    struct subject subject = {.key = &wrap->key,
        .period = &wrap->period,
        .unix_ms = mu_clock_unix_ms(desk->clock)};

    ASK(find_kms(desk, order, &subject));
    ASK(open_key(desk, order, &subject));
    ASK(check_epoch(desk, &subject, wrap->revocation));
    ASK(check_recipients(desk, order, &subject));
    return log_work(desk, order, &subject, &record);
}

/*
 * Opens an envelope, made for revocations or not. One that is good for them
 * alone tells so by opening: what the front says of it does not count.
 */
static struct verdict open_envelope(const struct gms_desk *desk,
    struct gms_order *order, const struct subject *subject, size_t i,
    bool *revocation)
{
    const struct gms_vault_sign_item *item = &order->request.sign.items[i];
    const struct mu_keyring *ring = gms_state_ring(desk->state);
    struct gms_envelope_use use = {
        .key = subject->key,
        .period = subject->period,
        .z_sha256 = order->z_sha256,
        .uid = order->uids[i],
    };

    *revocation = false;
    if (gms_envelope_unseal(ring, &use, item->envelope, order->seds[i]) ==
        MU_OK)
        return fine();
    *revocation = use.revocation = true;
    if (gms_envelope_unseal(ring, &use, item->envelope, order->seds[i]) !=
        MU_OK)
        return refused(GMS_REFUSED_ENVELOPE, item->recipient);
    if (!order->request.sign.terms.revoked)
        return refused(GMS_REFUSED_PURPOSE, item->recipient);
    return fine();
}

static struct verdict open_envelopes(const struct gms_desk *desk,
    struct gms_order *order, const struct subject *subject)
{
    size_t count = gms_order_count(order);

    order->seds = mu_arena_alloc(&order->arena, count, sizeof(*order->seds));
    if (order->seds == NULL)
        return failed(MU_E_NO_MEMORY);
    for (size_t i = 0; i < count; i++) {
        bool revocation;

        ASK(open_envelope(desk, order, subject, i, &revocation));
        ASK(check_epoch(desk, subject, revocation));
    }
    return fine();
}

static struct mcptt_interval both(
    struct mcptt_interval a, struct mcptt_interval b)
{
    return (struct mcptt_interval){a.from_s > b.from_s ? a.from_s : b.from_s,
        a.until_s < b.until_s ? a.until_s : b.until_s};
}

/* A stamp for each message, where the sender's keys and the receivers' hold. */
static struct verdict draw_stamps(struct gms_desk *desk,
    struct gms_order *order, const struct subject *subject)
{
    struct mcptt_interval period =
        both(subject->time.period, order->signer->period);
    size_t count = gms_order_count(order);

    order->stamps =
        mu_arena_alloc(&order->arena, count, sizeof(*order->stamps));
    if (order->stamps == NULL)
        return failed(MU_E_NO_MEMORY);
    for (size_t i = 0; i < count; i++)
        if (gms_stamps_next(&desk->stamps, &subject->time, period,
                subject->unix_ms, &order->stamps[i]) != MU_OK)
            return refused(GMS_REFUSED_PERIOD, subject->period->kms);
    return fine();
}

static struct mcptt_key_params params_of(
    const struct gms_sealed_key *key, const struct gms_sign_terms *terms)
{
    struct mcptt_key_params params = {
        .kind = kind_of(key),
        .status = terms->revoked ? 0 : MCPTT_STATUS_NOT_REVOKED,
        .activation_s = terms->activation_s,
        .expiry_s = terms->expiry_s,
        .text = terms->text,
        .group_count = terms->group_count,
    };

    for (size_t i = 0; i < terms->group_count; i++)
        params.groups[i] = terms->groups[i];
    return params;
}

static struct verdict check_terms(const struct gms_desk *desk,
    struct gms_order *order, const struct subject *subject)
{
    const struct gms_vault_sign *sign = &order->request.sign;
    enum gms_vault_refusal refusal = gms_rule_terms(&sign->terms, &sign->key,
        subject->from_s - (uint64_t)MIKEY_NTP_UNIX_S, &desk->limits);

    if (refusal != GMS_REFUSED_NOT)
        return refused(refusal, sign->key.group);
    order->params = params_of(&sign->key, &sign->terms);
    return failed(mcptt_key_params_check(&order->params));
}

static struct verdict take_sign(struct gms_desk *desk, struct gms_order *order)
{
    const struct gms_vault_sign *sign = &order->request.sign;
    struct gms_vault_record record = {.revocation = sign->terms.revoked,
        .activation_s = sign->terms.activation_s,
        .expiry_s = sign->terms.expiry_s};
    struct subject subject = {.key = &sign->key,
        .period = &sign->period,
        .unix_ms = mu_clock_unix_ms(desk->clock)};
    enum gms_vault_refusal refusal;
    enum mu_err err = MU_OK;

    ASK(find_kms(desk, order, &subject));
    refusal =
        gms_state_signer(desk->state, subject.from_s, &order->signer, &err);
    ASK(said(refusal, err));
    ASK(open_key(desk, order, &subject));
    ASK(check_terms(desk, order, &subject));
    ASK(check_recipients(desk, order, &subject));
    ASK(open_envelopes(desk, order, &subject));
    ASK(draw_stamps(desk, order, &subject));
    return log_work(desk, order, &subject, &record);
}

static bool has_key(void *ctx, struct mcptt_key_id id)
{
    return gms_book_has_key(ctx, id);
}

/* A key of an epoch that was signed for already would be a second one of it. */
static struct verdict draw_key(const struct gms_desk *desk,
    const struct gms_vault_new_key *asked, struct gms_sealed_key *as,
    uint8_t *sealed)
{
    MU_CLEANUP(gms_open_key_clear) struct gms_open_key key = {.rand = {0}};
    const struct mcptt_key_id_set in_use = {has_key, desk->book};
    uint8_t octets[MCPTT_KEY_LEN];
    enum mu_err err;

    if (asked->epoch <= gms_book_newest(desk->book, asked->group, asked->kind))
        return refused(GMS_REFUSED_EPOCH, asked->group);
    err = mcptt_key_id_draw(asked->kind, &in_use, desk->rng, &as->id);
    if (err == MU_OK)
        err = mu_rng_fill(desk->rng, octets, sizeof(octets));
    if (err == MU_OK)
        err = mu_rng_fill(desk->rng, key.rand, sizeof(key.rand));
    if (err != MU_OK)
        return failed(err);
    mcptt_key_set(&key.key, asked->kind, octets);
    mu_wipe(octets, sizeof(octets));
    return failed(
        gms_key_seal(gms_state_ring(desk->state), as, &key, desk->rng, sealed));
}

static struct verdict take_new_key(struct gms_desk *desk,
    struct gms_order *order, struct gms_vault_answer *out)
{
    const struct gms_vault_new_key *asked = &order->request.new_key;
    struct gms_sealed_key *as = &out->key;
    struct gms_vault_record record = {
        .op = GMS_VAULT_NEW_KEY, .group = asked->group, .epoch = asked->epoch};
    uint8_t *sealed = mu_arena_alloc(&order->arena, GMS_SEALED_KEY_LEN, 1);

    if (sealed == NULL)
        return failed(MU_E_NO_MEMORY);
    *as = (struct gms_sealed_key){.group = asked->group,
        .epoch = asked->epoch,
        .sealed = {sealed, GMS_SEALED_KEY_LEN}};
    ASK(draw_key(desk, asked, as, sealed));
    record.key_id = as->id;
    return log_it(desk, &record, mu_clock_unix_ms(desk->clock));
}

static struct verdict take_members(
    struct gms_desk *desk, const struct gms_order *order)
{
    const struct gms_vault_members *members = &order->request.members;
    struct gms_vault_record record = {
        .op = order->request.op,
        .group = members->group,
        .epoch = members->epoch,
        .uris = members->uris,
        .count = members->count,
    };

    return log_it(desk, &record, mu_clock_unix_ms(desk->clock));
}

static struct verdict take_receipt(
    struct gms_desk *desk, const struct gms_order *order)
{
    uint64_t now_ms = mu_clock_unix_ms(desk->clock);

    return said(
        gms_proof_check(desk->state, &order->request.receipt, now_ms), MU_OK);
}

static struct verdict take_csk(struct gms_desk *desk, struct gms_order *order)
{
    struct gms_vault_record record = {.epoch = 0};
    const struct gms_csk_eye eye = {desk->state, desk->book, &desk->gate,
        mu_clock_unix_ms(desk->clock), mu_clock_mono_ms(desk->clock)};
    enum mu_err err = MU_OK;
    enum gms_vault_refusal refusal = gms_csk_allow(&eye, order, &record, &err);
    struct span sender = order->csk.initiator.uri; /* as it claims */

    if (refusal != GMS_REFUSED_NOT)
        return refused(refusal,
            mcptt_id_check(sender) == MU_OK ? sender : (struct span){NULL, 0});
    if (err != MU_OK)
        return failed(err);
    order->now_ms = eye.now_ms;
    return log_it(desk, &record, eye.now_ms);
}

static struct verdict take_cert(
    struct gms_desk *desk, const struct gms_order *order)
{
    enum mu_err err = MU_OK;
    enum gms_vault_refusal refusal =
        gms_state_add_cert(desk->state, order->request.cert, &err);

    return said(refusal, err);
}

static struct verdict take_keys(
    struct gms_desk *desk, const struct gms_order *order)
{
    enum mu_err err = MU_OK;
    enum gms_vault_refusal refusal = gms_state_add_keys(desk->state,
        &order->request.keys, mu_clock_unix_ms(desk->clock) / 1000, &err);

    return said(refusal, err);
}

static struct verdict take_reseal(
    struct gms_desk *desk, struct gms_order *order)
{
    struct gms_vault_record record = {.epoch = 0};
    enum mu_err err = gms_reseal_allow(desk->state, order, &record);

    return err != MU_OK ? failed(err)
                        : log_it(desk, &record, mu_clock_unix_ms(desk->clock));
}

static void say_keks(
    const struct mu_keyring *ring, struct gms_vault_hello *hello)
{
    hello->kek = *mu_keyring_current(ring);
    hello->kek_count = ring->len;
    for (size_t i = 0; i < ring->len; i++)
        hello->keks[i] = ring->slot[i].id;
}

static struct verdict take_hello(const struct gms_desk *desk,
    struct gms_order *order, struct gms_vault_answer *out)
{
    const struct gms_identity *identity = gms_state_identity(desk->state);
    char *head = mu_arena_alloc(&order->arena, MU_CHAIN_HEAD_TEXT, 1);
    uint64_t now = mu_clock_unix_ms(desk->clock);

    if (head == NULL)
        return failed(MU_E_NO_MEMORY);
    mu_chain_head_write(gms_vault_log_head(desk->log), head);
    out->hello = (struct gms_vault_hello){
        .identity = mcptt_id_span(&identity->user_uri),
        .kms = mcptt_id_span(&identity->kms_uri),
        .now_ms = now,
        .ready = gms_state_is_ready(desk->state, now / 1000),
        .log_head = span_str(head),
        .identity_kek = desk->identity_kek,
    };
    say_keks(gms_state_ring(desk->state), &out->hello);
    return fine();
}

static struct verdict take(struct gms_desk *desk, struct gms_order *order,
    struct gms_vault_answer *out)
{
    switch (order->request.op) {
    case GMS_VAULT_HELLO:
        return take_hello(desk, order, out);
    case GMS_VAULT_CERT:
        return take_cert(desk, order);
    case GMS_VAULT_KEYS:
        return take_keys(desk, order);
    case GMS_VAULT_NEW_KEY:
        return take_new_key(desk, order, out);
    case GMS_VAULT_WRAP:
        return take_wrap(desk, order);
    case GMS_VAULT_SIGN:
        return take_sign(desk, order);
    case GMS_VAULT_EXCLUDE:
    case GMS_VAULT_ADMIT:
        return take_members(desk, order);
    case GMS_VAULT_RECEIPT:
        return take_receipt(desk, order);
    case GMS_VAULT_CSK:
        return take_csk(desk, order);
    case GMS_VAULT_RESEAL:
        return take_reseal(desk, order);
    case GMS_VAULT_OPS:
        break;
    }
    return failed(MU_E_MALFORMED);
}

struct gms_vault_answer gms_desk_refusal(
    const struct gms_vault_request *request, enum gms_vault_refusal refusal,
    struct span why)
{
    return (struct gms_vault_answer){
        .op = request->op,
        .id = request->id,
        .last = true,
        .err = gms_vault_refusal_err(refusal),
        .refusal = refusal,
        .why = why,
    };
}

bool gms_desk_take(struct gms_desk *desk, struct gms_order *order,
    struct gms_vault_answer *out)
{
    const struct gms_vault_request *request = &order->request;
    struct verdict verdict;

    *out = (struct gms_vault_answer){
        .op = request->op, .id = request->id, .last = true};
    verdict = take(desk, order, out);
    if (is_fine(&verdict))
        return gms_order_is_work(order);
    *out = gms_desk_refusal(request, verdict.refusal, verdict.why);
    out->err = verdict.err;
    return false;
}
