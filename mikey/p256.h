/* SPDX-License-Identifier: Apache-2.0 */
/*
 * p256.h - points of the curve P-256 (FIPS 186-4 D.1.2.3), done by OpenSSL.
 *
 * A point is 65 octets, 04 and both coordinates. Points are public in ECCSI, so
 * all but one function here may take variable time. The one is
 * mikey_p256_mul_base(): the only place of the project where a secret scalar is
 * handed to OpenSSL, whose multiplication of the base point is constant time.
 * The hand-over is the static function hand_over_secret() of p256.c.
 *
 * The neutral element has no encoding here; a result that is neutral is
 * MU_E_CRYPTO. So is any failure of OpenSSL.
 */
#ifndef MIKEY_P256_H
#define MIKEY_P256_H

#include "base/bytes.h"
#include "mikey/p256_scalar.h"

#define MIKEY_P256_POINT_LEN 65

/* The base point G. */
extern const uint8_t mikey_p256_base[MIKEY_P256_POINT_LEN];

/* OpenSSL's description of the curve. Any number of threads may use one. */
struct mikey_p256;

/* Returns MU_OK or MU_E_NO_MEMORY; *out is the caller's to free. */
MU_MUST_CHECK enum mu_err mikey_p256_new(struct mikey_p256 **out);

void mikey_p256_free(struct mikey_p256 *curve);

/*
 * Checks a point that comes from outside: 65 octets, the first of them 04,
 * both coordinates below p, on the curve. The order needs no check, for the
 * curve's cofactor is 1.
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err mikey_p256_check(
    const struct mikey_p256 *curve, struct span point);

/* out = [k]G, for a secret k other than 0. */
MU_MUST_CHECK enum mu_err mikey_p256_mul_base(const struct mikey_p256 *curve,
    const struct mikey_p256_scalar *k, uint8_t out[MIKEY_P256_POINT_LEN]);

/* out = a + [k]b, of public values. */
MU_MUST_CHECK enum mu_err mikey_p256_add_mul(const struct mikey_p256 *curve,
    const uint8_t a[MIKEY_P256_POINT_LEN], const struct mikey_p256_scalar *k,
    const uint8_t b[MIKEY_P256_POINT_LEN], uint8_t out[MIKEY_P256_POINT_LEN]);

/* out = [m]G + [n]b, of public values. */
MU_MUST_CHECK enum mu_err mikey_p256_mul_two(const struct mikey_p256 *curve,
    const struct mikey_p256_scalar *m, const struct mikey_p256_scalar *n,
    const uint8_t b[MIKEY_P256_POINT_LEN], uint8_t out[MIKEY_P256_POINT_LEN]);

/*
 * Whether the x coordinate of a point equals r modulo p and is not 0 (RFC
 * 6507 clause 5.2.2 step 6). r is any 256-bit integer; p, not q, is the
 * modulus here, so an r between q and p counts in full.
 */
bool mikey_p256_x_is(const struct mikey_p256 *curve,
    const uint8_t point[MIKEY_P256_POINT_LEN], const uint8_t r[32]);

#endif
