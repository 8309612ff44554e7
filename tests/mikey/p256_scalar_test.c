/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's BIGNUM is the second opinion on every operation. */
#include "mikey/p256_scalar.h"

#include <openssl/bn.h>
#include <string.h>

#include "tests/rng.h"
#include "tests/suites.h"

#define LEN    MIKEY_P256_SCALAR_LEN
#define ROUNDS 300

static const char order_hex[] =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

/* Where carries and the last subtraction go wrong: q plus these. */
static const int near_order[] = {-2, -1, 0, 1, 2};

struct bench {
    BIGNUM *q, *a, *b, *r;
    BN_CTX *ctx;
    struct test_rng rng;
};

static void bench_open(struct bench *t)
{
    *t = (struct bench){.a = BN_new(), .b = BN_new(), .r = BN_new()};
    t->ctx = BN_CTX_new();
    test_rng_init(&t->rng, 1);
    CU_ASSERT_FATAL(BN_hex2bn(&t->q, order_hex) > 0);
}

static void bench_close(struct bench *t)
{
    BN_free(t->q);
    BN_free(t->a);
    BN_free(t->b);
    BN_free(t->r);
    BN_CTX_free(t->ctx);
}

/* The i-th sample of len octets: the ends of the range, then random ones. */
static void sample(struct bench *t, unsigned i, uint8_t *out, size_t len)
{
    const unsigned edges = sizeof(near_order) / sizeof(near_order[0]);

    memset(out, i == edges ? 0xff : 0, len);
    if (i < edges) {
        BN_copy(t->r, t->q);
        BN_add_word(t->r, 2);
        BN_sub_word(t->r, (BN_ULONG)(2 - near_order[i]));
        BN_bn2binpad(t->r, out, (int)len);
    } else if (i > edges && i < edges + 4) {
        out[len - 1] = (uint8_t)(i - edges - 1); /* 0, 1, 2 */
    } else if (i >= edges + 4) {
        CU_ASSERT_EQUAL(mu_rng_fill(&t->rng.rng, out, len), MU_OK);
    }
}

static void same(const struct mikey_p256_scalar *s, const BIGNUM *expected)
{
    uint8_t mine[LEN], theirs[LEN];

    mikey_p256_scalar_write(s, mine);
    CU_ASSERT_EQUAL_FATAL(BN_bn2binpad(expected, theirs, LEN), LEN);
    CU_ASSERT(memcmp(mine, theirs, LEN) == 0);
}

static void any_256_bits_are_reduced(void)
{
    MU_CLEANUP(bench_close) struct bench t;
    struct mikey_p256_scalar s;
    uint8_t in[LEN];

    bench_open(&t);
    for (unsigned i = 0; i < ROUNDS; i++) {
        sample(&t, i, in, sizeof(in));
        mikey_p256_scalar_reduce(in, &s);
        BN_bin2bn(in, LEN, t.a);
        BN_nnmod(t.r, t.a, t.q, t.ctx);
        same(&s, t.r);
    }
}

static void any_512_bits_are_reduced(void)
{
    MU_CLEANUP(bench_close) struct bench t;
    struct mikey_p256_scalar s;
    uint8_t in[2 * LEN];

    bench_open(&t);
    for (unsigned i = 0; i < ROUNDS; i++) {
        sample(&t, i, in, sizeof(in));
        mikey_p256_scalar_reduce_wide(in, &s);
        BN_bin2bn(in, sizeof(in), t.a);
        BN_nnmod(t.r, t.a, t.q, t.ctx);
        same(&s, t.r);
    }
}

static void keys_are_read_from_1_up_to_the_order(void)
{
    MU_CLEANUP(bench_close) struct bench t;
    uint8_t in[LEN];

    bench_open(&t);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct mikey_p256_scalar s;
        enum mu_err err;

        sample(&t, i, in, sizeof(in));
        BN_bin2bn(in, LEN, t.a);
        err = mikey_p256_scalar_read(in, &s);
        if (BN_is_zero(t.a) || BN_cmp(t.a, t.q) >= 0) {
            CU_ASSERT_EQUAL(err, MU_E_MALFORMED);
        } else {
            CU_ASSERT_EQUAL_FATAL(err, MU_OK);
            same(&s, t.a);
        }
    }
}

static void sums_and_products_agree(void)
{
    MU_CLEANUP(bench_close) struct bench t;
    struct mikey_p256_scalar a, b, r;
    uint8_t x[LEN], y[LEN];

    bench_open(&t);
    for (unsigned i = 0; i < ROUNDS; i++) {
        sample(&t, i, x, sizeof(x));
        sample(&t, i * 7 % 11, y, sizeof(y));
        mikey_p256_scalar_reduce(x, &a);
        mikey_p256_scalar_reduce(y, &b);
        BN_bin2bn(x, LEN, t.a);
        BN_bin2bn(y, LEN, t.b);
        mikey_p256_scalar_add(&r, &a, &b);
        BN_mod_add(t.r, t.a, t.b, t.q, t.ctx);
        same(&r, t.r);
        mikey_p256_scalar_mul(&r, &a, &b);
        BN_mod_mul(t.r, t.a, t.b, t.q, t.ctx);
        same(&r, t.r);
    }
}

static void inverses_agree_and_that_of_zero_is_zero(void)
{
    MU_CLEANUP(bench_close) struct bench t;
    struct mikey_p256_scalar a;
    uint8_t x[LEN];

    bench_open(&t);
    for (unsigned i = 0; i < ROUNDS; i++) {
        sample(&t, i, x, sizeof(x));
        mikey_p256_scalar_reduce(x, &a);
        BN_bin2bn(x, LEN, t.a);
        BN_nnmod(t.a, t.a, t.q, t.ctx);
        if (BN_is_zero(t.a))
            BN_zero(t.r);
        else
            CU_ASSERT_PTR_NOT_NULL_FATAL(BN_mod_inverse(t.r, t.a, t.q, t.ctx));
        mikey_p256_scalar_inv(&a, &a);
        same(&a, t.r);
    }
}

static void an_output_may_be_an_input(void)
{
    static const uint8_t three[LEN] = {[LEN - 1] = 3};
    static const uint8_t thirty_six[LEN] = {[LEN - 1] = 36};
    struct mikey_p256_scalar s;
    uint8_t out[LEN];

    mikey_p256_scalar_reduce(three, &s);
    mikey_p256_scalar_add(&s, &s, &s);
    mikey_p256_scalar_mul(&s, &s, &s);
    mikey_p256_scalar_write(&s, out);
    CU_ASSERT(memcmp(out, thirty_six, LEN) == 0);
}

CU_TestInfo mikey_p256_scalar_tests[] = {
    {"any 256 bits are reduced", any_256_bits_are_reduced},
    {"any 512 bits are reduced", any_512_bits_are_reduced},
    {"keys are read from 1 up to the order",
        keys_are_read_from_1_up_to_the_order},
    {"sums and products agree", sums_and_products_agree},
    {"inverses agree and that of zero is zero",
        inverses_agree_and_that_of_zero_is_zero},
    {"an output may be an input", an_output_may_be_an_input},
    CU_TEST_INFO_NULL,
};
