/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault_frames.h - one request and one answer of each kind, all fields set.
 */
#ifndef TESTS_GMS_VAULT_FRAMES_H
#define TESTS_GMS_VAULT_FRAMES_H

#include "gms/vault/proto.h"

/* Where a message to be written lies, with all that it borrows. */
struct frames {
    uint8_t sealed[GMS_SEALED_KEY_LEN];
    uint8_t envelopes[2][GMS_ENVELOPE_LEN];
    struct span uris[2];
    struct gms_vault_sign_item items[2];
    struct gms_vault_envelope made[2];
    struct span messages[2];
    struct gms_vault_object objects[2]; /* an envelope, a key */
    struct span sealed_anew[2];
};

void frames_init(struct frames *f);

/* The sample of an op, GMS_VAULT_HELLO up to GMS_VAULT_OPS. */
struct gms_vault_request frames_request(
    const struct frames *f, enum gms_vault_op op);
struct gms_vault_answer frames_answer(
    const struct frames *f, enum gms_vault_op op);

/* An answer that says no. */
struct gms_vault_answer frames_refusal(void);

#endif
