/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/work.h"

#include "gms/vault/csk.h"
#include "gms/vault/reseal.h"
#include "mikey/ntp.h"

#include <assert.h>
#include <string.h>

void gms_work_clear(struct gms_work *work)
{
    buf_clear(&work->octets);
    mcptt_sig_conf_key_clear(&work->csk.key);
}

/* The key, encapsulated to each of the recipients. */
static enum mu_err encapsulate(const struct gms_order *order,
    const struct gms_work *work, uint8_t (*seds)[MIKEY_SED_LEN])
{
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv;
    struct span ids[GMS_WORK_MAX];

    assert(work->count <= GMS_WORK_MAX);
    memcpy(ssv.b, order->key.key.b, sizeof(ssv.b));
    for (size_t i = 0; i < work->count; i++)
        ids[i] = SPAN_OF(order->uids[work->first + i].b);
    return mikey_sakke_encapsulate(
        order->cert->sakke, &ssv, ids, work->count, seds);
}

static enum mu_err put_envelope(const struct gms_order *order,
    const struct mu_keyring *ring, const struct mu_rng *rng,
    const uint8_t sed[MIKEY_SED_LEN], struct gms_work *work, size_t i)
{
    const struct gms_vault_wrap *wrap = &order->request.wrap;
    const struct gms_envelope_use use = {
        .key = &wrap->key,
        .period = &wrap->period,
        .z_sha256 = order->z_sha256,
        .uid = order->uids[work->first + i],
        .revocation = wrap->revocation,
    };
    struct gms_vault_envelope *out = &work->envelopes[i];
    uint8_t *at = work->octets.p + i * GMS_ENVELOPE_LEN;

    out->envelope = (struct span){at, GMS_ENVELOPE_LEN};
    TRY(mcptt_message_csb_id(&order->key.key, wrap->key.id,
        wrap->recipients[work->first + i], &out->guk_id));
    return gms_envelope_seal(ring, &use, sed, rng, at);
}

static enum mu_err wrap_some(const struct gms_order *order,
    const struct mu_keyring *ring, const struct mu_rng *rng,
    struct gms_work *work)
{
    uint8_t seds[GMS_WORK_MAX][MIKEY_SED_LEN];

    if (!buf_reserve(&work->octets, work->count * GMS_ENVELOPE_LEN))
        return MU_E_NO_MEMORY;
    TRY(encapsulate(order, work, seds));
    for (size_t i = 0; i < work->count; i++)
        TRY(put_envelope(order, ring, rng, seds[i], work, i));
    return MU_OK;
}

/* The message of one recipient, without what the signature adds. */
static struct mcptt_message message_of(const struct gms_order *order,
    const struct gms_identity *identity, size_t i)
{
    const struct gms_vault_sign *sign = &order->request.sign;
    struct mcptt_stamp stamp = order->stamps[i];

    return (struct mcptt_message){
        .key = &order->key.key,
        .key_id = sign->key.id,
        .scheme = MIKEY_SCHEME_UID,
        .initiator = {.uri = mcptt_id_span(&identity->user_uri),
            .kms = mcptt_id_span(&identity->kms_uri),
            .id = SPAN_OF(order->signer->uid.b),
            .hidden = sign->terms.hidden},
        .responder = {.uri = sign->items[i].recipient,
            .kms = sign->period.kms,
            .id = SPAN_OF(order->uids[i].b),
            .hidden = sign->terms.hidden},
        .ntp = mcptt_stamp_ntp(stamp),
        .now_s = stamp.s - (uint64_t)MIKEY_NTP_UNIX_S,
        .rand = SPAN_OF(order->key.rand),
        .sed = SPAN_OF(order->seds[i]),
        .params = &order->params,
    };
}

static enum mu_err sign_some(const struct gms_order *order,
    const struct gms_identity *identity, const struct mu_rng *rng,
    struct gms_work *work)
{
    struct buf *octets = &work->octets;

    /* Once, as spans point into it. */
    if (!buf_reserve(octets, work->count * MCPTT_MESSAGE_MAX))
        return MU_E_NO_MEMORY;
    for (size_t i = 0; i < work->count; i++) {
        const struct mcptt_message message =
            message_of(order, identity, work->first + i);
        struct wr w;

        wr_init(&w, octets->p + octets->len, MCPTT_MESSAGE_MAX);
        TRY(mcptt_message_build(&w, &message, order->signer->eccsi, rng));
        TRY(wr_close(&w, &work->messages[i]));
        octets->len += work->messages[i].len;
    }
    return MU_OK;
}

static enum mu_err reseal_some(const struct gms_order *order,
    const struct mu_keyring *ring, const struct mu_rng *rng,
    struct gms_work *work)
{
    if (!buf_reserve(&work->octets, work->count * GMS_ENVELOPE_LEN))
        return MU_E_NO_MEMORY;
    for (size_t i = 0; i < work->count; i++)
        TRY(gms_reseal_one(order, work->first + i, ring, rng,
            work->octets.p + i * GMS_ENVELOPE_LEN, &work->messages[i]));
    return MU_OK;
}

enum mu_err gms_work_do(const struct gms_order *order,
    const struct mu_keyring *ring, const struct gms_identity *identity,
    const struct mu_rng *rng, struct gms_work *work)
{
    if (order->request.op == GMS_VAULT_CSK) {
        work->refusal = gms_csk_open(order, identity, &work->csk);
        return MU_OK;
    }
    if (order->request.op == GMS_VAULT_SIGN)
        return sign_some(order, identity, rng, work);
    if (order->request.op == GMS_VAULT_RESEAL)
        return reseal_some(order, ring, rng, work);
    return wrap_some(order, ring, rng, work);
}
