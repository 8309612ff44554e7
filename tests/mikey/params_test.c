/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every constant of mikey/params.c against the printed parameters (RFC 6509
 * appendix A) or the equation that defines it.
 */
#include "mikey/params.h"

#include "tests/bignum.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

/* The one record. */
static void open_params(struct vec *v)
{
    vec_open(v, "sakke-params.vec");
    CU_ASSERT_FATAL(vec_next(v));
}

static bool is_value(const struct mikey_fp *x, struct span octets)
{
    uint8_t plain[MIKEY_MOD_LEN];

    mikey_fp_write(plain, x);
    return span_eq(SPAN_OF(plain), octets);
}

static void the_moduli_are_the_printed_ones(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t octets[MIKEY_MOD_LEN];

    open_params(&v);
    mikey_mod_store(octets, mikey_mod_p.n);
    CU_ASSERT(span_eq(SPAN_OF(octets), vec_hex(&v, "p")));
    mikey_mod_store(octets, mikey_mod_q.n);
    CU_ASSERT(span_eq(SPAN_OF(octets), vec_hex(&v, "q")));
}

static void the_generators_are_the_printed_ones(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    open_params(&v);
    CU_ASSERT(is_value(&mikey_p.x, vec_hex(&v, "Px")));
    CU_ASSERT(is_value(&mikey_p.y, vec_hex(&v, "Py")));
    CU_ASSERT(is_value(&mikey_g, vec_hex(&v, "g")));
}

static void check_modulus(const struct mikey_mod *m)
{
    MU_CLEANUP(bignum_field_clear) struct bignum_field f;

    bignum_field_init(&f, m);
    CU_ASSERT(BN_check_prime(f.n, f.ctx, NULL) == 1);
    CU_ASSERT_EQUAL(m->n[0] * m->n0, UINT64_MAX);

    CU_ASSERT(BN_lshift(f.a, BN_value_one(), 1024));
    CU_ASSERT(BN_nnmod(f.r, f.a, f.n, f.ctx));
    bignum_load(f.b, m->one);
    CU_ASSERT_EQUAL(BN_cmp(f.r, f.b), 0);

    CU_ASSERT(BN_lshift(f.a, BN_value_one(), 2048));
    CU_ASSERT(BN_nnmod(f.r, f.a, f.n, f.ctx));
    bignum_load(f.b, m->rr);
    CU_ASSERT_EQUAL(BN_cmp(f.r, f.b), 0);
}

static void the_constants_of_the_moduli_are_right(void)
{
    check_modulus(&mikey_mod_p);
    check_modulus(&mikey_mod_q);
}

static void p_plus_one_is_four_q(void)
{
    MU_CLEANUP(bignum_field_clear) struct bignum_field p;
    MU_CLEANUP(bignum_field_clear) struct bignum_field q;

    bignum_field_init(&p, &mikey_mod_p);
    bignum_field_init(&q, &mikey_mod_q);
    CU_ASSERT(BN_lshift(q.r, q.n, 2) && BN_sub_word(q.r, 1));
    CU_ASSERT_EQUAL(BN_cmp(p.n, q.r), 0);
}

/* With 1/s = U and c/s = V: s = -1/sqrt(-3) gives U^2 = -3, and c^2 = 2/s
 * gives V^2 = 2 U^3. */
static void the_edwards_constants_are_right(void)
{
    struct mikey_fp zero = fp_zero(), one = fp_one();
    struct mikey_fp three, left, right;

    fp_add(&three, &one, &one);
    fp_add(&three, &three, &one);
    fp_sub(&right, &zero, &three);
    fp_sqr(&left, &mikey_edwards_u);
    CU_ASSERT(fp_equal(&left, &right) != 0);

    fp_mul(&right, &left, &mikey_edwards_u);
    fp_add(&right, &right, &right);
    fp_sqr(&left, &mikey_edwards_v);
    CU_ASSERT(fp_equal(&left, &right) != 0);
}

CU_TestInfo mikey_params_tests[] = {
    {"the moduli are the printed ones", the_moduli_are_the_printed_ones},
    {"the generators are the printed ones",
        the_generators_are_the_printed_ones},
    {"the constants of the moduli are right",
        the_constants_of_the_moduli_are_right},
    {"p plus one is four q", p_plus_one_is_four_q},
    {"the Edwards constants are right", the_edwards_constants_are_right},
    CU_TEST_INFO_NULL,
};
