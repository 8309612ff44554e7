/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/torus.h"

#include "base/secret.h"

void mikey_torus_one(struct mikey_torus *r)
{
    r->x1 = fp_one();
    r->x2 = fp_zero();
}

/* (a1 + i a2)(b1 + i b2) in three products. */
void mikey_torus_mul(struct mikey_torus *r, const struct mikey_torus *a,
    const struct mikey_torus *b)
{
    struct mikey_fp real, imaginary, cross, sum;

    fp_mul(&real, &a->x1, &b->x1);
    fp_mul(&imaginary, &a->x2, &b->x2);
    fp_add(&sum, &a->x1, &a->x2);
    fp_add(&cross, &b->x1, &b->x2);
    fp_mul(&cross, &cross, &sum);
    fp_sub(&cross, &cross, &real);
    fp_sub(&r->x2, &cross, &imaginary);
    fp_sub(&r->x1, &real, &imaginary);
}

void mikey_torus_sqr(struct mikey_torus *r, const struct mikey_torus *a)
{
    struct mikey_fp sum, difference;

    fp_add(&sum, &a->x1, &a->x2);
    fp_sub(&difference, &a->x1, &a->x2);
    fp_mul(&r->x2, &a->x1, &a->x2);
    fp_add(&r->x2, &r->x2, &r->x2);
    fp_mul(&r->x1, &sum, &difference);
}

/* r *= 1 + it */
static void mul_entry(struct mikey_torus *r, const struct mikey_fp *t)
{
    struct mikey_fp real, imaginary;

    fp_mul(&real, &r->x2, t);
    fp_mul(&imaginary, &r->x1, t);
    fp_sub(&r->x1, &r->x1, &real);
    fp_add(&r->x2, &r->x2, &imaginary);
}

/* The entry at a secret index: the whole row is read. */
static void select_entry(
    struct mikey_fp *r, const struct mikey_fp *row, struct mikey_digit digit)
{
    *r = fp_zero();
    for (uint64_t i = 0; i < MIKEY_ROW; i++) {
        uint64_t mask = mikey_mask_zero(i ^ digit.index);

        for (int j = 0; j < MIKEY_LIMBS; j++)
            r->v[j] |= row[i].v[j] & mask;
    }
    mikey_fp_negate_if(r, digit.negate, r);
}

void mikey_torus_mul_power(struct mikey_torus *r,
    const struct mikey_torus_table *table, const struct mikey_scalar *k)
{
    struct mikey_digits digits;
    struct mikey_fp entry;

    mikey_digits_init(&digits, k);
    for (unsigned i = 0; i < MIKEY_ROWS; i++) {
        select_entry(&entry, table->row[i], mikey_digits_at(&digits, i));
        mul_entry(r, &entry);
    }
    mu_wipe(&entry, sizeof(entry));
    mu_wipe(&digits, sizeof(digits));
}

void mikey_torus_table_init(
    struct mikey_torus_table *table, const struct mikey_fp *g)
{
    struct mikey_torus base = {fp_one(), *g};
    struct mikey_fp inverse[MIKEY_ROW];

    for (unsigned i = 0; i < MIKEY_ROWS; i++) {
        struct mikey_torus power = base, square;

        mikey_torus_sqr(&square, &base);
        for (unsigned j = 0; j < MIKEY_ROW; j++) {
            table->row[i][j] = power.x2;
            inverse[j] = power.x1; /* zero only in the class of order 2 */
            if (j + 1 < MIKEY_ROW)
                mikey_torus_mul(&power, &power, &square);
        }
        mikey_torus_mul(&base, &power, &base); /* 63 + 1 = 2^6 */
        (void)mikey_fp_inv_many(inverse, MIKEY_ROW);
        for (unsigned j = 0; j < MIKEY_ROW; j++)
            fp_mul(&table->row[i][j], &table->row[i][j], &inverse[j]);
    }
}
