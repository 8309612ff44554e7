/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/scalar.h"

#include "base/secret.h"
#include "mikey/params.h"

#include <string.h>

uint64_t mikey_scalar_read(struct mikey_scalar *r, struct span octets)
{
    uint8_t padded[MIKEY_MOD_LEN] = {0};
    uint64_t good, above;

    if (octets.len == 0 || octets.len > sizeof(padded))
        return 0;
    memcpy(padded + sizeof(padded) - octets.len, octets.p, octets.len);
    good = mikey_mod_load(r->v, padded, &mikey_mod_q);
    mu_wipe(padded, sizeof(padded));
    above = r->v[0] >> 1; /* any bit but the lowest */
    for (int i = 1; i < MIKEY_LIMBS; i++)
        above |= r->v[i];
    return good & ~mikey_mask_zero(above);
}

void mikey_scalar_add(struct mikey_scalar *r, const struct mikey_scalar *a,
    const struct mikey_scalar *b)
{
    mikey_mod_add(r->v, a->v, b->v, &mikey_mod_q);
}

void mikey_scalar_mul(struct mikey_scalar *r, const struct mikey_scalar *a,
    const struct mikey_scalar *b)
{
    uint64_t t[MIKEY_LIMBS];

    /* (a 2^2048 / 2^1024) b / 2^1024 */
    mikey_mod_mul(t, a->v, mikey_mod_q.rr, &mikey_mod_q);
    mikey_mod_mul(r->v, t, b->v, &mikey_mod_q);
    mu_wipe(t, sizeof(t));
}

void mikey_scalar_inv(struct mikey_scalar *r, const struct mikey_scalar *a)
{
    static const uint64_t plain_one[MIKEY_LIMBS] = {1};
    uint64_t t[MIKEY_LIMBS];

    mikey_mod_mul(t, a->v, mikey_mod_q.rr, &mikey_mod_q);
    mikey_mod_inv(t, t, &mikey_mod_q);
    mikey_mod_mul(r->v, t, plain_one, &mikey_mod_q);
    mu_wipe(t, sizeof(t));
}

void mikey_digits_init(struct mikey_digits *d, const struct mikey_scalar *k)
{
    uint64_t borrow = 0;

    d->negate = (k->v[0] & 1) - 1;
    for (int i = 0; i < MIKEY_LIMBS; i++) { /* q - k; k = 0 gives q */
        unsigned __int128 limb =
            (unsigned __int128)mikey_mod_q.n[i] - k->v[i] - borrow;

        d->odd.v[i] = (uint64_t)limb;
        borrow = (uint64_t)(limb >> 64) & 1;
    }
    mikey_mod_select(d->odd.v, d->negate, d->odd.v, k->v);
}

struct mikey_digit mikey_digits_at(const struct mikey_digits *d, unsigned i)
{
    /* u has the bits of (k - 1) / 2 below bit wn - 1, which is set */
    unsigned bit = i * MIKEY_WINDOW + 1;
    unsigned limb = bit / 64, shift = bit % 64;
    uint64_t u = d->odd.v[limb] >> shift;
    struct mikey_digit out;

    if (shift > 64 - MIKEY_WINDOW && limb + 1 < MIKEY_LIMBS)
        u |= d->odd.v[limb + 1] << (64 - shift);
    u |= i == MIKEY_DIGITS - 1 ? MIKEY_ROW : 0;

    out.negate = (u >> (MIKEY_WINDOW - 1) & 1) - 1; /* u_i < 2^(w-1) */
    out.index = (u ^ out.negate) & (MIKEY_ROW - 1);
    out.negate ^= d->negate;
    return out;
}
