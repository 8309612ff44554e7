/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Edwards form against additions on the curve itself, and the tables
 * against both.
 */
#include "mikey/edwards.h"

#include "mikey/params.h"
#include "mikey/tables.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

static bool same_point(const struct mikey_point *a, const struct mikey_point *b)
{
    return (fp_equal(&a->x, &b->x) & fp_equal(&a->y, &b->y)) != 0;
}

/* The chord or tangent of the text book: neither sum nor operand may be the
 * point at infinity. */
static struct mikey_point add(
    const struct mikey_point *a, const struct mikey_point *b)
{
    struct mikey_fp slope, below, one = fp_one();
    struct mikey_point sum;

    if (same_point(a, b)) {
        fp_sqr(&below, &a->x); /* 3 (x^2 - 1) / 2y */
        fp_sub(&below, &below, &one);
        fp_add(&slope, &below, &below);
        fp_add(&slope, &slope, &below);
        fp_add(&below, &a->y, &a->y);
    } else {
        fp_sub(&slope, &b->y, &a->y);
        fp_sub(&below, &b->x, &a->x);
    }
    fp_inv(&below, &below);
    fp_mul(&slope, &slope, &below);
    fp_sqr(&sum.x, &slope);
    fp_sub(&sum.x, &sum.x, &a->x);
    fp_sub(&sum.x, &sum.x, &b->x);
    fp_sub(&sum.y, &a->x, &sum.x);
    fp_mul(&sum.y, &sum.y, &slope);
    fp_sub(&sum.y, &sum.y, &a->y);
    return sum;
}

static struct mikey_point flat(const struct mikey_edwards *p)
{
    struct mikey_point out;
    struct mikey_fp inverse;

    mikey_edwards_denominator(&inverse, p);
    fp_inv(&inverse, &inverse);
    mikey_edwards_to_point(&out, p, &inverse);
    CU_ASSERT(mikey_edwards_equals_point(p, &out) != 0);
    return out;
}

static void the_way_to_edwards_and_back_is_the_identity(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke-pairing.vec");
    while (vec_next(&v)) {
        struct mikey_point p, back;
        struct mikey_edwards e;

        CU_ASSERT_EQUAL_FATAL(mikey_point_read(vec_hex(&v, "A"), &p), MU_OK);
        mikey_edwards_from_point(&e, &p);
        back = flat(&e);
        CU_ASSERT(same_point(&p, &back));
    }
}

static void adds_and_doubles_as_the_curve_does(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke-pairing.vec");
    while (vec_next(&v)) {
        struct mikey_point a, b, sum, expected;
        struct mikey_edwards ea, eb, e;

        CU_ASSERT_EQUAL_FATAL(mikey_point_read(vec_hex(&v, "A"), &a), MU_OK);
        CU_ASSERT_EQUAL_FATAL(mikey_point_read(vec_hex(&v, "B"), &b), MU_OK);
        mikey_edwards_from_point(&ea, &a);
        mikey_edwards_from_point(&eb, &b);
        mikey_edwards_add(&e, &ea, &eb);
        expected = add(&a, &b);
        sum = flat(&e);
        CU_ASSERT(same_point(&sum, &expected));
        mikey_edwards_add(&e, &ea, &ea);
        expected = add(&a, &a);
        sum = flat(&e);
        CU_ASSERT(same_point(&sum, &expected));
    }
}

static void addition_has_no_exceptions(void)
{
    struct mikey_edwards p, minus, neutral, sum;
    struct mikey_point back;

    mikey_edwards_from_point(&p, &mikey_p);
    minus = p;
    mikey_fp_negate_if(&minus.x, ~(uint64_t)0, &p.x);
    mikey_fp_negate_if(&minus.t, ~(uint64_t)0, &p.t);
    mikey_edwards_neutral(&neutral);
    CU_ASSERT(mikey_edwards_is_neutral(&neutral) != 0);
    CU_ASSERT(mikey_edwards_is_neutral(&p) == 0);

    mikey_edwards_add(&sum, &p, &minus);
    CU_ASSERT(mikey_edwards_is_neutral(&sum) != 0);
    CU_ASSERT(mikey_edwards_equals_point(&sum, &mikey_p) == 0);
    mikey_edwards_add(&sum, &sum, &sum);
    CU_ASSERT(mikey_edwards_is_neutral(&sum) != 0);
    mikey_edwards_add(&sum, &neutral, &p);
    back = flat(&sum);
    CU_ASSERT(same_point(&back, &mikey_p));
}

/* Bit by bit with the text book's additions; k > 0. */
static struct mikey_point slow_multiple(const struct mikey_scalar *k)
{
    struct mikey_point r = mikey_p;
    unsigned i = 1024;

    while ((k->v[(i - 1) / 64] >> (i - 1) % 64 & 1) == 0)
        i--;
    for (i--; i-- > 0;) {
        r = add(&r, &r);
        if (k->v[i / 64] >> i % 64 & 1)
            r = add(&r, &mikey_p);
    }
    return r;
}

static void check_multiple(const struct mikey_scalar *k)
{
    struct mikey_point expected = slow_multiple(k), got;
    struct mikey_edwards e;

    mikey_edwards_multiple(&e, &mikey_table_p, k);
    got = flat(&e);
    CU_ASSERT(same_point(&got, &expected));
}

static void the_table_of_p_gives_its_multiples(void)
{
    struct mikey_scalar k = {{0}};

    for (k.v[0] = 1; k.v[0] < 300; k.v[0] += 37)
        check_multiple(&k);
    memcpy(k.v, mikey_mod_q.n, sizeof(k.v));
    k.v[0] -= 1; /* q - 1, even */
    check_multiple(&k);
    k.v[0] -= 1;
    check_multiple(&k);
    for (unsigned i = 0; i < 8; i++) {
        memcpy(k.v, mikey_p.x.v, sizeof(k.v));
        k.v[MIKEY_LIMBS - 1] >>= 3 + i;
        k.v[0] ^= i;
        check_multiple(&k);
    }
}

static void zero_and_q_times_p_is_neutral(void)
{
    struct mikey_scalar k = {{0}};
    struct mikey_edwards e;

    mikey_edwards_multiple(&e, &mikey_table_p, &k);
    CU_ASSERT(mikey_edwards_is_neutral(&e) != 0);
}

static void a_sum_is_the_sum_of_its_terms(void)
{
    struct mikey_edwards_term term[2] = {
        {.table = &mikey_table_p}, {.table = &mikey_table_p}};
    struct mikey_scalar k = {{12345}}, l = {{0, 0, 77}}, both;
    struct mikey_edwards sum, multiple;
    struct mikey_point expected;

    mikey_digits_init(&term[0].k, &k);
    mikey_digits_init(&term[1].k, &l);
    mikey_edwards_sum(&sum, term, 2);
    mikey_scalar_add(&both, &k, &l);
    mikey_edwards_multiple(&multiple, &mikey_table_p, &both);
    expected = flat(&multiple);
    CU_ASSERT(mikey_edwards_equals_point(&sum, &expected) != 0);
}

static void the_built_table_is_what_the_code_makes(void)
{
    static struct mikey_edwards_table table;
    struct mikey_edwards p;

    mikey_edwards_from_point(&p, &mikey_p);
    mikey_edwards_table_init(&table, &p);
    CU_ASSERT(memcmp(&table, &mikey_table_p, sizeof(table)) == 0);
}

CU_TestInfo mikey_edwards_tests[] = {
    {"the way to Edwards and back is the identity",
        the_way_to_edwards_and_back_is_the_identity},
    {"adds and doubles as the curve does", adds_and_doubles_as_the_curve_does},
    {"addition has no exceptions", addition_has_no_exceptions},
    {"the table of P gives its multiples", the_table_of_p_gives_its_multiples},
    {"zero and q times P is neutral", zero_and_q_times_p_is_neutral},
    {"a sum is the sum of its terms", a_sum_is_the_sum_of_its_terms},
    {"the built table is what the code makes",
        the_built_table_is_what_the_code_makes},
    CU_TEST_INFO_NULL,
};
