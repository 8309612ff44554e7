/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fp.h - the field F_p of SAKKE, in Montgomery form: x stands as x 2^1024.
 *
 * Thin, typed names over mikey/mod.h, whose bounds and timing hold here: all
 * values are fully reduced, results may lie where operands do, nothing
 * branches on a value.
 */
#ifndef MIKEY_FP_H
#define MIKEY_FP_H

#include "mikey/mod.h"

struct mikey_fp {
    uint64_t v[MIKEY_LIMBS];
};

extern const struct mikey_mod mikey_mod_p; /* mikey/params.h */

static inline void fp_add(
    struct mikey_fp *r, const struct mikey_fp *a, const struct mikey_fp *b)
{
    mikey_mod_add(r->v, a->v, b->v, &mikey_mod_p);
}

static inline void fp_sub(
    struct mikey_fp *r, const struct mikey_fp *a, const struct mikey_fp *b)
{
    mikey_mod_sub(r->v, a->v, b->v, &mikey_mod_p);
}

static inline void fp_mul(
    struct mikey_fp *r, const struct mikey_fp *a, const struct mikey_fp *b)
{
    mikey_mod_mul(r->v, a->v, b->v, &mikey_mod_p);
}

static inline void fp_sqr(struct mikey_fp *r, const struct mikey_fp *a)
{
    mikey_mod_sqr(r->v, a->v, &mikey_mod_p);
}

static inline void fp_inv(struct mikey_fp *r, const struct mikey_fp *a)
{
    mikey_mod_inv(r->v, a->v, &mikey_mod_p);
}

static inline struct mikey_fp fp_zero(void)
{
    return (struct mikey_fp){{0}};
}

static inline struct mikey_fp fp_one(void)
{
    struct mikey_fp one;

    for (int i = 0; i < MIKEY_LIMBS; i++)
        one.v[i] = mikey_mod_p.one[i];
    return one;
}

/* Masks: all ones for true. */
static inline uint64_t fp_is_zero(const struct mikey_fp *a)
{
    return mikey_mod_is_zero(a->v);
}

static inline uint64_t fp_equal(
    const struct mikey_fp *a, const struct mikey_fp *b)
{
    return mikey_mod_equal(a->v, b->v);
}

/* r = mask ? a : b. */
static inline void fp_select(struct mikey_fp *r, uint64_t mask,
    const struct mikey_fp *a, const struct mikey_fp *b)
{
    mikey_mod_select(r->v, mask, a->v, b->v);
}

/*
 * r = entry[index * stride], for a secret index below n: reads all n of the
 * entries. The values looked up stand stride elements apart.
 */
void mikey_fp_look_up(struct mikey_fp *r, const struct mikey_fp *entry,
    size_t stride, uint64_t n, uint64_t index);

/* r = mask ? -a : a. */
void mikey_fp_negate_if(
    struct mikey_fp *r, uint64_t mask, const struct mikey_fp *a);

/*
 * Reads MIKEY_MOD_LEN octets; the mask says whether they were canonical,
 * less than p. 40 in 100 values have a second encoding that is not.
 */
uint64_t mikey_fp_read(struct mikey_fp *r, const uint8_t *octets);
void mikey_fp_write(uint8_t *octets, const struct mikey_fp *a);

#define MIKEY_FP_MANY 32

/*
 * Replaces n <= MIKEY_FP_MANY values by their inverses, with one inversion
 * and three products each (Montgomery's trick).
 *
 * Returns a mask: all ones when no value was zero; otherwise all results are
 * zero.
 */
uint64_t mikey_fp_inv_many(struct mikey_fp *values, size_t n);

#endif
