/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/p256.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ct.h"
#include "base/secret.h"

#define UNCOMPRESSED 0x04
#define FIELD_LEN    32

struct mikey_p256 {
    EC_GROUP *group;
};

// clang-format off
const uint8_t mikey_p256_base[MIKEY_P256_POINT_LEN] = {
    0x04,
    0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47,
    0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
    0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b,
    0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
    0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce,
    0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};
// clang-format on

enum mu_err mikey_p256_new(struct mikey_p256 **out)
{
    struct mikey_p256 *curve = mu_alloc(sizeof(*curve));

    if (curve == NULL)
        return MU_E_NO_MEMORY;
    curve->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    if (curve->group == NULL) {
        mu_free(curve);
        return MU_E_NO_MEMORY;
    }
    *out = curve;
    return MU_OK;
}

void mikey_p256_free(struct mikey_p256 *curve)
{
    if (curve == NULL)
        return;
    EC_GROUP_free(curve->group);
    mu_free(curve);
}

static void point_drop(EC_POINT **point)
{
    EC_POINT_clear_free(*point);
}

static void bn_drop(BIGNUM **bn)
{
    BN_clear_free(*bn);
}

/* The point at 65 octets, checked; NULL if they are none. */
static EC_POINT *read_point(
    const struct mikey_p256 *curve, const uint8_t in[MIKEY_P256_POINT_LEN])
{
    EC_POINT *point = EC_POINT_new(curve->group);

    /* EC_POINT_oct2point() knows other forms, hence the look at in[0]; it
     * refuses coordinates not below p and what is not on the curve. What a
     * peer sent must leave no trace in the error queue, which TLS reads. */
    ERR_set_mark();
    if (point != NULL &&
        (in[0] != UNCOMPRESSED || EC_POINT_oct2point(curve->group, point, in,
                                      MIKEY_P256_POINT_LEN, NULL) != 1)) {
        EC_POINT_free(point);
        point = NULL;
    }
    ERR_pop_to_mark();
    return point;
}

static enum mu_err write_point(const struct mikey_p256 *curve,
    const EC_POINT *point, uint8_t out[MIKEY_P256_POINT_LEN])
{
    uint8_t octets[MIKEY_P256_POINT_LEN];

    /* The neutral element would be a single octet. */
    if (EC_POINT_point2oct(curve->group, point, POINT_CONVERSION_UNCOMPRESSED,
            octets, sizeof(octets), NULL) != sizeof(octets))
        return MU_E_CRYPTO;
    memcpy(out, octets, sizeof(octets));
    return MU_OK;
}

static BIGNUM *public_scalar(const struct mikey_p256_scalar *k)
{
    uint8_t octets[MIKEY_P256_SCALAR_LEN];

    mikey_p256_scalar_write(k, octets);
    return BN_bin2bn(octets, sizeof(octets), NULL);
}

/*
 * The one hand-over of a secret scalar to OpenSSL. Its BIGNUM keeps a count
 * of words and so branches on whether the top 64 bits are all zero, one
 * chance in 2^64; the multiplication that follows reads its whole table and
 * does not branch. For make check-ct the scalar turns public here, by name.
 */
static BIGNUM *hand_over_secret(const struct mikey_p256_scalar *k)
{
    uint8_t octets[MIKEY_P256_SCALAR_LEN];
    BIGNUM *bn = BN_secure_new();

    mikey_p256_scalar_write(k, octets);
    MU_CT_DECLASSIFY(octets, sizeof(octets));
    if (bn != NULL)
        BN_set_flags(bn, BN_FLG_CONSTTIME);
    if (bn != NULL && BN_bin2bn(octets, sizeof(octets), bn) == NULL) {
        BN_clear_free(bn);
        bn = NULL;
    }
    mu_wipe(octets, sizeof(octets));
    return bn;
}

enum mu_err mikey_p256_check(const struct mikey_p256 *curve, struct span point)
{
    MU_CLEANUP(point_drop) EC_POINT *p = NULL;

    if (point.len == MIKEY_P256_POINT_LEN)
        p = read_point(curve, point.p);
    return p != NULL ? MU_OK : MU_E_MALFORMED;
}

enum mu_err mikey_p256_mul_base(const struct mikey_p256 *curve,
    const struct mikey_p256_scalar *k, uint8_t out[MIKEY_P256_POINT_LEN])
{
    MU_CLEANUP(bn_drop) BIGNUM *bn = hand_over_secret(k);
    MU_CLEANUP(point_drop) EC_POINT *p = EC_POINT_new(curve->group);

    if (bn == NULL || p == NULL ||
        EC_POINT_mul(curve->group, p, bn, NULL, NULL, NULL) != 1)
        return MU_E_CRYPTO;
    return write_point(curve, p, out);
}

enum mu_err mikey_p256_add_mul(const struct mikey_p256 *curve,
    const uint8_t a[MIKEY_P256_POINT_LEN], const struct mikey_p256_scalar *k,
    const uint8_t b[MIKEY_P256_POINT_LEN], uint8_t out[MIKEY_P256_POINT_LEN])
{
    MU_CLEANUP(bn_drop) BIGNUM *bn = public_scalar(k);
    MU_CLEANUP(point_drop) EC_POINT *pa = read_point(curve, a);
    MU_CLEANUP(point_drop) EC_POINT *pb = read_point(curve, b);

    if (bn == NULL || pa == NULL || pb == NULL ||
        EC_POINT_mul(curve->group, pb, NULL, pb, bn, NULL) != 1 ||
        EC_POINT_add(curve->group, pb, pa, pb, NULL) != 1)
        return MU_E_CRYPTO;
    return write_point(curve, pb, out);
}

enum mu_err mikey_p256_mul_two(const struct mikey_p256 *curve,
    const struct mikey_p256_scalar *m, const struct mikey_p256_scalar *n,
    const uint8_t b[MIKEY_P256_POINT_LEN], uint8_t out[MIKEY_P256_POINT_LEN])
{
    MU_CLEANUP(bn_drop) BIGNUM *bm = public_scalar(m);
    MU_CLEANUP(bn_drop) BIGNUM *bn = public_scalar(n);
    MU_CLEANUP(point_drop) EC_POINT *pb = read_point(curve, b);

    if (bm == NULL || bn == NULL || pb == NULL ||
        EC_POINT_mul(curve->group, pb, bm, pb, bn, NULL) != 1)
        return MU_E_CRYPTO;
    return write_point(curve, pb, out);
}

bool mikey_p256_x_is(const struct mikey_p256 *curve,
    const uint8_t point[MIKEY_P256_POINT_LEN], const uint8_t r[32])
{
    MU_CLEANUP(bn_drop) BIGNUM *x = BN_bin2bn(point + 1, FIELD_LEN, NULL);
    MU_CLEANUP(bn_drop) BIGNUM *v = BN_bin2bn(r, FIELD_LEN, NULL);
    const BIGNUM *p = EC_GROUP_get0_field(curve->group);

    if (x == NULL || v == NULL)
        return false;
    /* p > 2^255, so one subtraction reduces a 256-bit integer. */
    if (BN_cmp(v, p) >= 0 && BN_sub(v, v, p) != 1)
        return false;
    return !BN_is_zero(v) && BN_cmp(x, v) == 0;
}
