/* SPDX-License-Identifier: Apache-2.0 */
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
