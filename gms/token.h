/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - an AES key in a PKCS#11 token, which wraps KEKs.
 *
 * Of gmsd-kek alone: the module is foreign code and shares its memory.
 *
 * A wrapped KEK is AES-256-GCM under the token's key:
 *
 *     | version = 1 (8) | IV (96) | KEK (256), encrypted | tag (128) |
 *
 * with the version and "muster kek" as additional data.
 */
#ifndef GMS_TOKEN_H
#define GMS_TOKEN_H

#include "base/keyring.h"
#include "base/rng.h"

#define GMS_TOKEN_IV_LEN      12
#define GMS_TOKEN_TAG_LEN     16
#define GMS_TOKEN_WRAPPED_LEN (1 + GMS_TOKEN_IV_LEN + 32 + GMS_TOKEN_TAG_LEN)

struct gms_token;

struct gms_token_config {
    const char *module; /* path of the shared object */
    const char *label;  /* of the token */
    const char *key;    /* label of the key */
    struct span pin;    /* the user's */
};

/*
 * Loads the module, logs in and finds the key: one, of AES, that is sensitive
 * and cannot be extracted.
 *
 *   why  what went wrong, static storage; set on failure
 *
 * Returns MU_OK; MU_E_NOT_FOUND for the module, token or key; MU_E_DENIED for
 * the PIN, or a key that the token would give away; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err gms_token_open(const struct gms_token_config *config,
    struct gms_token **out, const char **why);
void gms_token_close(struct gms_token *token); /* NULL is fine */

/* Returns MU_OK; MU_E_CRYPTO; the rng's error. */
MU_MUST_CHECK enum mu_err gms_token_wrap(struct gms_token *token,
    const struct mu_kek *kek, const struct mu_rng *rng,
    uint8_t out[GMS_TOKEN_WRAPPED_LEN]);

/* Returns MU_OK; MU_E_UNSUPPORTED for another version; MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err gms_token_unwrap(struct gms_token *token,
    const uint8_t in[GMS_TOKEN_WRAPPED_LEN], struct mu_kek *out);

#endif
