/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/mod.h"

#include "mikey/fp.h"
#include "mikey/params.h"
#include "mikey/scalar.h"
#include "tests/bignum.h"
#include "tests/suites.h"

#include <openssl/bn.h>
#include <string.h>

/* Edge values and random ones, in plain form, of both moduli. */
#define SAMPLES 40

struct samples {
    const struct mikey_mod *mod;
    struct bignum_field field;
    uint64_t v[SAMPLES][MIKEY_LIMBS];
};

static void samples_clear(struct samples *s)
{
    bignum_field_clear(&s->field);
}

static void take(struct samples *s, unsigned i, const BIGNUM *x)
{
    uint8_t octets[MIKEY_MOD_LEN];

    CU_ASSERT_FATAL(BN_bn2binpad(x, octets, sizeof(octets)) > 0);
    CU_ASSERT_FATAL(mikey_mod_load(s->v[i], octets, s->mod) != 0);
}

/* The i-th: 0, 1, 2, n - 1, n - 2, (n - 1) / 2, powers of two and their
 * predecessors, and the rest at random. */
static bool make(BIGNUM *x, unsigned i, const BIGNUM *n)
{
    if (i < 3)
        return BN_set_word(x, i) == 1;
    if (i < 5)
        return BN_copy(x, n) != NULL && BN_sub_word(x, i - 2) == 1;
    if (i == 5)
        return BN_rshift1(x, n) == 1;
    if (i < 20)
        return BN_lshift(x, BN_value_one(), 64 * (int)(i - 5)) == 1 &&
               BN_sub_word(x, i % 2) == 1;
    return BN_priv_rand_range(x, n) == 1;
}

static void samples_init(struct samples *s, const struct mikey_mod *mod)
{
    BIGNUM *x = BN_new();

    s->mod = mod;
    bignum_field_init(&s->field, mod);
    for (unsigned i = 0; i < SAMPLES; i++) {
        CU_ASSERT_FATAL(make(x, i, s->field.n));
        take(s, i, x);
    }
    BN_free(x);
}

static const struct mikey_mod *const moduli[] = {&mikey_mod_p, &mikey_mod_q};

static void each_pair(
    void (*check)(struct samples *s, const uint64_t *a, const uint64_t *b))
{
    for (size_t m = 0; m < sizeof(moduli) / sizeof(moduli[0]); m++) {
        MU_CLEANUP(samples_clear) struct samples s;

        samples_init(&s, moduli[m]);
        for (unsigned i = 0; i < SAMPLES; i++) {
            for (unsigned j = 0; j < SAMPLES; j++)
                check(&s, s.v[i], s.v[j]);
        }
    }
}

/* r is the value x and fully reduced. */
static void expect(const uint64_t *r, const BIGNUM *x)
{
    uint8_t got[MIKEY_MOD_LEN], expected[MIKEY_MOD_LEN];

    mikey_mod_store(got, r);
    CU_ASSERT(BN_bn2binpad(x, expected, sizeof(expected)) > 0);
    CU_ASSERT(memcmp(got, expected, sizeof(got)) == 0);
}

static void check_sum(struct samples *s, const uint64_t *a, const uint64_t *b)
{
    struct bignum_field *f = &s->field;
    uint64_t r[MIKEY_LIMBS];

    bignum_load(f->a, a);
    bignum_load(f->b, b);
    mikey_mod_add(r, a, b, s->mod);
    CU_ASSERT(BN_mod_add(f->r, f->a, f->b, f->n, f->ctx));
    expect(r, f->r);
    mikey_mod_sub(r, a, b, s->mod);
    CU_ASSERT(BN_mod_sub(f->r, f->a, f->b, f->n, f->ctx));
    expect(r, f->r);
}

static void adds_and_subtracts(void)
{
    each_pair(check_sum);
}

/* 2^1024 a b / 2^1024, by way of Montgomery form for one factor. */
static void check_product(
    struct samples *s, const uint64_t *a, const uint64_t *b)
{
    struct bignum_field *f = &s->field;
    uint64_t r[MIKEY_LIMBS], swapped[MIKEY_LIMBS];

    bignum_load(f->a, a);
    bignum_load(f->b, b);
    mikey_mod_mul(r, a, s->mod->rr, s->mod);
    mikey_mod_mul(swapped, b, r, s->mod);
    mikey_mod_mul(r, r, b, s->mod);
    CU_ASSERT(BN_mod_mul(f->r, f->a, f->b, f->n, f->ctx));
    expect(r, f->r);
    CU_ASSERT(mikey_mod_equal(r, swapped) != 0);
}

static void multiplies(void)
{
    each_pair(check_product);
}

static void check_square(
    struct samples *s, const uint64_t *a, const uint64_t *b)
{
    uint64_t r[MIKEY_LIMBS], product[MIKEY_LIMBS];

    (void)b;
    mikey_mod_sqr(r, a, s->mod);
    mikey_mod_mul(product, a, a, s->mod);
    CU_ASSERT(mikey_mod_equal(r, product) != 0);
}

static void squares_like_a_product(void)
{
    each_pair(check_square);
}

static void check_in_place(
    struct samples *s, const uint64_t *a, const uint64_t *b)
{
    uint64_t apart[MIKEY_LIMBS], x[MIKEY_LIMBS], y[MIKEY_LIMBS];

    mikey_mod_mul(apart, a, b, s->mod);
    memcpy(x, a, sizeof(x));
    memcpy(y, b, sizeof(y));
    mikey_mod_mul(x, x, b, s->mod);
    mikey_mod_mul(y, a, y, s->mod);
    CU_ASSERT(mikey_mod_equal(x, apart) && mikey_mod_equal(y, apart));
    mikey_mod_sub(apart, a, b, s->mod);
    memcpy(y, b, sizeof(y));
    mikey_mod_sub(y, a, y, s->mod);
    CU_ASSERT(mikey_mod_equal(y, apart) != 0);
}

static void results_may_lie_where_operands_do(void)
{
    each_pair(check_in_place);
}

static void inverts_all_but_zero(void)
{
    for (size_t m = 0; m < sizeof(moduli) / sizeof(moduli[0]); m++) {
        MU_CLEANUP(samples_clear) struct samples s;
        uint64_t r[MIKEY_LIMBS];

        samples_init(&s, moduli[m]);
        mikey_mod_inv(r, s.v[0], s.mod);
        CU_ASSERT(mikey_mod_is_zero(r) != 0);
        for (unsigned i = 1; i < SAMPLES; i++) {
            mikey_mod_inv(r, s.v[i], s.mod);
            mikey_mod_mul(r, r, s.v[i], s.mod);
            CU_ASSERT(mikey_mod_equal(r, s.mod->one) != 0);
        }
    }
}

/* One inversion for all, and a zero that is not passed over. */
static void inverts_many_at_once(void)
{
    MU_CLEANUP(samples_clear) struct samples s;
    static struct mikey_fp many[MIKEY_FP_MANY];
    struct mikey_fp one;

    samples_init(&s, &mikey_mod_p);
    for (size_t n = 1; n <= MIKEY_FP_MANY; n++) {
        for (size_t i = 0; i < n; i++)
            memcpy(many[i].v, s.v[i + 1], sizeof(many[i].v));
        CU_ASSERT(mikey_fp_inv_many(many, n) != 0);
        for (size_t i = 0; i < n; i++) {
            mikey_mod_inv(one.v, s.v[i + 1], s.mod);
            CU_ASSERT(fp_equal(&one, &many[i]) != 0);
        }
        many[n / 2] = fp_zero();
        CU_ASSERT_EQUAL(mikey_fp_inv_many(many, n), 0);
    }
}

static void knows_what_is_less_than_the_modulus(void)
{
    for (size_t m = 0; m < sizeof(moduli) / sizeof(moduli[0]); m++) {
        uint8_t octets[MIKEY_MOD_LEN], back[MIKEY_MOD_LEN];
        uint64_t r[MIKEY_LIMBS];

        mikey_mod_store(octets, moduli[m]->n);
        CU_ASSERT_EQUAL(mikey_mod_load(r, octets, moduli[m]), 0);
        octets[MIKEY_MOD_LEN - 1]--; /* n is odd */
        CU_ASSERT_EQUAL(mikey_mod_load(r, octets, moduli[m]), ~(uint64_t)0);
        mikey_mod_store(back, r);
        CU_ASSERT(memcmp(octets, back, sizeof(back)) == 0);
        memset(octets, 0xff, sizeof(octets));
        CU_ASSERT_EQUAL(mikey_mod_load(r, octets, moduli[m]), 0);
    }
}

static void looks_up_each_entry(void)
{
    struct mikey_fp table[15], r;

    for (uint64_t i = 0; i < 15; i++) {
        for (unsigned j = 0; j < MIKEY_LIMBS; j++)
            table[i].v[j] = (i + 1) * 0x0101010101010101 * (j + 1);
    }
    for (uint64_t i = 0; i < 5; i++) {
        mikey_fp_look_up(&r, table + 1, 3, 5, i);
        CU_ASSERT(fp_equal(&r, &table[1 + 3 * i]) != 0);
    }
}

CU_TestInfo mikey_mod_tests[] = {
    {"adds and subtracts", adds_and_subtracts},
    {"multiplies", multiplies},
    {"squares like a product", squares_like_a_product},
    {"results may lie where operands do", results_may_lie_where_operands_do},
    {"inverts all but zero", inverts_all_but_zero},
    {"inverts many at once", inverts_many_at_once},
    {"knows what is less than the modulus",
        knows_what_is_less_than_the_modulus},
    {"looks up each entry", looks_up_each_entry},
    CU_TEST_INFO_NULL,
};
