/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/reseal.h"

#include <openssl/evp.h>

/* Without a certificate of the KMS nobody knows what an envelope is bound to,
 * and nothing could be signed from it. */
static enum mu_err find_bound(const struct gms_state *state,
    const struct gms_vault_object *object, struct gms_order_bound *out)
{
    struct kms_cert *cert = gms_state_cert(state, object->period.kms);
    struct mcptt_uid_source source = {.identity = object->recipient,
        .kms = object->period.kms,
        .number = object->period.number};

    *out = (struct gms_order_bound){.known = false};
    if (cert == NULL)
        return MU_OK;
    source.rule = cert->says->rule;
    out->known = mcptt_uid_derive(&source, &out->uid) == MU_OK;
    return EVP_Digest(cert->says->z, sizeof(cert->says->z), out->z_sha256, NULL,
               EVP_sha256(), NULL) == 1
               ? MU_OK
               : MU_E_CRYPTO;
}

enum mu_err gms_reseal_allow(const struct gms_state *state,
    struct gms_order *order, struct gms_vault_record *record)
{
    const struct gms_vault_reseal *asked = &order->request.reseal;

    order->bound =
        mu_arena_alloc(&order->arena, asked->count, sizeof(*order->bound));
    if (order->bound == NULL)
        return MU_E_NO_MEMORY;
    record->op = GMS_VAULT_RESEAL;
    record->kek = *mu_keyring_current(gms_state_ring(state));
    for (size_t i = 0; i < asked->count; i++) {
        bool envelope = asked->at[i].envelope.len > 0;

        record->envelopes += envelope ? 1 : 0;
        record->keys += envelope ? 0 : 1;
        if (envelope)
            TRY(find_bound(state, &asked->at[i], &order->bound[i]));
    }
    return MU_OK;
}

static enum mu_err reseal_envelope(const struct gms_vault_object *object,
    const struct gms_order_bound *bound, const struct mu_keyring *ring,
    const struct mu_rng *rng, uint8_t *room)
{
    const struct gms_envelope_use use = {.key = &object->key,
        .period = &object->period,
        .z_sha256 = bound->z_sha256,
        .uid = bound->uid,
        .revocation = object->revocation};

    if (!bound->known)
        return MU_E_NOT_FOUND;
    return gms_envelope_reseal(ring, &use, object->envelope, rng, room);
}

enum mu_err gms_reseal_one(const struct gms_order *order, size_t i,
    const struct mu_keyring *ring, const struct mu_rng *rng, uint8_t *room,
    struct span *out)
{
    const struct gms_vault_object *object = &order->request.reseal.at[i];
    bool envelope = object->envelope.len > 0;
    enum mu_err err =
        envelope ? reseal_envelope(object, &order->bound[i], ring, rng, room)
                 : gms_key_reseal(ring, &object->key, rng, room);

    if (err == MU_E_NO_MEMORY)
        return err;
    *out = (struct span){room, 0};
    if (err == MU_OK)
        out->len = envelope ? GMS_ENVELOPE_LEN : GMS_SEALED_KEY_LEN;
    return MU_OK;
}
