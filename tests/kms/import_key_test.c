/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/import_key.h"

#include <string.h>

#include "tests/rng.h"
#include "tests/suites.h"

static const struct mcptt_ink ink = {{0x1a, 2, 3}};
static const char kms_uri[] = "kms.example.org", user_uri[] = "sip:a@x";

/* A key and one InK sealed to it. */
struct fixture {
    struct test_rng rng;
    struct kms_import_key key;
    struct kms_import_public public;
    struct kms_import_use use;
    uint8_t sealed[KMS_IMPORT_SEALED_LEN];
};

static void setup(struct fixture *f)
{
    test_rng_init(&f->rng, 5);
    f->use = (struct kms_import_use){span_str(kms_uri), span_str(user_uri), 3};
    CU_ASSERT_EQUAL_FATAL(kms_import_key_make(&f->rng.rng, &f->key), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kms_import_key_public(&f->key, &f->public), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kms_import_seal(&f->public, &f->use, &ink, &f->rng.rng, f->sealed),
        MU_OK);
}

/* Opens; what a failure leaves must be what was there before. */
static enum mu_err reopen(const struct fixture *f, struct span sealed)
{
    struct mcptt_ink got = {{0}};
    const struct mcptt_ink none = {{0}};
    enum mu_err err = kms_import_open(&f->key, &f->use, sealed, &got);

    CU_ASSERT(mcptt_ink_eq(&got, err == MU_OK ? &ink : &none));
    return err;
}

static void opens_what_was_sealed(void)
{
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)), MU_OK);
}

static void no_octet_can_be_changed(void)
{
    struct fixture f;

    setup(&f);
    for (size_t i = 0; i < sizeof(f.sealed); i++) {
        f.sealed[i] ^= 1;
        CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)),
            i == 0 ? MU_E_UNSUPPORTED : MU_E_CRYPTO);
        f.sealed[i] ^= 1;
    }
}

static void every_other_length_is_malformed(void)
{
    uint8_t longer[KMS_IMPORT_SEALED_LEN + 1] = {0};
    struct fixture f;

    setup(&f);
    for (size_t len = 0; len < sizeof(f.sealed); len++)
        CU_ASSERT_EQUAL(
            reopen(&f, (struct span){f.sealed, len}), MU_E_MALFORMED);
    memcpy(longer, f.sealed, sizeof(f.sealed));
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(longer)), MU_E_MALFORMED);
}

static void opens_for_that_user_enrolment_and_kms_alone(void)
{
    struct fixture f;

    setup(&f);
    f.use.serial++;
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)), MU_E_CRYPTO);
    f.use.serial--;
    f.use.user_uri = span_str("sip:b@x");
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)), MU_E_CRYPTO);
    f.use.user_uri = span_str(user_uri);
    f.use.kms_uri = span_str("kms.example.com");
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)), MU_E_CRYPTO);
}

static void octets_do_not_move_from_one_uri_to_the_other(void)
{
    struct fixture f;

    setup(&f);
    f.use.kms_uri = span_str("kms.example.orgs");
    f.use.user_uri = span_str("ip:a@x");
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)), MU_E_CRYPTO);
}

static void another_key_opens_nothing(void)
{
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(kms_import_key_make(&f.rng.rng, &f.key), MU_OK);
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)), MU_E_CRYPTO);
}

static void a_point_of_small_order_is_refused(void)
{
    const struct kms_import_public zero = {{0}}, one = {{1}};
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(kms_import_seal(&zero, &f.use, &ink, &f.rng.rng, f.sealed),
        MU_E_CRYPTO);
    CU_ASSERT_EQUAL(
        kms_import_seal(&one, &f.use, &ink, &f.rng.rng, f.sealed), MU_E_CRYPTO);
}

static void uris_of_a_wrong_length_are_refused(void)
{
    uint8_t text[KMS_IMPORT_URI_MAX + 1];
    struct fixture f;

    setup(&f);
    memset(text, 'a', sizeof(text));
    f.use.user_uri = SPAN_OF(text);
    CU_ASSERT_EQUAL(
        kms_import_seal(&f.public, &f.use, &ink, &f.rng.rng, f.sealed),
        MU_E_MALFORMED);
    f.use.user_uri.len = 0;
    CU_ASSERT_EQUAL(
        kms_import_seal(&f.public, &f.use, &ink, &f.rng.rng, f.sealed),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(reopen(&f, SPAN_OF(f.sealed)), MU_E_MALFORMED);
}

static void two_seals_of_one_ink_share_nothing(void)
{
    uint8_t again[KMS_IMPORT_SEALED_LEN];
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(
        kms_import_seal(&f.public, &f.use, &ink, &f.rng.rng, again), MU_OK);
    CU_ASSERT_NOT_EQUAL(memcmp(again + 1, f.sealed + 1, 32), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(again + 33, f.sealed + 33, MCPTT_INK_LEN), 0);
}

static void without_randomness_nothing_is_sealed(void)
{
    struct fixture f;

    setup(&f);
    f.rng.fails = true;
    CU_ASSERT_EQUAL(
        kms_import_seal(&f.public, &f.use, &ink, &f.rng.rng, f.sealed),
        MU_E_CRYPTO);
    CU_ASSERT_EQUAL(kms_import_key_make(&f.rng.rng, &f.key), MU_E_CRYPTO);
}

/* The key pair of RFC 7748 clause 6.1 (Alice). */
static void the_public_half_is_that_of_rfc_7748(void)
{
    static const struct kms_import_key alice = {
        {0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72,
            0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99,
            0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a}};
    static const uint8_t want[] = {0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7,
        0x54, 0x74, 0x8b, 0x7d, 0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a,
        0x0d, 0x26, 0x38, 0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e,
        0x6a};
    struct kms_import_public got = {{0}};

    CU_ASSERT_EQUAL(kms_import_key_public(&alice, &got), MU_OK);
    CU_ASSERT_EQUAL(memcmp(got.b, want, sizeof(want)), 0);
}

CU_TestInfo kms_import_key_tests[] = {
    {"opens what was sealed", opens_what_was_sealed},
    {"no octet can be changed", no_octet_can_be_changed},
    {"every other length is malformed", every_other_length_is_malformed},
    {"opens for that user, enrolment and KMS alone",
        opens_for_that_user_enrolment_and_kms_alone},
    {"octets do not move from one URI to the other",
        octets_do_not_move_from_one_uri_to_the_other},
    {"another key opens nothing", another_key_opens_nothing},
    {"a point of small order is refused", a_point_of_small_order_is_refused},
    {"URIs of a wrong length are refused", uris_of_a_wrong_length_are_refused},
    {"two seals of one InK share nothing", two_seals_of_one_ink_share_nothing},
    {"without randomness nothing is sealed",
        without_randomness_nothing_is_sealed},
    {"the public half is that of RFC 7748",
        the_public_half_is_that_of_rfc_7748},
    CU_TEST_INFO_NULL,
};
