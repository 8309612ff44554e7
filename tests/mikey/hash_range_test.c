/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/hash_range.h"

#include "mikey/params.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

/* Equal as integers: the results of the vectors have no leading zeros. */
static bool same_number(struct span a, struct span b)
{
    while (a.len > 0 && a.p[0] == 0)
        a = (struct span){a.p + 1, a.len - 1};
    while (b.len > 0 && b.p[0] == 0)
        b = (struct span){b.p + 1, b.len - 1};
    return span_eq(a, b);
}

static void matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke-hash-range.vec");
    while (vec_next(&v)) {
        struct span n = vec_hex(&v, "range");
        uint8_t out[MIKEY_RANGE_MAX];

        CU_ASSERT_EQUAL_FATAL(
            mikey_hash_to_range(vec_hex(&v, "s"), n, out), MU_OK);
        CU_ASSERT(same_number((struct span){out, n.len}, vec_hex(&v, "value")));
    }
}

/* r = hash of SSV || b modulo q, mask = hash of g^r modulo 2^128. */
static void hashes_as_encapsulation_does(void)
{
    static const uint8_t two_to_128[17] = {1};
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t q[MIKEY_MOD_LEN], out[MIKEY_RANGE_MAX];

    mikey_mod_store(q, mikey_mod_q.n);
    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        uint8_t input[16 + 128];
        struct span id = vec_hex(&v, "id");

        memcpy(input, vec_hex(&v, "ssv").p, 16);
        memcpy(input + 16, id.p, id.len);
        CU_ASSERT_EQUAL(mikey_hash_to_range(
                            (struct span){input, 16 + id.len}, SPAN_OF(q), out),
            MU_OK);
        CU_ASSERT(span_eq((struct span){out, sizeof(q)}, vec_hex(&v, "r")));
        CU_ASSERT_EQUAL(
            mikey_hash_to_range(vec_hex(&v, "g_r"), SPAN_OF(two_to_128), out),
            MU_OK);
        CU_ASSERT(span_eq((struct span){out + 1, 16}, vec_hex(&v, "mask")));
    }
}

/* From the mask up to the whole range, the octets do not change. */
static void writes_as_many_octets_as_the_range_has(void)
{
    static const uint8_t n[17] = {1};
    uint8_t out[18];

    memset(out, 0xaa, sizeof(out));
    CU_ASSERT_EQUAL(mikey_hash_to_range(span_str("x"), SPAN_OF(n), out), MU_OK);
    CU_ASSERT_EQUAL(out[0], 0);
    CU_ASSERT_EQUAL(out[17], 0xaa);
}

/* A range just over what l blocks hold takes one more, one of that many
 * bits does not; either way the result is below the range. */
static void stays_below_ranges_of_every_length(void)
{
    for (size_t len = 1; len <= MIKEY_RANGE_MAX; len++) {
        uint8_t n[MIKEY_RANGE_MAX] = {3}, out[MIKEY_RANGE_MAX];
        struct span range = {n, len};

        for (n[len - 1] |= 1; n[0] != 0; n[0] = (uint8_t)(n[0] * 5)) {
            if (n[0] > 200)
                break;
            CU_ASSERT_EQUAL_FATAL(
                mikey_hash_to_range(span_str("y"), range, out), MU_OK);
            CU_ASSERT(memcmp(out, n, len) < 0);
        }
    }
}

static void reduces_to_nothing_but_zero_and_one_modulo_two(void)
{
    static const uint8_t two[] = {2};
    uint8_t out[1];

    for (uint8_t octet = 0; octet < 26; octet++) {
        CU_ASSERT_EQUAL(
            mikey_hash_to_range((struct span){&octet, 1}, SPAN_OF(two), out),
            MU_OK);
        CU_ASSERT(out[0] < 2);
    }
}

CU_TestInfo mikey_hash_range_tests[] = {
    {"matches every vector", matches_every_vector},
    {"hashes as encapsulation does", hashes_as_encapsulation_does},
    {"writes as many octets as the range has",
        writes_as_many_octets_as_the_range_has},
    {"stays below ranges of every length", stays_below_ranges_of_every_length},
    {"reduces to nothing but zero and one modulo two",
        reduces_to_nothing_but_zero_and_one_modulo_two},
    CU_TEST_INFO_NULL,
};
