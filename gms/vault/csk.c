/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/csk.h"

#include "mikey/ntp.h"

enum mu_err gms_csk_gate_init(struct gms_csk_gate *gate,
    const struct gms_vault_limits *limits, const struct mu_rng *rng,
    uint64_t now_ms)
{
    uint8_t key[MU_SIPHASH_KEY];

    TRY(mu_rng_fill(rng, key, sizeof(key)));
    http_bucket_init(&gate->all, limits->csk_per_s, limits->csk_burst, now_ms);
    return http_admit_new(
        limits->csk_each_per_s, limits->csk_each_burst, key, &gate->each);
}

void gms_csk_gate_clear(struct gms_csk_gate *gate)
{
    http_admit_free(gate->each);
    gate->each = NULL;
}

/* Says of itself what it has to say. */
static enum gms_vault_refusal check_form(
    const struct gms_csk_eye *eye, const struct mcptt_incoming *in)
{
    const struct gms_identity *us = gms_state_identity(eye->state);

    if (in->kind != MCPTT_KIND_CSK)
        return GMS_REFUSED_KIND;
    if (!span_eq(in->responder.kms, mcptt_id_span(&us->kms_uri)))
        return GMS_REFUSED_RECEIVER;
    if (in->responder.uid.len == 0 &&
        !span_eq(in->responder.uri, mcptt_id_span(&us->user_uri)))
        return GMS_REFUSED_RECEIVER;
    if (mcptt_id_check(in->initiator.uri) != MU_OK ||
        mcptt_id_check(in->initiator.kms) != MU_OK)
        return GMS_REFUSED_SENDER;
    if (span_eq(in->initiator.uri, mcptt_id_span(&us->user_uri)))
        return GMS_REFUSED_SENDER; /* what we signed is for others */
    return GMS_REFUSED_NOT;
}

static enum gms_vault_refusal of_replay(enum mu_err err)
{
    if (err == MU_OK)
        return GMS_REFUSED_NOT;
    return err == MU_E_DENIED ? GMS_REFUSED_REPLAY : GMS_REFUSED_TIME;
}

static enum gms_vault_refusal check_time(const struct gms_csk_eye *eye,
    const struct mcptt_incoming *in, struct gms_vault_record *record)
{
    uint64_t now_s = eye->now_ms / 1000;

    record->time_s = mikey_ntp_s(mikey_ts_64(&in->msg.ts), (int64_t)now_s);
    if (mcptt_replay_sha256(in->msg.covered, record->sha256) != MU_OK)
        return GMS_REFUSED_TIME;
    return of_replay(gms_book_check_csk(eye->book, record, now_s));
}

/* Our own keys of the period of its timestamp, and its receiver by them. */
static enum gms_vault_refusal find_receiver(const struct gms_csk_eye *eye,
    struct gms_order *order, uint64_t time_s, enum mu_err *err)
{
    const struct mcptt_stated *responder = &order->csk.responder;
    enum gms_vault_refusal refusal =
        gms_state_receiver(eye->state, time_s, &order->receiver, err);

    if (refusal != GMS_REFUSED_NOT || *err != MU_OK)
        return refusal;
    if (responder->uid.len > 0 &&
        !span_eq(responder->uid, SPAN_OF(order->receiver->uid.b)))
        return GMS_REFUSED_RECEIVER;
    return GMS_REFUSED_NOT;
}

static enum gms_vault_refusal check_signature(
    const struct gms_csk_eye *eye, struct gms_order *order)
{
    const struct mcptt_incoming *in = &order->csk;
    struct kms_cert *cert = gms_state_cert(eye->state, in->initiator.kms);
    struct mcptt_identifier *id = &order->csk_sender;

    if (cert == NULL || kms_cert_check_time(cert, eye->now_ms / 1000) != MU_OK)
        return GMS_REFUSED_KMS;
    order->cert = kms_cert_ref(cert);
    if (mcptt_incoming_identifier(in, &in->initiator, &cert->says->rule,
            (int64_t)(eye->now_ms / 1000), id) != MU_OK)
        return GMS_REFUSED_SENDER;
    if (mikey_eccsi_verify(cert->eccsi, (struct span){id->b, id->len},
            in->msg.covered, in->msg.sign.signature) != MU_OK)
        return GMS_REFUSED_SIGNATURE;
    return GMS_REFUSED_NOT;
}

/* Of who it is by now known to be: nobody uses up another's. */
static enum gms_vault_refusal check_rate(
    const struct gms_csk_eye *eye, struct span sender)
{
    if (!http_admit_take(eye->gate->each, sender, eye->mono_ms) ||
        !gms_book_has_room(eye->book, eye->now_ms / 1000))
        return GMS_REFUSED_RATE;
    return GMS_REFUSED_NOT;
}

/* Returns from the calling function when expr says no. */
#define PASS(expr)                                                             \
    do {                                                                       \
        enum gms_vault_refusal pass_ = (expr);                                 \
                                                                               \
        if (pass_ != GMS_REFUSED_NOT)                                          \
            return pass_;                                                      \
    } while (0)

enum gms_vault_refusal gms_csk_allow(const struct gms_csk_eye *eye,
    struct gms_order *order, struct gms_vault_record *record, enum mu_err *err)
{
    struct mcptt_incoming *in = &order->csk;

    *err = MU_OK;
    if (!http_bucket_take(&eye->gate->all, eye->mono_ms))
        return GMS_REFUSED_RATE;
    if (mcptt_incoming_read(
            order->request.csk.message, MIKEY_STRICT, in, NULL) != MU_OK)
        return GMS_REFUSED_MESSAGE;
    PASS(check_form(eye, in));
    PASS(check_time(eye, in, record));
    PASS(find_receiver(eye, order, record->time_s, err));
    if (*err != MU_OK)
        return GMS_REFUSED_NOT;
    PASS(check_signature(eye, order));
    PASS(check_rate(eye, in->initiator.uri));
    record->op = GMS_VAULT_CSK;
    record->key_id = in->csb_id;
    record->kms = in->initiator.kms;
    record->uris = &in->initiator.uri;
    record->count = 1;
    return GMS_REFUSED_NOT;
}

/* ------------------------------------------------------------------- open */

/* Until when it may be used; false for a key that must not be, or not yet. A
 * message without parameters says nothing against it. */
static bool is_usable(const struct gms_order *order,
    const struct mcptt_opened *opened, uint64_t *until_s)
{
    int64_t near_s = (int64_t)(order->now_ms / 1000);
    uint64_t message_s = mikey_ntp_s(mikey_ts_64(&order->csk.msg.ts), near_s) -
                         (uint64_t)MIKEY_NTP_UNIX_S;
    uint64_t from_s = 0;

    *until_s = UINT64_MAX;
    if (!opened->has_params)
        return true;
    if (mcptt_key_params_revoked(&opened->params, 0) ||
        mcptt_key_params_validity(
            &opened->params, message_s, &from_s, until_s) != MU_OK)
        return false;
    return from_s <= message_s && *until_s > order->now_ms / 1000;
}

enum gms_vault_refusal gms_csk_open(const struct gms_order *order,
    const struct gms_identity *us, struct gms_vault_csk_opened *out)
{
    MU_CLEANUP(mcptt_opened_clear)
    struct mcptt_opened opened = {.has_params = false};
    const struct mcptt_incoming *in = &order->csk;
    const struct gms_receiver *receiver = order->receiver;
    const struct mcptt_opener opener = {
        .keys = {.initiator_kms = order->cert->eccsi,
            .initiator_id = {order->csk_sender.b, order->csk_sender.len},
            .user = receiver->sakke},
        .id = SPAN_OF(receiver->uid.b),
        .uri = mcptt_id_span(&us->user_uri),
    };
    const struct mcptt_xpk_use use = {
        &opened.key, in->csb_id, in->initiator.uri};

    if (mcptt_incoming_open(in, &opener, &opened, NULL) != MU_OK ||
        !is_usable(order, &opened, &out->until_s) ||
        mcptt_kdf_sig_conf(&use, &out->key) != MU_OK)
        return GMS_REFUSED_CSK;
    out->sender = in->initiator.uri;
    out->id = in->csb_id;
    return GMS_REFUSED_NOT;
}
