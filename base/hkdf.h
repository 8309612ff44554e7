/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hkdf.h - HKDF with SHA-256 (RFC 5869), for keys of our own making.
 *
 * Derivations that 3GPP defines are elsewhere (mcptt/kdf.h).
 */
#ifndef BASE_HKDF_H
#define BASE_HKDF_H

#include "base/bytes.h"

#define MU_HKDF_MAX 8160 /* octets of output, RFC 5869 clause 2.3 */

/*
 * Extracts from ikm, a secret, with salt, which may be empty, and expands for
 * the purpose info into the len octets at out, a secret as well.
 *
 * Returns MU_OK; MU_E_CRYPTO for len 0 or over MU_HKDF_MAX or if OpenSSL
 * fails: out is then wiped.
 */
MU_MUST_CHECK enum mu_err mu_hkdf(struct span ikm, struct span salt,
    struct span info, uint8_t *out, size_t len);

#endif
