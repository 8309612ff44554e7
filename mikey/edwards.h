/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edwards.h - the curve in its Edwards form, where addition is complete.
 *
 * y^2 = x^3 - 3x has the point (0,0) of order two and -3 is a square, so with
 * s = -1/sqrt(-3), u = s x and v = s y it becomes the Montgomery curve
 * v^2 / s = u^3 + u, and with c = sqrt(2/s)
 *
 *     X = c u / v,  Y = (u - 1) / (u + 1)
 *
 * the Edwards curve X^2 + Y^2 = 1 - X^2 Y^2. As 1 is a square and -1 is not,
 * one addition formula holds for all pairs of points, the neutral element
 * (0, 1) and doubling included: nothing to branch on.
 */
#ifndef MIKEY_EDWARDS_H
#define MIKEY_EDWARDS_H

#include "mikey/curve.h"
#include "mikey/scalar.h"

/* Extended coordinates: X = x/z, Y = y/z, XY = t/z; z is never zero. */
struct mikey_edwards {
    struct mikey_fp x, y, z, t;
};

/* An entry of a table: affine, with t = xy. */
struct mikey_edwards_entry {
    struct mikey_fp x, y, t;
};

/* A fixed-base table of one point: see mikey/scalar.h. 1.7 MiB. */
struct mikey_edwards_table {
    struct mikey_edwards_entry row[MIKEY_ROWS][MIKEY_ROW];
};

/* One term [k]Q of a sum, by the table of Q. */
struct mikey_edwards_term {
    const struct mikey_edwards_table *table;
    struct mikey_digits k;
};

void mikey_edwards_neutral(struct mikey_edwards *r);

/* Inverts, so for set-up rather than for each message. p is not (0,0). */
void mikey_edwards_from_point(
    struct mikey_edwards *r, const struct mikey_point *p);

void mikey_edwards_add(struct mikey_edwards *r, const struct mikey_edwards *a,
    const struct mikey_edwards *b);

/* r = the sum of n terms. Constant time: reads every entry of every row. */
void mikey_edwards_sum(
    struct mikey_edwards *r, const struct mikey_edwards_term *term, size_t n);

/* r = [k]Q by the table of Q: a sum of one term. */
void mikey_edwards_multiple(struct mikey_edwards *r,
    const struct mikey_edwards_table *table, const struct mikey_scalar *k);

/*
 * r = [k]Q without a table of Q: its odd multiples, 24 KiB, go to the caller's
 * row, who wipes it. Constant time. As an odd digit form of k or of q - k is
 * what multiplies (mikey/scalar.h), a point of even order never gives what the
 * part of it of order q would give.
 */
void mikey_edwards_multiply(struct mikey_edwards *r,
    struct mikey_edwards_entry row[MIKEY_ROW], const struct mikey_edwards *q,
    const struct mikey_scalar *k);

/* Fills the table of p, a point of any order: some 35 ms. */
void mikey_edwards_table_init(
    struct mikey_edwards_table *table, const struct mikey_edwards *p);

/* All ones for the neutral element. */
uint64_t mikey_edwards_is_neutral(const struct mikey_edwards *p);

/*
 * The way back in two steps, so that callers share one inversion among many
 * points: the denominator, then the point from its inverse. The denominator
 * is zero only for the neutral element and (0,0).
 */
void mikey_edwards_denominator(
    struct mikey_fp *r, const struct mikey_edwards *p);
void mikey_edwards_to_point(struct mikey_point *r,
    const struct mikey_edwards *p, const struct mikey_fp *inverse);

/*
 * All ones when p is the affine point q, both coordinates compared, without
 * an inversion; never for the neutral element.
 */
uint64_t mikey_edwards_equals_point(
    const struct mikey_edwards *p, const struct mikey_point *q);

#endif
