/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torus.h - PF_p, the group in which pairings live (RFC 6508 clause 2.1).
 *
 * An element is a class of F_p^2 = F_p[i], i^2 = -1, without zero, modulo
 * factors from F_p. Written out it is the single element x2/x1 of F_p: the
 * class of 1 + i x2/x1. Here it stays a fraction, as every step that is a
 * factor from F_p may be dropped, and the inverse is a change of sign.
 */
#ifndef MIKEY_TORUS_H
#define MIKEY_TORUS_H

#include "mikey/fp.h"
#include "mikey/scalar.h"

struct mikey_torus {
    struct mikey_fp x1, x2; /* x1 + i x2, not both zero */
};

/* A fixed-base table of one element: see mikey/scalar.h. Entries are x2/x1. */
struct mikey_torus_table {
    struct mikey_fp row[MIKEY_ROWS][MIKEY_ROW];
};

void mikey_torus_one(struct mikey_torus *r);
void mikey_torus_mul(struct mikey_torus *r, const struct mikey_torus *a,
    const struct mikey_torus *b);
void mikey_torus_sqr(struct mikey_torus *r, const struct mikey_torus *a);

/* r = g^k by the table of g. Reads every entry of every row. */
void mikey_torus_power(struct mikey_torus *r,
    const struct mikey_torus_table *table, const struct mikey_scalar *k);

void mikey_torus_table_init(
    struct mikey_torus_table *table, const struct mikey_fp *g);

#endif
