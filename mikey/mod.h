/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mod.h - integers modulo an odd number of at most 1024 bits.
 *
 * An integer is sixteen 64-bit limbs, least significant first, always fully
 * reduced: 0 <= x < n. Products are Montgomery products a b / 2^1024 mod n.
 * The two moduli of SAKKE are in mikey/params.h; code above this layer uses
 * the types of mikey/fp.h and mikey/scalar.h, which cannot be mixed up.
 *
 * Results may lie where operands do. No branch and no address depends on a
 * value; masks are all ones for true and zero for false.
 */
#ifndef MIKEY_MOD_H
#define MIKEY_MOD_H

#include "base/bytes.h"

#define MIKEY_LIMBS   16
#define MIKEY_MOD_LEN 128 /* octets */

struct mikey_mod {
    uint64_t n[MIKEY_LIMBS];   /* odd, over 2^1020 */
    uint64_t rr[MIKEY_LIMBS];  /* 2^2048 mod n: leads into Montgomery form */
    uint64_t one[MIKEY_LIMBS]; /* 2^1024 mod n: 1 in Montgomery form */
    uint64_t n0;               /* -1/n mod 2^64 */
};

/* All ones when x is zero. */
static inline uint64_t mikey_mask_zero(uint64_t x)
{
    return ((x | (0 - x)) >> 63) - 1;
}

/* All ones when all limbs are zero. */
uint64_t mikey_mod_is_zero(const uint64_t *a);

/* All ones when a = b. */
uint64_t mikey_mod_equal(const uint64_t *a, const uint64_t *b);

/* r = mask ? a : b. */
void mikey_mod_select(
    uint64_t *r, uint64_t mask, const uint64_t *a, const uint64_t *b);

void mikey_mod_add(uint64_t *r, const uint64_t *a, const uint64_t *b,
    const struct mikey_mod *m);
void mikey_mod_sub(uint64_t *r, const uint64_t *a, const uint64_t *b,
    const struct mikey_mod *m);
void mikey_mod_mul(uint64_t *r, const uint64_t *a, const uint64_t *b,
    const struct mikey_mod *m);
void mikey_mod_sqr(uint64_t *r, const uint64_t *a, const struct mikey_mod *m);

/* The inverse in Montgomery form, for prime n; of zero it is zero. */
void mikey_mod_inv(uint64_t *r, const uint64_t *a, const struct mikey_mod *m);

/*
 * Reads MIKEY_MOD_LEN octets, most significant first, into plain form. The
 * mask says whether the value is less than n; if not, r is not reduced.
 */
uint64_t mikey_mod_load(
    uint64_t *r, const uint8_t *octets, const struct mikey_mod *m);

/* Writes MIKEY_MOD_LEN octets of a plain value. */
void mikey_mod_store(uint8_t *octets, const uint64_t *a);

#endif
