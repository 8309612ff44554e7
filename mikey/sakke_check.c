/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The KMS's check of many keys at once. Of each key [a+z]K = P is due; with
 * random c, times 4 to leave out what is not of order q, it follows that
 *
 *     sum [4 c a] K  +  [z] sum [4 c] K  =  [sum 4 c] P.
 *
 * c and a are no secrets, so the small multiples of K may be found by them;
 * K and z are.
 */
#include "mikey/sakke.h"

#include "base/alloc.h"
#include "base/ct.h"
#include "mikey/params.h"
#include "mikey/tables.h"

#include <assert.h>
#include <string.h>

#define WINDOW  4 /* bits */
#define ENTRIES (1 << WINDOW)
#define LIMBS   (MIKEY_LIMBS + 1)
#define DIGITS  (LIMBS * 64 / WINDOW)

/* A factor that is public, 4c or 4ca, least significant limb first. */
struct factor {
    uint64_t v[LIMBS];
};

struct check {
    size_t n;
    struct mikey_scalar z;
    struct factor plain[MIKEY_SAKKE_CHECK_MAX]; /* 4c */
    struct factor times[MIKEY_SAKKE_CHECK_MAX]; /* 4ca */
    struct mikey_edwards key[MIKEY_SAKKE_CHECK_MAX];
    struct mikey_edwards multiple[MIKEY_SAKKE_CHECK_MAX][ENTRIES];
    struct mikey_edwards_entry row[MIKEY_ROW];
};

/* x times the identifier, most significant octet first, at most 128. */
static void multiply(struct factor *r, uint64_t x, struct span id)
{
    unsigned __int128 t = 0;

    memset(r, 0, sizeof(*r));
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t limb = 0;

        for (size_t k = 0; k < 8; k++) {
            size_t at = 8 * i + k;

            if (at < id.len)
                limb |= (uint64_t)id.p[id.len - 1 - at] << (8 * k);
        }
        t += (unsigned __int128)limb * x; /* < 2^128 - 2^64 + 2^64 */
        r->v[i] = (uint64_t)t;
        t >>= 64;
    }
    assert(t == 0);
}

/* The multiples 0..15 of a key. */
static void fill(
    struct mikey_edwards multiple[ENTRIES], const struct mikey_edwards *key)
{
    mikey_edwards_neutral(&multiple[0]);
    for (int i = 1; i < ENTRIES; i++)
        mikey_edwards_add(&multiple[i], &multiple[i - 1], key);
}

/* r = the sum of factor times key, digit after digit for all together. */
static void sum(
    struct mikey_edwards *r, const struct check *c, const struct factor *factor)
{
    bool begun = false;

    mikey_edwards_neutral(r);
    for (size_t digit = DIGITS; digit-- > 0;) {
        size_t bit = digit * WINDOW;

        for (int i = 0; begun && i < WINDOW; i++)
            mikey_edwards_add(r, r, r);
        for (size_t i = 0; i < c->n; i++) {
            uint64_t d = factor[i].v[bit / 64] >> bit % 64 & (ENTRIES - 1);

            if (d == 0)
                continue;
            mikey_edwards_add(r, r, &c->multiple[i][d]);
            begun = true;
        }
    }
}

static enum mu_err read_key(struct check *c, size_t i, struct span id,
    const struct mikey_rsk *key, const struct mu_rng *rng)
{
    struct mikey_scalar a;
    struct mikey_point point;
    uint64_t x = 0;

    if (mikey_scalar_read(&a, id) == 0)
        return MU_E_MALFORMED;
    TRY(mikey_point_read(SPAN_OF(key->b), &point));
    TRY(mu_rng_fill(rng, (uint8_t *)&x, sizeof(x)));
    /* Public: a factor that nobody could foresee, of use for this check. */
    MU_CT_DECLASSIFY(&x, sizeof(x));
    x &= ~UINT64_C(3); /* 4c */
    multiply(&c->plain[i], x, (struct span){(const uint8_t *)"\1", 1});
    multiply(&c->times[i], x, id);
    mikey_edwards_from_point(&c->key[i], &point);
    fill(c->multiple[i], &c->key[i]);
    mu_wipe(&point, sizeof(point));
    return MU_OK;
}

/* [sum 4c]P, and whether it is what the keys give. */
static uint64_t equation_holds(struct check *c)
{
    struct mikey_edwards left, right;
    struct mikey_scalar factor = {{0}}, one;
    uint64_t equal;

    sum(&right, c, c->plain);
    mikey_edwards_multiply(&left, c->row, &right, &c->z);
    sum(&right, c, c->times);
    mikey_edwards_add(&left, &left, &right);
    for (size_t i = 0; i < c->n; i++) {
        memset(&one, 0, sizeof(one));
        one.v[0] = c->plain[i].v[0];
        mikey_scalar_add(&factor, &factor, &one);
    }
    mikey_edwards_multiple(&right, &mikey_table_p, &factor);
    /* left - right is neutral: X and T change their signs. */
    mikey_fp_negate_if(&right.x, UINT64_MAX, &right.x);
    mikey_fp_negate_if(&right.t, UINT64_MAX, &right.t);
    mikey_edwards_add(&left, &left, &right);
    equal = mikey_edwards_is_neutral(&left);
    mu_wipe(&left, sizeof(left));
    mu_wipe(&right, sizeof(right));
    return equal;
}

/* [q] of the sum of all keys is neutral: zero is recoded as q. */
static uint64_t order_holds(struct check *c)
{
    static const struct mikey_scalar zero;
    struct mikey_edwards all, product;
    uint64_t neutral;

    mikey_edwards_neutral(&all);
    for (size_t i = 0; i < c->n; i++)
        mikey_edwards_add(&all, &all, &c->key[i]);
    mikey_edwards_multiply(&product, c->row, &all, &zero);
    neutral = mikey_edwards_is_neutral(&product);
    mu_wipe(&all, sizeof(all));
    mu_wipe(&product, sizeof(product));
    return neutral;
}

static enum mu_err check_with(struct check *c,
    const struct mikey_sakke_secret *z, const struct span *ids,
    const struct mikey_rsk *keys, const struct mu_rng *rng)
{
    uint64_t good = mikey_scalar_read(&c->z, SPAN_OF(z->b));

    /* Public: one bit that every right secret has in common. */
    MU_CT_DECLASSIFY(&good, sizeof(good));
    if (good == 0)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < c->n; i++)
        TRY(read_key(c, i, ids[i], &keys[i], rng));
    good = equation_holds(c) & order_holds(c);
    /* Public: the keys are right or are not handed out. */
    MU_CT_DECLASSIFY(&good, sizeof(good));
    return good != 0 ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_sakke_check_many(const struct mikey_sakke_secret *z,
    const struct span *ids, const struct mikey_rsk *keys, size_t n,
    const struct mu_rng *rng)
{
    struct check *c = mu_alloc(sizeof(*c));
    enum mu_err err;

    assert(n > 0 && n <= MIKEY_SAKKE_CHECK_MAX);
    if (c == NULL)
        return MU_E_NO_MEMORY;
    c->n = n;
    err = check_with(c, z, ids, keys, rng);
    mu_free_wiped(c, sizeof(*c));
    return err;
}
