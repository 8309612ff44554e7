/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/p256.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "tests/suites.h"
#include "tests/vec.h"

#define X_LEN 32

static const char prime_hex[] =
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
static const char order_hex[] =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

static void curve_drop(struct mikey_p256 **curve)
{
    mikey_p256_free(*curve);
}

static struct mikey_p256 *curve_new(void)
{
    struct mikey_p256 *curve = NULL;

    CU_ASSERT_EQUAL_FATAL(mikey_p256_new(&curve), MU_OK);
    return curve;
}

static struct mikey_p256_scalar number(uint8_t n)
{
    uint8_t octets[MIKEY_P256_SCALAR_LEN] = {[MIKEY_P256_SCALAR_LEN - 1] = n};
    struct mikey_p256_scalar s;

    mikey_p256_scalar_reduce(octets, &s);
    return s;
}

/* q - 1 */
static struct mikey_p256_scalar minus_one(void)
{
    static const uint8_t octets[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00,
        0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
        0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25,
        0x50};
    struct mikey_p256_scalar s;

    mikey_p256_scalar_reduce(octets, &s);
    return s;
}

/* The first point of the curve whose x is at least that of the hex. */
static void point_from_x(const char *hex, uint8_t out[MIKEY_P256_POINT_LEN])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *x = NULL;

    CU_ASSERT_FATAL(BN_hex2bn(&x, hex) > 0);
    ERR_set_mark();
    while (EC_POINT_set_compressed_coordinates(group, point, x, 0, NULL) != 1)
        BN_add_word(x, 1);
    ERR_pop_to_mark();
    CU_ASSERT_EQUAL_FATAL(
        EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out,
            MIKEY_P256_POINT_LEN, NULL),
        MIKEY_P256_POINT_LEN);
    BN_free(x);
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

static void add_prime(uint8_t x[X_LEN])
{
    BIGNUM *p = NULL, *v = BN_bin2bn(x, X_LEN, NULL);

    CU_ASSERT_FATAL(BN_hex2bn(&p, prime_hex) > 0);
    BN_add(v, v, p);
    CU_ASSERT_EQUAL_FATAL(BN_bn2binpad(v, x, X_LEN), X_LEN);
    BN_free(p);
    BN_free(v);
}

static void one_times_the_base_is_the_base(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    struct mikey_p256_scalar one = number(1);
    uint8_t out[MIKEY_P256_POINT_LEN];

    CU_ASSERT_EQUAL_FATAL(mikey_p256_mul_base(curve, &one, out), MU_OK);
    CU_ASSERT(memcmp(out, mikey_p256_base, sizeof(out)) == 0);
}

static void all_multiplications_agree(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    struct mikey_p256_scalar one = number(1), two = number(2);
    struct mikey_p256_scalar three = number(3), seven = number(7);
    uint8_t g3[MIKEY_P256_POINT_LEN], g7[MIKEY_P256_POINT_LEN];
    uint8_t out[MIKEY_P256_POINT_LEN];

    CU_ASSERT_EQUAL_FATAL(mikey_p256_mul_base(curve, &three, g3), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_p256_mul_base(curve, &seven, g7), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mikey_p256_mul_two(curve, &one, &two, g3, out), MU_OK);
    CU_ASSERT(memcmp(out, g7, sizeof(out)) == 0);
    CU_ASSERT_EQUAL_FATAL(
        mikey_p256_add_mul(curve, mikey_p256_base, &two, g3, out), MU_OK);
    CU_ASSERT(memcmp(out, g7, sizeof(out)) == 0);
}

static void the_signer_point_matches_the_vector(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_p256_scalar hs;
    uint8_t y[MIKEY_P256_POINT_LEN];

    vec_open(&v, "eccsi.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    mikey_p256_scalar_reduce(vec_hex(&v, "hs").p, &hs);
    CU_ASSERT_EQUAL_FATAL(mikey_p256_add_mul(curve, vec_hex(&v, "kpak").p, &hs,
                              vec_hex(&v, "pvt").p, y),
        MU_OK);
    CU_ASSERT(span_eq(SPAN_OF(y), vec_hex(&v, "y")));
}

static void a_neutral_result_is_refused(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    struct mikey_p256_scalar zero = number(0), one = number(1);
    struct mikey_p256_scalar less = minus_one();
    uint8_t out[MIKEY_P256_POINT_LEN];

    CU_ASSERT_EQUAL(mikey_p256_mul_base(curve, &zero, out), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(
        mikey_p256_mul_two(curve, &one, &less, mikey_p256_base, out),
        MU_E_CRYPTO);
    CU_ASSERT_EQUAL(
        mikey_p256_add_mul(curve, mikey_p256_base, &less, mikey_p256_base, out),
        MU_E_CRYPTO);
}

static void only_the_plain_form_of_a_point_is_taken(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    uint8_t octets[MIKEY_P256_POINT_LEN];

    memcpy(octets, mikey_p256_base, sizeof(octets));
    for (unsigned first = 0; first < 256; first++) {
        octets[0] = (uint8_t)first;
        CU_ASSERT_EQUAL(mikey_p256_check(curve, SPAN_OF(octets)),
            first == 4 ? MU_OK : MU_E_MALFORMED);
    }
}

static void a_coordinate_not_below_p_is_refused(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    uint8_t octets[MIKEY_P256_POINT_LEN];

    point_from_x("0", octets); /* an x so small that x + p has 256 bits */
    CU_ASSERT_EQUAL_FATAL(mikey_p256_check(curve, SPAN_OF(octets)), MU_OK);
    add_prime(octets + 1);
    CU_ASSERT_EQUAL(mikey_p256_check(curve, SPAN_OF(octets)), MU_E_MALFORMED);
}

static void a_refusal_leaves_no_trace_in_the_error_queue(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    uint8_t octets[MIKEY_P256_POINT_LEN] = {4};

    ERR_clear_error();
    CU_ASSERT_EQUAL(mikey_p256_check(curve, SPAN_OF(octets)), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(ERR_peek_error(), 0);
}

/* Only one x in some 2^130 is not below q, so no signature here has such an
 * r; a verifier that reduced modulo q would still be wrong. */
static void an_x_between_q_and_p_counts_in_full(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    uint8_t point[MIKEY_P256_POINT_LEN], reduced[X_LEN];
    BIGNUM *q = NULL, *x;

    point_from_x(order_hex, point);
    CU_ASSERT(mikey_p256_x_is(curve, point, point + 1));
    CU_ASSERT_FATAL(BN_hex2bn(&q, order_hex) > 0);
    x = BN_bin2bn(point + 1, X_LEN, NULL);
    CU_ASSERT_FATAL(BN_cmp(x, q) >= 0);
    BN_sub(x, x, q);
    BN_bn2binpad(x, reduced, X_LEN);
    CU_ASSERT_FALSE(mikey_p256_x_is(curve, point, reduced));
    BN_free(q);
    BN_free(x);
}

static void r_is_compared_modulo_p(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    uint8_t point[MIKEY_P256_POINT_LEN], r[X_LEN];

    point_from_x("1", point);
    memcpy(r, point + 1, sizeof(r));
    CU_ASSERT(mikey_p256_x_is(curve, point, r));
    add_prime(r);
    CU_ASSERT(mikey_p256_x_is(curve, point, r));
    r[X_LEN - 1] ^= 1;
    CU_ASSERT_FALSE(mikey_p256_x_is(curve, point, r));
}

static void an_x_of_zero_never_counts(void)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = curve_new();
    uint8_t point[MIKEY_P256_POINT_LEN], r[X_LEN] = {0};

    point_from_x("0", point);
    CU_ASSERT_FATAL(memcmp(point + 1, r, sizeof(r)) == 0);
    CU_ASSERT_FALSE(mikey_p256_x_is(curve, point, r));
    add_prime(r);
    CU_ASSERT_FALSE(mikey_p256_x_is(curve, point, r));
}

CU_TestInfo mikey_p256_tests[] = {
    {"one times the base is the base", one_times_the_base_is_the_base},
    {"all multiplications agree", all_multiplications_agree},
    {"the signer point matches the vector",
        the_signer_point_matches_the_vector},
    {"a neutral result is refused", a_neutral_result_is_refused},
    {"only the plain form of a point is taken",
        only_the_plain_form_of_a_point_is_taken},
    {"a coordinate not below p is refused",
        a_coordinate_not_below_p_is_refused},
    {"a refusal leaves no trace in the error queue",
        a_refusal_leaves_no_trace_in_the_error_queue},
    {"an x between q and p counts in full",
        an_x_between_q_and_p_counts_in_full},
    {"r is compared modulo p", r_is_compared_modulo_p},
    {"an x of zero never counts", an_x_of_zero_never_counts},
    CU_TEST_INFO_NULL,
};
