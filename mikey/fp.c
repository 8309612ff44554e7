/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/fp.h"

#include "base/secret.h"

#include <assert.h>

/* Two limbs, which one instruction handles on most machines. */
typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

#define PAIRS (MIKEY_LIMBS / 2)

/* Unrolled, so that what was found so far stays in registers. */
void mikey_fp_look_up(struct mikey_fp *r, const struct mikey_fp *entry,
    size_t stride, uint64_t n, uint64_t index)
{
    pair found[PAIRS] = {{0, 0}};

    for (uint64_t i = 0; i < n; i++, entry += stride) {
        const pair *limbs = (const pair *)entry->v;
        uint64_t mask = mikey_mask_zero(i ^ index);

#pragma GCC unroll 8
        for (int j = 0; j < PAIRS; j++)
            found[j] |= limbs[j] & (pair){mask, mask};
    }
#pragma GCC unroll 8
    for (int j = 0; j < PAIRS; j++)
        ((pair *)r->v)[j] = found[j];
}

void mikey_fp_negate_if(
    struct mikey_fp *r, uint64_t mask, const struct mikey_fp *a)
{
    struct mikey_fp zero = fp_zero();
    struct mikey_fp negative;

    fp_sub(&negative, &zero, a);
    fp_select(r, mask, &negative, a);
}

uint64_t mikey_fp_read(struct mikey_fp *r, const uint8_t *octets)
{
    uint64_t canonical = mikey_mod_load(r->v, octets, &mikey_mod_p);

    /* Also for a value of p or more the product is below 2p: it is reduced,
     * and the caller refuses it. */
    mikey_mod_mul(r->v, r->v, mikey_mod_p.rr, &mikey_mod_p);
    return canonical;
}

void mikey_fp_write(uint8_t *octets, const struct mikey_fp *a)
{
    static const struct mikey_fp plain_one = {{1}};
    struct mikey_fp plain;

    fp_mul(&plain, a, &plain_one);
    mikey_mod_store(octets, plain.v);
    mu_wipe(&plain, sizeof(plain));
}

uint64_t mikey_fp_inv_many(struct mikey_fp *values, size_t n)
{
    struct mikey_fp prefix[MIKEY_FP_MANY];
    struct mikey_fp all = fp_one();
    struct mikey_fp one;
    uint64_t zero;

    assert(n <= MIKEY_FP_MANY);
    for (size_t i = 0; i < n; i++) {
        prefix[i] = all;
        fp_mul(&all, &all, &values[i]);
    }
    zero = fp_is_zero(&all);
    fp_inv(&all, &all);
    for (size_t i = n; i-- > 0;) {
        fp_mul(&one, &all, &prefix[i]);
        fp_mul(&all, &all, &values[i]);
        values[i] = one;
    }
    mu_wipe(prefix, sizeof(prefix));
    mu_wipe(&all, sizeof(all));
    mu_wipe(&one, sizeof(one));
    return ~zero;
}
