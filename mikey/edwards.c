/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/edwards.h"

#include "base/secret.h"
#include "mikey/params.h"

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
    mu_wipe(&c, sizeof(c));
    mu_wipe(&inverse, sizeof(inverse));
    mu_wipe(&up, sizeof(up));
    mu_wipe(&down, sizeof(down));
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

/* The entry for a secret digit. */
static void look_up(struct mikey_edwards_entry *r,
    const struct mikey_edwards_entry *row, struct mikey_digit digit)
{
    const size_t stride = sizeof(*row) / sizeof(row->x);

    mikey_fp_look_up(&r->x, &row->x, stride, MIKEY_ROW, digit.index);
    mikey_fp_look_up(&r->y, &row->y, stride, MIKEY_ROW, digit.index);
    mikey_fp_look_up(&r->t, &row->t, stride, MIKEY_ROW, digit.index);
    mikey_fp_negate_if(&r->x, digit.negate, &r->x);
    mikey_fp_negate_if(&r->t, digit.negate, &r->t);
}

static void double_window(struct mikey_edwards *r)
{
    for (int i = 0; i < MIKEY_WINDOW; i++)
        mikey_edwards_add(r, r, r);
}

void mikey_edwards_sum(
    struct mikey_edwards *r, const struct mikey_edwards_term *term, size_t n)
{
    struct mikey_edwards_entry entry;

    mikey_edwards_neutral(r);
    for (unsigned odd = 2; odd-- > 0;) {
        for (unsigned i = 0; i < n * MIKEY_ROWS; i++) {
            const struct mikey_edwards_term *t = &term[i / MIKEY_ROWS];
            unsigned row = i % MIKEY_ROWS;

            look_up(&entry, t->table->row[row],
                mikey_digits_at(&t->k, 2 * row + odd));
            add_entry(r, &entry);
        }
        if (odd != 0)
            double_window(r);
    }
    mu_wipe(&entry, sizeof(entry));
}

void mikey_edwards_multiple(struct mikey_edwards *r,
    const struct mikey_edwards_table *table, const struct mikey_scalar *k)
{
    struct mikey_edwards_term term = {.table = table};

    mikey_digits_init(&term.k, k);
    mikey_edwards_sum(r, &term, 1);
    mu_wipe(&term, sizeof(term));
}

/* Brings n entries (x, y, z), with z in place of t, to the form of a table. */
static void normalise(struct mikey_edwards_entry *entry, size_t n)
{
    struct mikey_fp inverse[MIKEY_FP_MANY];

    for (size_t i = 0; i < n; i++)
        inverse[i] = entry[i].t;
    (void)mikey_fp_inv_many(inverse, n); /* z is never zero */
    for (size_t i = 0; i < n; i++) {
        fp_mul(&entry[i].x, &entry[i].x, &inverse[i]);
        fp_mul(&entry[i].y, &entry[i].y, &inverse[i]);
        fp_mul(&entry[i].t, &entry[i].x, &entry[i].y);
    }
    mu_wipe(inverse, sizeof(inverse));
}

/* The odd multiples of base, which may be a key; then base = 2^7 base. */
static void fill_row(
    struct mikey_edwards_entry *row, struct mikey_edwards *base)
{
    struct mikey_edwards multiple = *base, twice;

    mikey_edwards_add(&twice, base, base);
    for (unsigned i = 0; i < MIKEY_ROW; i++) {
        row[i] =
            (struct mikey_edwards_entry){multiple.x, multiple.y, multiple.z};
        if (i + 1 < MIKEY_ROW)
            mikey_edwards_add(&multiple, &multiple, &twice);
    }
    mikey_edwards_add(base, base, &multiple); /* 1 + 127 = 2^7 */
    for (unsigned i = 0; i < MIKEY_ROW; i += MIKEY_FP_MANY)
        normalise(row + i, MIKEY_FP_MANY);
    mu_wipe(&multiple, sizeof(multiple));
    mu_wipe(&twice, sizeof(twice));
}

void mikey_edwards_multiply(struct mikey_edwards *r,
    struct mikey_edwards_entry row[MIKEY_ROW], const struct mikey_edwards *q,
    const struct mikey_scalar *k)
{
    struct mikey_edwards base = *q;
    struct mikey_edwards_entry entry;
    struct mikey_digits digits;

    fill_row(row, &base);
    mikey_digits_init(&digits, k);
    mikey_edwards_neutral(r);
    for (unsigned i = MIKEY_DIGITS; i-- > 0;) {
        double_window(r);
        look_up(&entry, row, mikey_digits_at(&digits, i));
        add_entry(r, &entry);
    }
    mu_wipe(&entry, sizeof(entry));
    mu_wipe(&digits, sizeof(digits));
    mu_wipe(&base, sizeof(base));
}

void mikey_edwards_table_init(
    struct mikey_edwards_table *table, const struct mikey_edwards *p)
{
    struct mikey_edwards base = *p;

    for (unsigned i = 0; i < MIKEY_ROWS; i++) {
        fill_row(table->row[i], &base);
        double_window(&base); /* past the odd digit */
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
