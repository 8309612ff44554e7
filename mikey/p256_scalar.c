/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/p256_scalar.h"

#include <string.h>

#include "base/ct.h"
#include "base/secret.h"

#define LIMBS 4

__extension__ typedef unsigned __int128 wide;

/* q, least significant limb first; 2^255 < q < 2^256. */
static const uint64_t order[LIMBS] = {
    0xf3b9cac2fc632551, 0xbce6faada7179e84, UINT64_MAX, 0xffffffff00000000};

/* q - 2, the exponent of inversion (Fermat); public, like all of q. */
static const uint64_t order_minus_2[LIMBS] = {
    0xf3b9cac2fc63254f, 0xbce6faada7179e84, UINT64_MAX, 0xffffffff00000000};

/* -1/q mod 2^64 */
static const uint64_t neg_inv = 0xccd1c8aaee00bc4f;

/* 2^256 mod q, which is 1 in Montgomery form, and 2^512 mod q. */
static const struct mikey_p256_scalar one = {
    {0x0c46353d039cdaaf, 0x4319055258e8617b, 0, 0x00000000ffffffff}};
static const struct mikey_p256_scalar two_512 = {{0x83244c95be79eea2,
    0x4699799c49bd6fa6, 0x2845b2392b6bec59, 0x66e12d94f3d95620}};

void mikey_p256_scalar_clear(struct mikey_p256_scalar *s)
{
    mu_wipe(s, sizeof(*s));
}

/* out = a - b mod 2^256; 1 if it borrowed, that is, if a < b. */
static uint64_t sub_limbs(
    uint64_t out[LIMBS], const uint64_t a[LIMBS], const uint64_t b[LIMBS])
{
    uint64_t borrow = 0;

    for (int i = 0; i < LIMBS; i++) {
        wide x = (wide)a[i] - b[i] - borrow;

        out[i] = (uint64_t)x;
        borrow = (uint64_t)(x >> 64) & 1;
    }
    return borrow;
}

/* out = t mod q, for t = top * 2^256 + low and t < 2q. */
static void sub_order_once(
    uint64_t out[LIMBS], const uint64_t low[LIMBS], uint64_t top)
{
    uint64_t less[LIMBS];
    uint64_t keep; /* all ones when t < q, then nothing is subtracted */

    keep = 0 - (sub_limbs(less, low, order) & (top ^ 1));
    for (int i = 0; i < LIMBS; i++)
        out[i] = (low[i] & keep) | (less[i] & ~keep);
    mu_wipe(less, sizeof(less));
}

/*
 * t = (t + a b + m q) / 2^64, with m such that the division is exact; t has
 * LIMBS + 1 limbs.
 *
 * t < 2q stays so for b < q: (2q + (2^64 - 1) q + (2^64 - 1) q) / 2^64 = 2q.
 * A column adds at most (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1, and the top
 * of the sum before the division is below 2^65.
 */
static inline void mul_limb(
    uint64_t t[LIMBS + 1], uint64_t a, const uint64_t b[LIMBS])
{
    wide x = (wide)a * b[0] + t[0];
    uint64_t m = (uint64_t)x * neg_inv;
    wide y = (wide)m * order[0] + (uint64_t)x;

#pragma GCC unroll 4
    for (int i = 1; i < LIMBS; i++) {
        x = (wide)a * b[i] + t[i] + (uint64_t)(x >> 64);
        y = (wide)m * order[i] + (uint64_t)x + (uint64_t)(y >> 64);
        t[i - 1] = (uint64_t)y;
    }
    x = (wide)t[LIMBS] + (uint64_t)(x >> 64) + (uint64_t)(y >> 64);
    t[LIMBS - 1] = (uint64_t)x;
    t[LIMBS] = (uint64_t)(x >> 64);
}

/* out = a * b / 2^256 mod q (Montgomery), for a < 2^256 and b < q. */
static void mul_mont(
    uint64_t out[LIMBS], const uint64_t a[LIMBS], const uint64_t b[LIMBS])
{
    uint64_t t[LIMBS + 1] = {0};

#pragma GCC unroll 4
    for (int i = 0; i < LIMBS; i++)
        mul_limb(t, a[i], b);
    sub_order_once(out, t, t[LIMBS]);
    mu_wipe(t, sizeof(t));
}

static void read_limbs(
    const uint8_t in[MIKEY_P256_SCALAR_LEN], uint64_t out[LIMBS])
{
    for (int i = 0; i < LIMBS; i++) {
        out[LIMBS - 1 - i] = 0;
        for (int k = 0; k < 8; k++)
            out[LIMBS - 1 - i] = out[LIMBS - 1 - i] << 8 | in[8 * i + k];
    }
}

void mikey_p256_scalar_reduce(
    const uint8_t in[MIKEY_P256_SCALAR_LEN], struct mikey_p256_scalar *out)
{
    uint64_t v[LIMBS];

    read_limbs(in, v);
    mul_mont(out->m, v, two_512.m); /* v < 2^256 is all it asks of v */
    mu_wipe(v, sizeof(v));
}

void mikey_p256_scalar_reduce_wide(
    const uint8_t in[2 * MIKEY_P256_SCALAR_LEN], struct mikey_p256_scalar *out)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar high, low;

    mikey_p256_scalar_reduce(in, &high);
    mikey_p256_scalar_reduce(in + MIKEY_P256_SCALAR_LEN, &low);
    mikey_p256_scalar_mul(&high, &high, &two_512); /* high * 2^256 */
    mikey_p256_scalar_add(out, &high, &low);
}

enum mu_err mikey_p256_scalar_read(
    const uint8_t in[MIKEY_P256_SCALAR_LEN], struct mikey_p256_scalar *out)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar s;
    uint64_t v[LIMBS], rest[LIMBS];
    uint64_t below_order;

    read_limbs(in, v);
    below_order = sub_limbs(rest, v, order);
    mu_wipe(v, sizeof(v));
    mu_wipe(rest, sizeof(rest));
    mikey_p256_scalar_reduce(in, &s);
    /* A key out of range is refused, which everybody sees. */
    MU_CT_DECLASSIFY(&below_order, sizeof(below_order));
    if (below_order == 0 || mikey_p256_scalar_is_zero(&s))
        return MU_E_MALFORMED;
    *out = s;
    return MU_OK;
}

void mikey_p256_scalar_write(
    const struct mikey_p256_scalar *in, uint8_t out[MIKEY_P256_SCALAR_LEN])
{
    static const uint64_t plain_one[LIMBS] = {1};
    uint64_t v[LIMBS];

    mul_mont(v, in->m, plain_one);
    for (int i = 0; i < MIKEY_P256_SCALAR_LEN; i++)
        out[i] = (uint8_t)(v[LIMBS - 1 - i / 8] >> (56 - 8 * (i % 8)));
    mu_wipe(v, sizeof(v));
}

void mikey_p256_scalar_add(struct mikey_p256_scalar *out,
    const struct mikey_p256_scalar *a, const struct mikey_p256_scalar *b)
{
    uint64_t sum[LIMBS];
    wide x = 0;

    for (int i = 0; i < LIMBS; i++) {
        x = (wide)a->m[i] + b->m[i] + (uint64_t)(x >> 64);
        sum[i] = (uint64_t)x;
    }
    sub_order_once(out->m, sum, (uint64_t)(x >> 64)); /* a, b < q: sum < 2q */
    mu_wipe(sum, sizeof(sum));
}

void mikey_p256_scalar_mul(struct mikey_p256_scalar *out,
    const struct mikey_p256_scalar *a, const struct mikey_p256_scalar *b)
{
    mul_mont(out->m, a->m, b->m);
}

/*
 * a^(q-2), four bits of the exponent at a time. Only the exponent, which is
 * public, picks table rows.
 */
void mikey_p256_scalar_inv(
    struct mikey_p256_scalar *out, const struct mikey_p256_scalar *a)
{
    struct mikey_p256_scalar power[16];
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar acc = one;

    power[0] = one;
    for (int i = 1; i < 16; i++)
        mikey_p256_scalar_mul(&power[i], &power[i - 1], a);
    for (int bit = 252; bit >= 0; bit -= 4) {
        for (int i = 0; i < 4; i++)
            mikey_p256_scalar_mul(&acc, &acc, &acc);
        mikey_p256_scalar_mul(
            &acc, &acc, &power[order_minus_2[bit / 64] >> bit % 64 & 15]);
    }
    *out = acc;
    mu_wipe(power, sizeof(power));
}

bool mikey_p256_scalar_is_zero(const struct mikey_p256_scalar *a)
{
    uint64_t any = a->m[0] | a->m[1] | a->m[2] | a->m[3];

    MU_CT_DECLASSIFY(&any, sizeof(any));
    return any == 0;
}
