/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nonce.h - hedged nonces for ECCSI.
 *
 * RFC 6507 wants v and j random and secret. One repeated, or a bias of a few
 * bits, gives the key away, so a bare generator is a single point of failure.
 * Here a nonce is
 *
 *     HMAC-SHA-512(key, purpose || fresh || input[0] || input[1]) mod q
 *
 * with 32 fresh random octets. It is unpredictable if the key is secret or
 * the fresh octets are, and does not repeat for other inputs even if they do.
 * 512 bits are reduced, so the bias is below 2^-256 and there is no loop.
 */
#ifndef MIKEY_NONCE_H
#define MIKEY_NONCE_H

#include "base/bytes.h"
#include "base/rng.h"
#include "mikey/p256_scalar.h"

enum mikey_nonce_purpose {
    MIKEY_NONCE_V = 1, /* of an extraction, under KSAK */
    MIKEY_NONCE_J = 2, /* of a signature, under SSK */
};

/*
 *   input  what the nonce is for; the length of the first must follow from
 *          the purpose, so that no two different pairs look alike
 *   out    set on success, untouched on failure; secret
 *
 * Returns MU_OK; what rng returns; MU_E_CRYPTO if the HMAC fails. A result of
 * 0 (chance 2^-256) is left to the multiplication that follows to refuse.
 */
MU_MUST_CHECK enum mu_err mikey_nonce_derive(
    const struct mikey_p256_scalar *key, enum mikey_nonce_purpose purpose,
    const struct mu_rng *rng, const struct span input[2],
    struct mikey_p256_scalar *out);

#endif
