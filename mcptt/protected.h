/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protected.h - the MCData protected payload (TS 33.180 clause 8.5.4), in the
 * form in which key parameters travel in an I_MESSAGE (clause E.6.1).
 *
 *     message type (8) | date and time (40) | payload ID (32) |
 *     sequence number (8) | algorithm (8) | IV (128) | DPPK-ID (32) |
 *     IEI (8) | length (16) | ciphertext | tag (128)
 *
 * AES-128-GCM with an IV of 16 octets; what stands before the IEI is
 * authenticated with it. The optional octet for a signalling algorithm and the
 * trailing I_MESSAGE of off-network use are not part of this form.
 */
#ifndef MCPTT_PROTECTED_H
#define MCPTT_PROTECTED_H

#include "mcptt/kdf.h"

#define MCPTT_PROTECTED_IV_LEN  16
#define MCPTT_PROTECTED_TAG_LEN 16

/* Octets of a protected payload beyond its plaintext. */
#define MCPTT_PROTECTED_OVERHEAD (32 + 1 + 2 + MCPTT_PROTECTED_TAG_LEN)

/* Octets of plaintext that can be sealed; ours, not the standard's. */
#define MCPTT_PROTECTED_PLAIN_MAX 4096

/* Payload algorithm: a number of RFC 5116. The one that we do. */
#define MCPTT_PROTECTED_AES_128_GCM 1

struct mcptt_protected {
    uint8_t message_type;
    uint64_t date_time_s; /* Unix time, 40 bits */
    uint32_t payload_id;  /* 0 for key parameters, and ignored */
    uint8_t sequence;     /* the same */
    uint8_t algorithm;
    struct span iv; /* MCPTT_PROTECTED_IV_LEN octets */
    struct mcptt_key_id dppk_id;
    uint8_t iei;
    struct span sealed; /* ciphertext and tag */
    struct span aad;    /* set by the reader: all before the IEI */
    size_t sealed_at;   /* set by the reader: absolute offset of sealed */
};

/*
 * Reads one protected payload, which need not be the last of r. Spans borrow
 * from the input.
 *
 *   dppk_id  the identifier it has to have, or NULL for any
 *
 * Faults: MU_E_UNSUPPORTED at "message_type" when it is not marked as
 * protected or is marked as authenticated, and at "payload_alg";
 * MU_E_MALFORMED at "dppk_id", and at "payload_len" when there is no room
 * for the tag.
 */
void mcptt_protected_read(struct rd *r, const struct mcptt_key_id *dppk_id,
    struct mcptt_protected *out);

/* in->aad and in->sealed_at are not looked at. */
void mcptt_protected_write(struct wr *w, const struct mcptt_protected *in);

/*
 * Encrypts plain and writes the whole payload.
 *
 *   in     all but iv, sealed, aad and sealed_at
 *   key    the DPCK of in->dppk_id
 *   rng    draws the IV
 *
 * Returns MU_OK; MU_E_NO_SPACE when plain exceeds MCPTT_PROTECTED_PLAIN_MAX;
 * MU_E_CRYPTO. A full buffer is w's fault, as with every writer. After a
 * failure what w holds is of no use.
 */
MU_MUST_CHECK enum mu_err mcptt_protected_seal(struct wr *w,
    const struct mcptt_protected *in, const struct mcptt_dpck *key,
    const struct mu_rng *rng, struct span plain);

/*
 * Decrypts in->sealed into plain, which holds cap octets, and sets *len.
 *
 * Returns MU_OK; MU_E_NO_SPACE when cap is too small; MU_E_CRYPTO when the tag
 * is wrong, plain then wiped and *len untouched.
 */
MU_MUST_CHECK enum mu_err mcptt_protected_open(const struct mcptt_protected *in,
    const struct mcptt_dpck *key, uint8_t *plain, size_t cap, size_t *len);

#endif
