/* SPDX-License-Identifier: Apache-2.0 */
/*
 * params.h - the group of SAKKE: parameter set 1 (RFC 6509 appendix A).
 *
 * The curve y^2 = x^3 - 3x over F_p is supersingular and cyclic of order
 * p + 1 = 4q, with (0,0) as its only point of order two. P has order q, and
 * g = <P,P> is an element of PF_p (mikey/torus.h) of order q.
 *
 * Field elements are in Montgomery form (mikey/fp.h).
 */
#ifndef MIKEY_PARAMS_H
#define MIKEY_PARAMS_H

#include "mikey/curve.h"
#include "mikey/mod.h"

extern const struct mikey_mod mikey_mod_p; /* 1024 bits, 3 mod 4 */
extern const struct mikey_mod mikey_mod_q; /* 1022 bits */

extern const struct mikey_point mikey_p;
extern const struct mikey_fp mikey_g;

/*
 * The two factors of the way from the Edwards form back to the curve
 * (mikey/edwards.h): 1/s and c/s for s = -1/sqrt(-3), c = sqrt(2/s).
 */
extern const struct mikey_fp mikey_edwards_u;
extern const struct mikey_fp mikey_edwards_v;

#endif
