/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.h - a request on its way through the vault, with all that it borrows.
 *
 * The loop's thread fills it; while workers see it, it is not changed; then the
 * loop's thread gives back what it holds.
 */
#ifndef GMS_VAULT_ORDER_H
#define GMS_VAULT_ORDER_H

#include "gms/vault/seals.h"
#include "gms/vault/state.h"
#include "mcptt/incoming.h"

/* What an envelope to be sealed again is bound to, beside what was said. */
struct gms_order_bound {
    bool known; /* its KMS is; otherwise it is not opened */
    struct mcptt_uid uid;
    uint8_t z_sha256[32];
};

struct gms_order {
    uint8_t frame[GMS_VAULT_FRAME_MAX + 1]; /* one more tells a longer one */
    size_t frame_len;
    struct mu_arena arena;
    struct gms_vault_request request; /* borrows frame and arena */
    /* Of WRAP and SIGN, once they are allowed. */
    struct gms_open_key key;
    struct kms_cert *cert;     /* of the recipients' KMS; a reference */
    uint8_t z_sha256[32];      /* of its public key */
    struct mcptt_uid *uids;    /* of the recipients, in their order */
    struct gms_signer *signer; /* of SIGN; a reference */
    uint8_t (*seds)[MIKEY_SED_LEN];
    struct mcptt_stamp *stamps;
    struct mcptt_key_params params;
    /* Of CSK. */
    struct mcptt_incoming csk; /* borrows frame; kms of its sender is cert */
    struct mcptt_identifier csk_sender;
    struct gms_receiver *receiver; /* a reference */
    uint64_t now_ms;               /* Unix, when it was allowed */
    /* Of RESEAL, one for each object; those of keys are not looked at. */
    struct gms_order_bound *bound;
    /* Work that is still out, and whether some of it failed. */
    size_t chunks;
    bool failed;
};

MU_MUST_CHECK enum mu_err gms_order_new(struct gms_order **out);
void gms_order_free(struct gms_order *order); /* wipes; NULL is fine */

/*
 * Reads the frame that was put in. Errors of gms_vault_request_read().
 */
MU_MUST_CHECK enum mu_err gms_order_read(struct gms_order *order);

/* Whether it takes work once it is allowed. */
bool gms_order_is_work(const struct gms_order *order);

/* Pieces of work: the recipients of WRAP and SIGN, the objects of RESEAL; 1 of
 * CSK. */
size_t gms_order_count(const struct gms_order *order);
/* Of WRAP and SIGN. */
struct span gms_order_recipient(const struct gms_order *order, size_t i);

#endif
