/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/edwards.h"

#include "base/secret.h"
#include "mikey/params.h"

#include <string.h>

void mikey_edwards_neutral(struct mikey_edwards *r)
{
    r->x = fp_zero();
    r->y = fp_one();
    r->z = fp_one();
    r->t = fp_zero();
}

void mikey_edwards_from_point(
    struct mikey_edwards *r, const struct mikey_point *p)
{
    struct mikey_fp one = fp_one();
    struct mikey_fp c, inverse, up, down;

    /* x / (1/s) = u; c = (c/s) / (1/s); u + 1 is never zero: the points with
     * u = -1 are the ones at infinity, and those are not rational. */
    fp_inv(&inverse, &mikey_edwards_u);
    fp_mul(&c, &mikey_edwards_v, &inverse);
    fp_mul(&inverse, &inverse, &p->x);
    fp_sub(&up, &inverse, &one);
    fp_add(&down, &inverse, &one);

    /* X = c x / y = xn / y, Y = up / down, over the common y down */
    fp_mul(&c, &c, &p->x);
    fp_mul(&r->x, &c, &down);
    fp_mul(&r->y, &up, &p->y);
    fp_mul(&r->z, &down, &p->y);
    fp_mul(&r->t, &c, &up); /* XY z = (c x / y)(up / down) y down */
}

/* The common part of both additions: a = X1 X2, b = Y1 Y2, c = T1 T2, d the
 * product of the z, e = (X1 + Y1)(X2 + Y2). */
struct partial {
    struct mikey_fp a, b, c, d, e;
};

static void combine(struct mikey_edwards *r, struct partial *p)
{
    struct mikey_fp f, g, h;

    fp_sub(&p->e, &p->e, &p->a);
    fp_sub(&p->e, &p->e, &p->b);
    fp_add(&f, &p->d, &p->c); /* the curve constant -1 is in these signs */
    fp_sub(&g, &p->d, &p->c);
    fp_sub(&h, &p->b, &p->a);
    fp_mul(&r->x, &p->e, &f);
    fp_mul(&r->y, &g, &h);
    fp_mul(&r->t, &p->e, &h);
    fp_mul(&r->z, &f, &g);
}

void mikey_edwards_add(struct mikey_edwards *r, const struct mikey_edwards *a,
    const struct mikey_edwards *b)
{
    struct partial p;
    struct mikey_fp sum;

    fp_mul(&p.a, &a->x, &b->x);
    fp_mul(&p.b, &a->y, &b->y);
    fp_mul(&p.c, &a->t, &b->t);
    fp_mul(&p.d, &a->z, &b->z);
    fp_add(&sum, &b->x, &b->y);
    fp_add(&p.e, &a->x, &a->y);
    fp_mul(&p.e, &p.e, &sum);
    combine(r, &p);
}

static void add_entry(
    struct mikey_edwards *r, const struct mikey_edwards_entry *entry)
{
    struct partial p;
    struct mikey_fp sum;

    fp_mul(&p.a, &r->x, &entry->x);
    fp_mul(&p.b, &r->y, &entry->y);
    fp_mul(&p.c, &r->t, &entry->t);
    p.d = r->z;
    fp_add(&sum, &entry->x, &entry->y);
    fp_add(&p.e, &r->x, &r->y);
    fp_mul(&p.e, &p.e, &sum);
    combine(r, &p);
}

/* The entry at a secret index: the whole row is read. */
static void select_entry(struct mikey_edwards_entry *r,
    const struct mikey_edwards_entry *row, struct mikey_digit digit)
{
    memset(r, 0, sizeof(*r));
    for (uint64_t i = 0; i < MIKEY_ROW; i++) {
        uint64_t mask = mikey_mask_zero(i ^ digit.index);

        for (int j = 0; j < MIKEY_LIMBS; j++) {
            r->x.v[j] |= row[i].x.v[j] & mask;
            r->y.v[j] |= row[i].y.v[j] & mask;
            r->t.v[j] |= row[i].t.v[j] & mask;
        }
    }
    mikey_fp_negate_if(&r->x, digit.negate, &r->x);
    mikey_fp_negate_if(&r->t, digit.negate, &r->t);
}

void mikey_edwards_add_multiple(struct mikey_edwards *r,
    const struct mikey_edwards_table *table, const struct mikey_scalar *k)
{
    struct mikey_edwards_entry entry;
    struct mikey_digits digits;

    mikey_digits_init(&digits, k);
    for (unsigned i = 0; i < MIKEY_ROWS; i++) {
        select_entry(&entry, table->row[i], mikey_digits_at(&digits, i));
        add_entry(r, &entry);
    }
    mu_wipe(&entry, sizeof(entry));
    mu_wipe(&digits, sizeof(digits));
}

/* Brings a row of (x, y, z), with z in place of t, to the form of a table. */
static void normalise(struct mikey_edwards_entry *row)
{
    struct mikey_fp inverse[MIKEY_ROW];

    for (unsigned i = 0; i < MIKEY_ROW; i++)
        inverse[i] = row[i].t;
    (void)mikey_fp_inv_many(inverse, MIKEY_ROW); /* z is never zero */
    for (unsigned i = 0; i < MIKEY_ROW; i++) {
        fp_mul(&row[i].x, &row[i].x, &inverse[i]);
        fp_mul(&row[i].y, &row[i].y, &inverse[i]);
        fp_mul(&row[i].t, &row[i].x, &row[i].y);
    }
}

void mikey_edwards_table_init(
    struct mikey_edwards_table *table, const struct mikey_edwards *p)
{
    struct mikey_edwards base = *p;

    for (unsigned i = 0; i < MIKEY_ROWS; i++) {
        struct mikey_edwards multiple = base, twice;

        mikey_edwards_add(&twice, &base, &base);
        for (unsigned j = 0; j < MIKEY_ROW; j++) {
            table->row[i][j] = (struct mikey_edwards_entry){
                multiple.x, multiple.y, multiple.z};
            if (j + 1 < MIKEY_ROW)
                mikey_edwards_add(&multiple, &multiple, &twice);
        }
        mikey_edwards_add(&base, &multiple, &base); /* 63 + 1 = 2^6 */
        normalise(table->row[i]);
    }
}

uint64_t mikey_edwards_is_neutral(const struct mikey_edwards *p)
{
    return fp_is_zero(&p->x) & fp_equal(&p->y, &p->z);
}

void mikey_edwards_denominator(
    struct mikey_fp *r, const struct mikey_edwards *p)
{
    fp_sub(r, &p->z, &p->y);
    fp_mul(r, r, &p->x);
}

/* u = (z + y) / (z - y), x = u / s, y = c u z / (s X). */
void mikey_edwards_to_point(struct mikey_point *r,
    const struct mikey_edwards *p, const struct mikey_fp *inverse)
{
    struct mikey_fp sum;

    fp_add(&sum, &p->z, &p->y);
    fp_mul(&sum, &sum, inverse); /* (z + y) / (X (z - y)) */
    fp_mul(&r->x, &sum, &p->x);
    fp_mul(&r->x, &r->x, &mikey_edwards_u);
    fp_mul(&r->y, &sum, &p->z);
    fp_mul(&r->y, &r->y, &mikey_edwards_v);
}

uint64_t mikey_edwards_equals_point(
    const struct mikey_edwards *p, const struct mikey_point *q)
{
    struct mikey_fp sum, difference, left, right;
    uint64_t equal;

    fp_add(&sum, &p->z, &p->y);
    fp_sub(&difference, &p->z, &p->y);
    fp_mul(&left, &q->x, &difference);
    fp_mul(&right, &mikey_edwards_u, &sum);
    equal = fp_equal(&left, &right);
    fp_mul(&left, &q->y, &difference);
    fp_mul(&left, &left, &p->x);
    fp_mul(&right, &mikey_edwards_v, &sum);
    fp_mul(&right, &right, &p->z);
    equal &= fp_equal(&left, &right);
    mu_wipe(&left, sizeof(left));
    mu_wipe(&right, sizeof(right));
    return equal;
}
