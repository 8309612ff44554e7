/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One lane after the other, by complete Edwards additions: eight products
 * each, and no case to tell apart. Affine additions that share inversions
 * across the batch need five and a square, but measured with their look-ups,
 * subtractions and a share of the inversion for 32 of them they are only 16
 * in 100 faster here, 13 for a whole encapsulation. For that they want
 * tables of their own, some hundred KiB of secret workspace, and a second,
 * complete path for the denominator that is zero. Where eight lanes make
 * subtractions and look-ups cheap, the balance may be another.
 */
#include "mikey/sakke_lanes.h"

#include "base/secret.h"
#include "mikey/tables.h"

void mikey_sakke_lane_point(const struct mikey_edwards_table *z,
    const struct mikey_lane_in *in, struct mikey_edwards *out)
{
    struct mikey_edwards_term term[2] = {
        {.table = &mikey_table_p}, {.table = z}};

    mikey_digits_init(&term[0].k, &in->rb);
    mikey_digits_init(&term[1].k, &in->r);
    mikey_edwards_sum(out, term, 2);
    mu_wipe(term, sizeof(term));
}

uint64_t mikey_sakke_lanes(const struct mikey_edwards_table *z,
    const struct mikey_lane_in *in, size_t n, struct mikey_lane_out *out)
{
    struct mikey_edwards point[MIKEY_LANES];
    struct mikey_fp divisor[2 * MIKEY_LANES];
    uint64_t good;

    for (size_t i = 0; i < n; i++) {
        struct mikey_torus w;

        mikey_sakke_lane_point(z, &in[i], &point[i]);
        mikey_edwards_denominator(&divisor[2 * i], &point[i]);
        mikey_torus_power(&w, &mikey_table_g, &in[i].r);
        divisor[2 * i + 1] = w.x1;
        out[i].w = w.x2;
        mu_wipe(&w, sizeof(w));
    }
    good = mikey_fp_inv_many(divisor, 2 * n);
    for (size_t i = 0; i < n; i++) {
        mikey_edwards_to_point(&out[i].r, &point[i], &divisor[2 * i]);
        fp_mul(&out[i].w, &out[i].w, &divisor[2 * i + 1]);
    }
    mu_wipe(point, sizeof(point));
    mu_wipe(divisor, sizeof(divisor));
    return good;
}
