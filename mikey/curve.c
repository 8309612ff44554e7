/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/curve.h"

#include "base/ct.h"
#include "base/secret.h"

/* y^2 = x^3 - 3x = x (x^2 - 3), as a mask. */
static uint64_t on_curve(const struct mikey_point *p)
{
    struct mikey_fp three = fp_one();
    struct mikey_fp left, right;
    uint64_t equal;

    fp_add(&right, &three, &three);
    fp_add(&three, &right, &three);
    fp_sqr(&right, &p->x);
    fp_sub(&right, &right, &three);
    fp_mul(&right, &right, &p->x);
    fp_sqr(&left, &p->y);
    equal = fp_equal(&left, &right);
    mu_wipe(&left, sizeof(left));
    mu_wipe(&right, sizeof(right));
    return equal;
}

enum mu_err mikey_point_read(struct span octets, struct mikey_point *out)
{
    struct mikey_point p;
    uint64_t good;

    if (octets.len != MIKEY_POINT_LEN)
        return MU_E_CRYPTO;
    good = mikey_mask_zero(octets.p[0] ^ 4u);
    good &= mikey_fp_read(&p.x, octets.p + 1);
    good &= mikey_fp_read(&p.y, octets.p + 1 + MIKEY_MOD_LEN);
    good &= on_curve(&p);
    good &= ~fp_is_zero(&p.y);
    /* Public: that a key or a ciphertext is refused shows in any case. */
    MU_CT_DECLASSIFY(&good, sizeof(good));
    if (good != 0)
        *out = p;
    mu_wipe(&p, sizeof(p)); /* it may be a receiver's key */
    return good != 0 ? MU_OK : MU_E_CRYPTO;
}

void mikey_point_write(uint8_t *octets, const struct mikey_point *in)
{
    octets[0] = 4; /* uncompressed, RFC 6508 clause 4 */
    mikey_fp_write(octets + 1, &in->x);
    mikey_fp_write(octets + 1 + MIKEY_MOD_LEN, &in->y);
}
