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

static void square_window(struct mikey_torus *r)
{
    for (int i = 0; i < MIKEY_WINDOW; i++)
        mikey_torus_sqr(r, r);
}

void mikey_torus_power(struct mikey_torus *r,
    const struct mikey_torus_table *table, const struct mikey_scalar *k)
{
    struct mikey_digits digits;
    struct mikey_fp entry;

    mikey_digits_init(&digits, k);
    mikey_torus_one(r);
    for (unsigned odd = 2; odd-- > 0;) {
        for (unsigned i = 0; i < MIKEY_ROWS; i++) {
            struct mikey_digit d = mikey_digits_at(&digits, 2 * i + odd);

            mikey_fp_look_up(&entry, table->row[i], 1, MIKEY_ROW, d.index);
            mikey_fp_negate_if(&entry, d.negate, &entry);
            mul_entry(r, &entry);
        }
        if (odd != 0)
            square_window(r);
    }
    mu_wipe(&entry, sizeof(entry));
    mu_wipe(&digits, sizeof(digits));
}

/* The odd powers of base as x2/x1; then base = base^(2^7). */
static void fill_row(struct mikey_fp *row, struct mikey_torus *base)
{
    struct mikey_torus power = *base, square;
    struct mikey_fp divisor[MIKEY_FP_MANY];

    mikey_torus_sqr(&square, base);
    for (unsigned i = 0; i < MIKEY_ROW; i++) {
        unsigned waiting = i % MIKEY_FP_MANY;

        row[i] = power.x2;
        divisor[waiting] = power.x1; /* zero only in the class of order 2 */
        if (i + 1 < MIKEY_ROW)
            mikey_torus_mul(&power, &power, &square);
        if (waiting + 1 < MIKEY_FP_MANY)
            continue;
        (void)mikey_fp_inv_many(divisor, MIKEY_FP_MANY);
        for (unsigned j = 0; j < MIKEY_FP_MANY; j++)
            fp_mul(&row[i - j], &row[i - j], &divisor[waiting - j]);
    }
    mikey_torus_mul(base, base, &power); /* 1 + 127 = 2^7 */
}

void mikey_torus_table_init(
    struct mikey_torus_table *table, const struct mikey_fp *g)
{
    struct mikey_torus base = {fp_one(), *g};

    for (unsigned i = 0; i < MIKEY_ROWS; i++) {
        fill_row(table->row[i], &base);
        square_window(&base); /* past the odd digit */
    }
}
