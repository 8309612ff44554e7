/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/nonce.h"

#include <string.h>

#include "tests/rng.h"
#include "tests/suites.h"
#include "tests/vec.h"

static void derive(
    struct vec *v, const struct mu_rng *rng, uint8_t out[MIKEY_P256_SCALAR_LEN])
{
    const struct span input[2] = {vec_hex(v, "first"), vec_hex(v, "second")};
    struct mikey_p256_scalar key, nonce;

    CU_ASSERT_EQUAL_FATAL(
        mikey_p256_scalar_read(vec_hex(v, "key").p, &key), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_nonce_derive(&key,
                              (enum mikey_nonce_purpose)vec_num(v, "purpose"),
                              rng, input, &nonce),
        MU_OK);
    mikey_p256_scalar_write(&nonce, out);
}

static void matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t out[MIKEY_P256_SCALAR_LEN];

    vec_open(&v, "nonce.vec");
    while (vec_next(&v)) {
        derive(&v, &test_rng_stuck, out);
        CU_ASSERT(span_eq(SPAN_OF(out), vec_hex(&v, "nonce")));
    }
}

static void every_call_takes_fresh_octets(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct test_rng rng;
    uint8_t one[MIKEY_P256_SCALAR_LEN], two[MIKEY_P256_SCALAR_LEN];

    test_rng_init(&rng, 1);
    vec_open(&v, "nonce.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    derive(&v, &rng.rng, one);
    derive(&v, &rng.rng, two);
    CU_ASSERT(memcmp(one, two, sizeof(one)) != 0);
}

static void nothing_comes_of_a_broken_generator(void)
{
    const struct span input[2] = {{NULL, 0}, {NULL, 0}};
    struct mikey_p256_scalar key = {{1}}, nonce = {{2}};
    struct test_rng rng;

    test_rng_init(&rng, 2);
    rng.fails = true;
    CU_ASSERT_EQUAL(
        mikey_nonce_derive(&key, MIKEY_NONCE_J, &rng.rng, input, &nonce),
        MU_E_CRYPTO);
    CU_ASSERT_EQUAL(nonce.m[0], 2);
}

CU_TestInfo mikey_nonce_tests[] = {
    {"matches every vector", matches_every_vector},
    {"every call takes fresh octets", every_call_takes_fresh_octets},
    {"nothing comes of a broken generator",
        nothing_comes_of_a_broken_generator},
    CU_TEST_INFO_NULL,
};
