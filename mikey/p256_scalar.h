/* SPDX-License-Identifier: Apache-2.0 */
/*
 * p256_scalar.h - integers modulo q, the order of P-256 (FIPS 186-4 D.1.2.3).
 *
 * The keys and nonces of ECCSI (RFC 6507) are such integers, so all of it is
 * constant time: fixed width, no branch and no address depends on a value.
 * Octets are most significant first, 32 of them.
 *
 * The limbs are private to p256_scalar.c. They are always fully reduced, so
 * equal scalars have equal limbs. Any output may be any input of its call.
 */
#ifndef MIKEY_P256_SCALAR_H
#define MIKEY_P256_SCALAR_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define MIKEY_P256_SCALAR_LEN 32

struct mikey_p256_scalar {
    uint64_t m[4]; /* value * 2^256 mod q, least significant limb first */
};

/* Wipes it; for MU_CLEANUP. */
void mikey_p256_scalar_clear(struct mikey_p256_scalar *s);

/*
 * Reads a key or nonce, which must be in 1..q-1.
 *
 * Returns MU_OK or MU_E_MALFORMED; out is untouched on failure. Whether the
 * value is in range counts as public.
 */
MU_MUST_CHECK enum mu_err mikey_p256_scalar_read(
    const uint8_t in[MIKEY_P256_SCALAR_LEN], struct mikey_p256_scalar *out);

/* Any 256-bit integer, reduced: for hashes and coordinates. */
void mikey_p256_scalar_reduce(
    const uint8_t in[MIKEY_P256_SCALAR_LEN], struct mikey_p256_scalar *out);

/* A 512-bit integer, reduced: uniform to within 2^-256 if in is uniform. */
void mikey_p256_scalar_reduce_wide(
    const uint8_t in[2 * MIKEY_P256_SCALAR_LEN], struct mikey_p256_scalar *out);

void mikey_p256_scalar_write(
    const struct mikey_p256_scalar *in, uint8_t out[MIKEY_P256_SCALAR_LEN]);

void mikey_p256_scalar_add(struct mikey_p256_scalar *out,
    const struct mikey_p256_scalar *a, const struct mikey_p256_scalar *b);

void mikey_p256_scalar_mul(struct mikey_p256_scalar *out,
    const struct mikey_p256_scalar *a, const struct mikey_p256_scalar *b);

/* The inverse modulo q; 0 for 0. */
void mikey_p256_scalar_inv(
    struct mikey_p256_scalar *out, const struct mikey_p256_scalar *a);

/* The outcome counts as public; the caller refuses a zero in the open. */
bool mikey_p256_scalar_is_zero(const struct mikey_p256_scalar *a);

#endif
