/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/pairing.h"

#include "base/secret.h"
#include "mikey/params.h"

#include <assert.h>

/* Lines that share an inversion. */
#define SHARED 16

/* The top digit of q - 1, which the loop starts behind. */
#define TOP 1021

/*
 * The non-adjacent form of n = q - 1: digit i is bit i + 1 of 3n less that
 * bit of n. A digit of -1 adds a line through -K: dividing by the function
 * of the other sign differs from it by a factor from F_p. As n is even, the
 * loop ends in a doubling, and the vertical line of the missing step to q
 * is such a factor, too. Public all of it.
 */
struct loop {
    uint64_t n[MIKEY_LIMBS], triple[MIKEY_LIMBS];
};

static void loop_init(struct loop *l)
{
    unsigned __int128 carry = 0;

    for (int i = 0; i < MIKEY_LIMBS; i++) {
        l->n[i] = mikey_mod_q.n[i] - (i == 0); /* q is odd: no borrow */
        carry += (unsigned __int128)l->n[i] * 3;
        l->triple[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static int loop_digit(const struct loop *l, unsigned i)
{
    unsigned limb = (i + 1) / 64, shift = (i + 1) % 64;

    return (int)(l->triple[limb] >> shift & 1) - (int)(l->n[limb] >> shift & 1);
}

/* The table while it grows: numerators stand in the lines until SHARED
 * denominators are there to be inverted together. */
struct maker {
    struct mikey_line *line; /* the first one still to be divided */
    struct mikey_fp denominator[SHARED];
    unsigned waiting;
    uint64_t good;
    struct mikey_fp x, y, z; /* Jacobian: x/z^2, y/z^3 */
};

static void divide(struct maker *m)
{
    m->good &= mikey_fp_inv_many(m->denominator, m->waiting);
    for (unsigned i = 0; i < m->waiting; i++, m->line++) {
        fp_mul(&m->line->slope, &m->line->slope, &m->denominator[i]);
        fp_mul(&m->line->constant, &m->line->constant, &m->denominator[i]);
    }
    m->waiting = 0;
}

static void add_line(struct maker *m, const struct mikey_fp *slope,
    const struct mikey_fp *constant, const struct mikey_fp *denominator)
{
    m->line[m->waiting] = (struct mikey_line){*slope, *constant};
    m->denominator[m->waiting++] = *denominator;
    if (m->waiting == SHARED)
        divide(m);
}

/* C = 2C and the tangent at the old C: with alpha = 3(x - z^2)(x + z^2) it is
 * (alpha z^2 Q_x + alpha x - 2 y^2) / (2 y z^3) + i Q_y. */
static void step_double(struct maker *m)
{
    struct mikey_fp delta, gamma, beta, alpha, t, slope, constant;

    fp_sqr(&delta, &m->z);
    fp_sqr(&gamma, &m->y);
    fp_mul(&beta, &m->x, &gamma);
    fp_sub(&t, &m->x, &delta);
    fp_add(&alpha, &m->x, &delta);
    fp_mul(&t, &t, &alpha);
    fp_add(&alpha, &t, &t);
    fp_add(&alpha, &alpha, &t);

    fp_mul(&slope, &alpha, &delta);
    fp_mul(&constant, &alpha, &m->x);
    fp_sub(&constant, &constant, &gamma);
    fp_sub(&constant, &constant, &gamma);

    fp_mul(&m->z, &m->y, &m->z);
    fp_add(&m->z, &m->z, &m->z); /* 2 y z */
    fp_mul(&t, &m->z, &delta);
    add_line(m, &slope, &constant, &t);

    fp_add(&beta, &beta, &beta);
    fp_add(&beta, &beta, &beta); /* 4 x y^2 */
    fp_sqr(&m->x, &alpha);
    fp_sub(&m->x, &m->x, &beta);
    fp_sub(&m->x, &m->x, &beta);
    fp_sub(&t, &beta, &m->x);
    fp_mul(&m->y, &alpha, &t);
    fp_sqr(&t, &gamma);
    fp_add(&t, &t, &t);
    fp_add(&t, &t, &t);
    fp_add(&t, &t, &t); /* 8 y^4 */
    fp_sub(&m->y, &m->y, &t);
}

/* C = C + K and the chord: with h = k_x z^2 - x and w = k_y z^3 - y it is
 * (w (Q_x + k_x) - z h k_y) / (z h) + i Q_y. */
static void step_add(struct maker *m, const struct mikey_point *k)
{
    struct mikey_fp h, w, t, constant, cube;

    fp_sqr(&t, &m->z);
    fp_mul(&h, &k->x, &t);
    fp_sub(&h, &h, &m->x);
    fp_mul(&t, &t, &m->z);
    fp_mul(&w, &k->y, &t);
    fp_sub(&w, &w, &m->y);

    fp_mul(&m->z, &m->z, &h);
    fp_mul(&constant, &w, &k->x);
    fp_mul(&t, &m->z, &k->y);
    fp_sub(&constant, &constant, &t);
    add_line(m, &w, &constant, &m->z);

    fp_sqr(&t, &h);
    fp_mul(&cube, &t, &h);
    fp_mul(&t, &t, &m->x); /* x h^2 */
    fp_sqr(&m->x, &w);
    fp_sub(&m->x, &m->x, &cube);
    fp_sub(&m->x, &m->x, &t);
    fp_sub(&m->x, &m->x, &t);
    fp_mul(&cube, &cube, &m->y);
    fp_sub(&t, &t, &m->x);
    fp_mul(&m->y, &w, &t);
    fp_sub(&m->y, &m->y, &cube);
}

/* C = K, as a mask. */
static uint64_t arrived(const struct maker *m, const struct mikey_point *k)
{
    struct mikey_fp square, t;
    uint64_t good = ~fp_is_zero(&m->z);

    fp_sqr(&square, &m->z);
    fp_mul(&t, &k->x, &square);
    good &= fp_equal(&t, &m->x);
    fp_mul(&square, &square, &m->z);
    fp_mul(&t, &k->y, &square);
    return good & fp_equal(&t, &m->y);
}

uint64_t mikey_pairing_init(
    struct mikey_pairing *pairing, const struct mikey_point *k)
{
    struct mikey_point minus = {k->x, k->y};
    struct maker m = {.line = pairing->line,
        .good = ~(uint64_t)0,
        .x = k->x,
        .y = k->y,
        .z = fp_one()};
    struct loop l;
    uint64_t good;

    loop_init(&l);
    mikey_fp_negate_if(&minus.y, ~(uint64_t)0, &k->y);
    for (unsigned i = TOP; i-- > 0;) {
        step_double(&m);
        if (loop_digit(&l, i) != 0)
            step_add(&m, loop_digit(&l, i) > 0 ? k : &minus);
    }
    divide(&m);
    assert(m.line == pairing->line + MIKEY_PAIRING_LINES);
    good = m.good & arrived(&m, &minus);
    mu_wipe(&m, sizeof(m));
    mu_wipe(&minus, sizeof(minus));
    return good;
}

static void mul_line(struct mikey_torus *r, const struct mikey_line *line,
    const struct mikey_point *q)
{
    struct mikey_torus at = {.x2 = q->y};

    fp_mul(&at.x1, &line->slope, &q->x);
    fp_add(&at.x1, &at.x1, &line->constant);
    mikey_torus_mul(r, r, &at);
}

void mikey_pairing_at(struct mikey_torus *r,
    const struct mikey_pairing *pairing, const struct mikey_point *q)
{
    const struct mikey_line *line = pairing->line;
    struct loop l;

    loop_init(&l);
    mikey_torus_one(r);
    for (unsigned i = TOP; i-- > 0;) {
        mikey_torus_sqr(r, r);
        mul_line(r, line++, q);
        if (loop_digit(&l, i) != 0)
            mul_line(r, line++, q);
    }
    /* the final exponent is (p + 1) / q = 4, RFC 6508 clause 3.2 */
    mikey_torus_sqr(r, r);
    mikey_torus_sqr(r, r);
}
