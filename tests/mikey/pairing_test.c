/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/pairing.h"

#include "base/alloc.h"
#include "mikey/edwards.h"
#include "mikey/params.h"
#include "mikey/tables.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

/* <a,b> as the one field element, by lines made for a. */
static struct mikey_fp pair(
    const struct mikey_point *a, const struct mikey_point *b)
{
    struct mikey_pairing *lines = mu_alloc(sizeof(*lines));
    struct mikey_torus t;

    CU_ASSERT_PTR_NOT_NULL_FATAL(lines);
    CU_ASSERT(mikey_pairing_init(lines, a) != 0);
    mikey_pairing_at(&t, lines, b);
    mu_free(lines);
    fp_inv(&t.x1, &t.x1);
    fp_mul(&t.x2, &t.x2, &t.x1);
    return t.x2;
}

static void read_both(
    struct vec *v, struct mikey_point *a, struct mikey_point *b)
{
    CU_ASSERT_EQUAL_FATAL(mikey_point_read(vec_hex(v, "A"), a), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_point_read(vec_hex(v, "B"), b), MU_OK);
}

static void matches_every_vector_from_both_sides(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke-pairing.vec");
    while (vec_next(&v)) {
        struct mikey_point a, b;
        struct mikey_fp forth, back;
        uint8_t octets[MIKEY_MOD_LEN];

        read_both(&v, &a, &b);
        forth = pair(&a, &b);
        back = pair(&b, &a);
        CU_ASSERT(fp_equal(&forth, &back) != 0);
        mikey_fp_write(octets, &forth);
        CU_ASSERT(span_eq(SPAN_OF(octets), vec_hex(&v, "pairing")));
    }
}

static struct mikey_point multiple_of_p(const struct mikey_scalar *k)
{
    struct mikey_point out;
    struct mikey_edwards e;
    struct mikey_fp inverse;

    mikey_edwards_multiple(&e, &mikey_table_p, k);
    mikey_edwards_denominator(&inverse, &e);
    fp_inv(&inverse, &inverse);
    mikey_edwards_to_point(&out, &e, &inverse);
    return out;
}

/* <[k]P, P> = g^k, and so is the table of g. */
static void a_multiple_comes_out_as_a_power(void)
{
    struct mikey_scalar k = {{1}};

    for (unsigned i = 0; i < 6; i++) {
        struct mikey_point kp = multiple_of_p(&k);
        struct mikey_fp expected = pair(&kp, &mikey_p);
        struct mikey_torus power;

        mikey_torus_power(&power, &mikey_table_g, &k);
        fp_mul(&expected, &expected, &power.x1);
        CU_ASSERT(fp_equal(&expected, &power.x2) != 0);
        for (unsigned j = 0; j < MIKEY_LIMBS; j++)
            k.v[j] = k.v[j] * 0x9e3779b97f4a7c15 + (i ^ j) + 2;
        k.v[MIKEY_LIMBS - 1] >>= 3;
    }
}

static void the_table_of_g_gives_every_power(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        uint8_t octets[MIKEY_MOD_LEN];
        struct mikey_torus power;
        struct mikey_scalar r;

        CU_ASSERT_FATAL(mikey_scalar_read(&r, vec_hex(&v, "r")) != 0);
        mikey_torus_power(&power, &mikey_table_g, &r);
        fp_inv(&power.x1, &power.x1);
        fp_mul(&power.x2, &power.x2, &power.x1);
        mikey_fp_write(octets, &power.x2);
        CU_ASSERT(span_eq(SPAN_OF(octets), vec_hex(&v, "g_r")));
    }
}

static void the_built_table_is_what_the_code_makes(void)
{
    static struct mikey_torus_table table;

    mikey_torus_table_init(&table, &mikey_g);
    CU_ASSERT(memcmp(&table, &mikey_table_g, sizeof(table)) == 0);
}

/* The vectors of bad SEDs have points of the curve of other orders. */
static void tells_points_of_another_order(void)
{
    static struct mikey_pairing lines;
    MU_CLEANUP(vec_close) struct vec v;
    unsigned right = 0, wrong = 0;

    vec_open(&v, "sakke-sed-invalid.vec");
    while (vec_next(&v)) {
        struct span sed = vec_hex(&v, "sed");
        struct mikey_point p;

        if (sed.len < MIKEY_POINT_LEN)
            continue;
        sed.len = MIKEY_POINT_LEN;
        if (mikey_point_read(sed, &p) != MU_OK)
            continue;
        if (mikey_pairing_init(&lines, &p) != 0)
            right++;
        else
            wrong++;
    }
    CU_ASSERT(right > 0);
    CU_ASSERT_EQUAL(wrong, 3); /* 2q, outside the group, dividing 4 */
}

CU_TestInfo mikey_pairing_tests[] = {
    {"matches every vector from both sides",
        matches_every_vector_from_both_sides},
    {"a multiple comes out as a power", a_multiple_comes_out_as_a_power},
    {"the table of g gives every power", the_table_of_g_gives_every_power},
    {"the built table is what the code makes",
        the_built_table_is_what_the_code_makes},
    {"tells points of another order", tells_points_of_another_order},
    CU_TEST_INFO_NULL,
};
