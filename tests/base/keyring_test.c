/* SPDX-License-Identifier: Apache-2.0 */
#include "base/keyring.h"

#include "base/hkdf.h"
#include "base/text.h"
#include "tests/suites.h"

#include <string.h>

static struct mu_kek kek_of(uint8_t n)
{
    struct mu_kek kek;

    memset(kek.b, n, sizeof(kek.b));
    return kek;
}

static struct mu_kek_id id_of(uint8_t n)
{
    struct mu_kek kek = kek_of(n);
    struct mu_kek_id id = {{0}};

    CU_ASSERT_EQUAL(mu_kek_id(&kek, &id), MU_OK);
    return id;
}

static enum mu_err add(struct mu_keyring *ring, uint8_t n)
{
    struct mu_kek kek = kek_of(n);

    return mu_keyring_add(ring, &kek);
}

static bool holds(const struct mu_keyring *ring, uint8_t n)
{
    struct mu_kek_id id = id_of(n);
    struct mu_kek kek = kek_of(n);
    const struct mu_kek *found = mu_keyring_find(ring, &id);

    return found != NULL && mu_kek_eq(found, &kek);
}

static void hkdf_matches_rfc_5869(void)
{
    /* RFC 5869 appendix A.1 and A.3. */
    static const struct {
        const char *salt, *info, *okm;
    } cases[] = {
        {"000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865"},
        {"", "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
            "9d201395faa4b61a96c8"},
    };
    uint8_t ikm[22], salt[16], info[16], okm[42];
    char hex[MU_HEX_LEN(42)];
    size_t salt_len = 0, info_len = 0;

    memset(ikm, 0x0b, sizeof(ikm));
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(
            mu_hex_read(span_str(cases[i].salt), salt, 16, &salt_len), MU_OK);
        CU_ASSERT_EQUAL(
            mu_hex_read(span_str(cases[i].info), info, 16, &info_len), MU_OK);
        CU_ASSERT_EQUAL(mu_hkdf(SPAN_OF(ikm), (struct span){salt, salt_len},
                            (struct span){info, info_len}, okm, sizeof(okm)),
            MU_OK);
        mu_hex_write(SPAN_OF(okm), hex);
        CU_ASSERT_STRING_EQUAL(hex, cases[i].okm);
    }
}

static void hkdf_refuses_lengths_out_of_range(void)
{
    static uint8_t out[MU_HKDF_MAX + 1];
    struct span ikm = span_str("key"), none = {NULL, 0};

    CU_ASSERT_EQUAL(mu_hkdf(ikm, none, none, out, 0), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(mu_hkdf(ikm, none, none, out, MU_HKDF_MAX), MU_OK);
    CU_ASSERT_EQUAL(mu_hkdf(ikm, none, none, out, sizeof(out)), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(out[0], 0);
}

static void an_empty_ring_has_no_key(void)
{
    struct mu_keyring ring = {0};

    CU_ASSERT_PTR_NULL(mu_keyring_current(&ring));
    CU_ASSERT_FALSE(holds(&ring, 1));
}

static void the_kek_added_last_is_current_and_all_are_found(void)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};

    for (uint8_t n = 1; n <= MU_KEYRING_MAX; n++) {
        struct mu_kek_id id = id_of(n);

        CU_ASSERT_EQUAL(add(&ring, n), MU_OK);
        CU_ASSERT_EQUAL(memcmp(mu_keyring_current(&ring), &id, 8), 0);
    }
    for (uint8_t n = 1; n <= MU_KEYRING_MAX; n++)
        CU_ASSERT(holds(&ring, n));
    CU_ASSERT_EQUAL(add(&ring, 99), MU_E_NO_SPACE);
}

static void a_kek_is_added_once(void)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};

    CU_ASSERT_EQUAL(add(&ring, 1), MU_OK);
    CU_ASSERT_EQUAL(add(&ring, 1), MU_E_STATE);
    CU_ASSERT_EQUAL(ring.len, 1);
}

static void a_kek_that_goes_leaves_nothing(void)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    struct mu_kek_id first = id_of(1), last = id_of(3);
    const uint8_t *after = (const uint8_t *)&ring.slot[2];
    unsigned any = 0;

    for (uint8_t n = 1; n <= 3; n++)
        CU_ASSERT_EQUAL(add(&ring, n), MU_OK);
    CU_ASSERT_EQUAL(mu_keyring_remove(&ring, &last), MU_E_STATE);
    CU_ASSERT_EQUAL(mu_keyring_remove(&ring, &first), MU_OK);
    CU_ASSERT_EQUAL(mu_keyring_remove(&ring, &first), MU_E_NOT_FOUND);
    CU_ASSERT_FALSE(holds(&ring, 1));
    CU_ASSERT(holds(&ring, 2) && holds(&ring, 3));
    for (size_t i = 0; i < sizeof(ring.slot[2]); i++)
        any |= after[i];
    CU_ASSERT_EQUAL(any, 0);
}

CU_TestInfo base_keyring_tests[] = {
    {"hkdf matches RFC 5869", hkdf_matches_rfc_5869},
    {"hkdf refuses lengths out of range", hkdf_refuses_lengths_out_of_range},
    {"an empty ring has no key", an_empty_ring_has_no_key},
    {"the KEK added last is current and all are found",
        the_kek_added_last_is_current_and_all_are_found},
    {"a KEK is added once", a_kek_is_added_once},
    {"a KEK that goes leaves nothing", a_kek_that_goes_leaves_nothing},
    CU_TEST_INFO_NULL,
};
