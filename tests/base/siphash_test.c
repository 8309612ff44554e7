/* SPDX-License-Identifier: Apache-2.0 */
/* The authors' own vectors: key 00 01 .. 0f, input 00 01 .. of each length. */
#include "base/siphash.h"

#include "tests/suites.h"

#define VECTORS 16

static const uint64_t expected[VECTORS] = {
    UINT64_C(0x726fdb47dd0e0e31),
    UINT64_C(0x74f839c593dc67fd),
    UINT64_C(0x0d6c8009d9a94f5a),
    UINT64_C(0x85676696d7fb7e2d),
    UINT64_C(0xcf2794e0277187b7),
    UINT64_C(0x18765564cd99a68d),
    UINT64_C(0xcbc9466e58fee3ce),
    UINT64_C(0xab0200f58b01d137),
    UINT64_C(0x93f5f5799a932462),
    UINT64_C(0x9e0082df0ba9e4b0),
    UINT64_C(0x7a5dbbc594ddb9f3),
    UINT64_C(0xf4b32f46226bada7),
    UINT64_C(0x751e8fbc860ee5fb),
    UINT64_C(0x14ea5627c0843d90),
    UINT64_C(0xf723ca908e7af2ee),
    UINT64_C(0xa129ca6149be45e5),
};

static void matches_the_authors_vectors(void)
{
    uint8_t octets[VECTORS];

    for (uint8_t i = 0; i < VECTORS; i++)
        octets[i] = i;
    for (size_t len = 0; len < VECTORS; len++)
        CU_ASSERT_EQUAL(
            mu_siphash(octets, (struct span){octets, len}), expected[len]);
}

static void another_key_gives_another_value(void)
{
    const uint8_t zero[MU_SIPHASH_KEY] = {0}, one[MU_SIPHASH_KEY] = {1};

    CU_ASSERT_NOT_EQUAL(mu_siphash(zero, span_str("sip:anna@example.org")),
        mu_siphash(one, span_str("sip:anna@example.org")));
}

CU_TestInfo base_siphash_tests[] = {
    {"matches the authors' vectors", matches_the_authors_vectors},
    {"another key gives another value", another_key_gives_another_value},
    CU_TEST_INFO_NULL,
};
