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
 * Odd signed digits of w = MIKEY_WINDOW bits:
 *
 *     k = +-(d_0 + d_1 2^w + ... + d_145 2^(145 w)),  d_i odd, |d_i| < 2^w.
 *
 * q is odd, so either k or q - k is odd; that one is recoded. For an odd k,
 * u = (k + 2^(wn) - 1) / 2 has the digits u_i in base 2^w, and
 * d_i = 2 u_i - (2^w - 1) sum up to k. There is no zero digit: no neutral
 * element to add, no addition to skip.
 *
 * A fixed-base table has a row for every second digit, with the multiples
 * 1, 3, ... 127 of 2^(14 i) Q in row i. The odd digits are summed first, then
 * doubled w times, then the even ones are added: half the memory for seven
 * doublings.
 */
#define MIKEY_WINDOW 7
#define MIKEY_DIGITS 146 /* 7 * 146 = 1022 bits, as many as q has */
#define MIKEY_ROWS   (MIKEY_DIGITS / 2)
#define MIKEY_ROW    64 /* entries */

struct mikey_digits {
    struct mikey_scalar odd;
    uint64_t negate; /* mask */
};

struct mikey_digit {
    uint64_t index;  /* 0..MIKEY_ROW-1, for |d| = 2 index + 1 */
    uint64_t negate; /* mask */
};

void mikey_digits_init(struct mikey_digits *d, const struct mikey_scalar *k);
struct mikey_digit mikey_digits_at(const struct mikey_digits *d, unsigned i);

#endif
