/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pairing.h - the Tate-Lichtenbaum pairing <K,Q> of RFC 6508 clause 3.2.
 *
 * The pairing is symmetric on the group of order q, so the point that stays
 * the same, a receiver's key K, is made the argument of Miller's loop. All
 * lines of the loop then depend on K alone and are a table; a pairing only
 * evaluates them at Q.
 */
#ifndef MIKEY_PAIRING_H
#define MIKEY_PAIRING_H

#include "mikey/curve.h"
#include "mikey/torus.h"

/* 1021 doublings and 352 additions: q - 1 in its non-adjacent form. */
#define MIKEY_PAIRING_LINES 1373

/* Its value at the distorted point (-x, iy) is slope x + constant + iy. */
struct mikey_line {
    struct mikey_fp slope, constant;
};

/* 343 KiB; secret when the point is. */
struct mikey_pairing {
    struct mikey_line line[MIKEY_PAIRING_LINES];
};

/*
 * Makes the lines of k, a point on the curve with y not zero.
 *
 * The mask is all ones when k has order q. This comes free of charge: the
 * loop arrives at [q-1]K, which is -K for just these points. The time taken
 * does not depend on k.
 */
uint64_t mikey_pairing_init(
    struct mikey_pairing *pairing, const struct mikey_point *k);

/*
 * r = <K,Q> in PF_p, for a point q on the curve. Points of another curve
 * would go through unnoticed: the formulas do not see the curve's constants.
 */
void mikey_pairing_at(struct mikey_torus *r,
    const struct mikey_pairing *pairing, const struct mikey_point *q);

#endif
