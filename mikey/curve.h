/* SPDX-License-Identifier: Apache-2.0 */
/*
 * curve.h - points of y^2 = x^3 - 3x over F_p, and their octets
 * (RFC 6508 clause 4, RFC 6509 appendix A).
 *
 * Affine points only: additions are done in the Edwards form
 * (mikey/edwards.h), which has no exceptional cases.
 */
#ifndef MIKEY_CURVE_H
#define MIKEY_CURVE_H

#include "mikey/fp.h"

#define MIKEY_POINT_LEN 257 /* 04, x, y */

struct mikey_point {
    struct mikey_fp x, y;
};

/*
 * Reads 04 || x || y. The time taken depends on the length alone.
 *
 * Returns MU_OK; MU_E_CRYPTO for a wrong length or first octet, a coordinate
 * of p or more, a point not on the curve, or y = 0. The last refuses (0,0),
 * which is on the curve and is what a zeroed buffer looks like. The order of
 * the point is not checked.
 */
MU_MUST_CHECK enum mu_err mikey_point_read(
    struct span octets, struct mikey_point *out);

/* Writes MIKEY_POINT_LEN octets. */
void mikey_point_write(uint8_t *octets, const struct mikey_point *in);

#endif
