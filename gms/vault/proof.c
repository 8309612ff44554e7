/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/proof.h"

#include "gms/vault/seals.h"
#include "mcptt/receipt.h"
#include "mcptt/stamp.h"

static bool is_about(const struct mcptt_receipt *receipt,
    const struct gms_sealed_key *key, uint64_t now_ms)
{
    return receipt->key_id.v == key->id.v &&
           span_eq(receipt->group, key->group) &&
           receipt->time_ms <= now_ms + GMS_PROOF_SKEW_MS;
}

/* The member's identifier when he signed. */
static enum mu_err identifier(const struct kms_cert *cert,
    const struct mcptt_receipt *receipt, struct mcptt_uid *out)
{
    const struct mcptt_uid_source source = {.identity = receipt->member,
        .kms = receipt->kms,
        .rule = cert->says->rule};

    return mcptt_uid_derive_at(
        &source, mcptt_stamp_of_unix_ms(receipt->time_ms).s, out);
}

enum gms_vault_refusal gms_proof_check(const struct gms_state *state,
    const struct gms_vault_receipt *asked, uint64_t now_ms)
{
    MU_CLEANUP(gms_open_key_clear) struct gms_open_key key = {.rand = {0}};
    struct mcptt_receipt receipt;
    const struct kms_cert *cert;
    struct mcptt_uid uid;

    if (mcptt_receipt_read(asked->receipt, &receipt, NULL) != MU_OK ||
        !is_about(&receipt, &asked->key, now_ms))
        return GMS_REFUSED_RECEIPT;
    cert = gms_state_cert(state, receipt.kms);
    if (cert == NULL) /* certificates come with our own keys, or before */
        return gms_state_is_ready(state, now_ms / 1000) ? GMS_REFUSED_KMS
                                                        : GMS_REFUSED_NOT_READY;
    if (gms_key_unseal(gms_state_ring(state), &asked->key, &key) != MU_OK)
        return GMS_REFUSED_SEALED_KEY;
    if (identifier(cert, &receipt, &uid) != MU_OK ||
        mcptt_receipt_check(&receipt, &key.key, cert->eccsi, SPAN_OF(uid.b)) !=
            MU_OK)
        return GMS_REFUSED_RECEIPT;
    return GMS_REFUSED_NOT;
}
