/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scalar.h - integers modulo q, the order of the group of SAKKE, and the
 * digits by which fixed-base tables are read.
 *
 * Unlike field elements, scalars are in plain form, fully reduced.
 */
#ifndef MIKEY_SCALAR_H
#define MIKEY_SCALAR_H

#include "mikey/mod.h"

struct mikey_scalar {
    uint64_t v[MIKEY_LIMBS];
};

/*
 * Reads 1..MIKEY_MOD_LEN octets, most significant first; leading zero octets
 * are allowed. The mask says whether the value lies in 2..q-1, the range of
 * identifiers and of the master secret (RFC 6508 clauses 2.2 and 6.1).
 */
uint64_t mikey_scalar_read(struct mikey_scalar *r, struct span octets);

void mikey_scalar_add(struct mikey_scalar *r, const struct mikey_scalar *a,
    const struct mikey_scalar *b);
void mikey_scalar_mul(struct mikey_scalar *r, const struct mikey_scalar *a,
    const struct mikey_scalar *b);

/* 1/a mod q; of zero it is zero. */
void mikey_scalar_inv(struct mikey_scalar *r, const struct mikey_scalar *a);

/*
 * Odd signed digits of MIKEY_WINDOW bits:
 *
 *     k = +-(d_0 + d_1 2^w + ... + d_170 2^(170 w)),  d_i odd, |d_i| < 2^w.
 *
 * q is odd, so either k or q - k is odd; that one is recoded. For an odd k,
 * u = (k + 2^(wn) - 1) / 2 has the digits u_i in base 2^w, and
 * d_i = 2 u_i - (2^w - 1) sum up to k. There is no zero digit: no neutral
 * element to add, no addition to skip.
 */
#define MIKEY_WINDOW 6
#define MIKEY_ROWS   171 /* 6 * 171 = 1026 bits; q has 1022 */
#define MIKEY_ROW    32  /* entries of a row: the multiples 1, 3, ... 63 */

struct mikey_digits {
    struct mikey_scalar odd;
    uint64_t negate; /* mask */
};

struct mikey_digit {
    uint64_t index;  /* 0..MIKEY_ROW-1, for |d| = 2 index + 1 */
    uint64_t negate; /* mask */
};

void mikey_digits_init(struct mikey_digits *d, const struct mikey_scalar *k);
struct mikey_digit mikey_digits_at(const struct mikey_digits *d, unsigned row);

#endif
