/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sakke_lanes.h - the arithmetic of an encapsulation, several at a time.
 *
 * All that costs time is here, and nothing else: scalars in, points out, up
 * to MIKEY_LANES independent ones in one call, so that an implementation
 * with a lane of a vector for each can stand in its place.
 */
#ifndef MIKEY_SAKKE_LANES_H
#define MIKEY_SAKKE_LANES_H

#include "mikey/edwards.h"

#define MIKEY_LANES 8

struct mikey_lane_in {
    struct mikey_scalar r, rb; /* rb = r b mod q */
};

struct mikey_lane_out {
    struct mikey_point r; /* [rb]P + [r]Z */
    struct mikey_fp w;    /* g^r */
};

/*
 * Computes n lanes, 1..MIKEY_LANES, for the table of Z. Constant time.
 *
 * The mask is all ones when no point is the neutral element; otherwise out
 * means nothing.
 */
uint64_t mikey_sakke_lanes(const struct mikey_edwards_table *z,
    const struct mikey_lane_in *in, size_t n, struct mikey_lane_out *out);

/* The point of one lane as it comes: [rb]P + [r]Z. */
void mikey_sakke_lane_point(const struct mikey_edwards_table *z,
    const struct mikey_lane_in *in, struct mikey_edwards *out);

#endif
