/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/eccsi.h"

#include <string.h>

#include "mikey/p256.h"
#include "tests/mikey/eccsi_fixture.h"
#include "tests/rng.h"
#include "tests/suites.h"
#include "tests/vec.h"

static void the_public_key_matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        struct mikey_eccsi_secret ksak;
        uint8_t kpak[MIKEY_KPAK_LEN];

        eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
        CU_ASSERT_EQUAL_FATAL(mikey_eccsi_public(&ksak, kpak), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(kpak), vec_hex(&v, "kpak")));
    }
}

static void both_hashes_match_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(eccsi_kms_drop)
        struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
        uint8_t hs[MIKEY_ECCSI_HASH_LEN], he[MIKEY_ECCSI_HASH_LEN];
        uint8_t pvt[MIKEY_PVT_LEN], r[32];

        eccsi_take(&v, "pvt", pvt, sizeof(pvt));
        eccsi_take(&v, "r", r, sizeof(r));
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_hash_id(kms, vec_hex(&v, "id"), pvt, hs), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(hs), vec_hex(&v, "hs")));
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_hash_message(hs, r, vec_hex(&v, "msg"), he), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(he), vec_hex(&v, "he")));
    }
}

static void extraction_matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(eccsi_kms_drop)
        struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
        struct mikey_eccsi_pair pair;
        struct mikey_eccsi_secret ksak;
        struct mikey_eccsi_nonce n;

        eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
        eccsi_take(&v, "v", n.b, sizeof(n.b));
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_extract_with(kms, &ksak, vec_hex(&v, "id"), &n, &pair),
            MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(pair.ssk.b), vec_hex(&v, "ssk")));
        CU_ASSERT(span_eq(SPAN_OF(pair.pvt), vec_hex(&v, "pvt")));
    }
}

static void the_nonce_point_matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_p256 *curve;

    CU_ASSERT_EQUAL_FATAL(mikey_p256_new(&curve), MU_OK);
    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        struct mikey_p256_scalar j;
        uint8_t point[MIKEY_P256_POINT_LEN];

        CU_ASSERT_EQUAL_FATAL(
            mikey_p256_scalar_read(vec_hex(&v, "j").p, &j), MU_OK);
        CU_ASSERT_EQUAL_FATAL(mikey_p256_mul_base(curve, &j, point), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(point), vec_hex(&v, "point_j")));
    }
    mikey_p256_free(curve);
}

static void signatures_match_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(eccsi_kms_drop)
        struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
        MU_CLEANUP(eccsi_signer_drop)
        struct mikey_eccsi_signer *signer = eccsi_signer_of(&v, kms);
        struct mikey_eccsi_nonce j;
        uint8_t sig[MIKEY_SIG_LEN];

        eccsi_take(&v, "j", j.b, sizeof(j.b));
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_sign_with(signer, vec_hex(&v, "msg"), &j, sig), MU_OK);
        CU_ASSERT(
            span_eq((struct span){sig, ECCSI_S_OFFSET}, vec_hex(&v, "r")));
        CU_ASSERT(
            span_eq((struct span){sig + ECCSI_S_OFFSET, 32}, vec_hex(&v, "s")));
        CU_ASSERT(span_eq(SPAN_OF(sig), vec_hex(&v, "sig")));
    }
}

static void every_good_signature_verifies_both_ways(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(eccsi_kms_drop)
        struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
        MU_CLEANUP(eccsi_verifier_drop)
        struct mikey_eccsi_verifier *verifier = NULL;
        struct span id = vec_hex(&v, "id"), msg = vec_hex(&v, "msg");
        struct span sig = vec_hex(&v, "sig");

        CU_ASSERT_EQUAL(mikey_eccsi_verify(kms, id, msg, sig), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_verifier_new(kms, id, vec_hex(&v, "pvt"), &verifier),
            MU_OK);
        CU_ASSERT_EQUAL(mikey_eccsi_verifier_check(verifier, msg, sig), MU_OK);
    }
}

static void extracted_pairs_sign_for_their_identity_alone(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct test_rng rng;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_pair pair;
    uint8_t sig[MIKEY_SIG_LEN];
    struct span id = span_str("alice"), msg = span_str("hello");

    test_rng_init(&rng, 1);
    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    MU_CLEANUP(eccsi_signer_drop) struct mikey_eccsi_signer *signer = NULL;
    eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_extract(kms, &ksak, id, &rng.rng, &pair), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_signer_new(kms, id, &pair, &signer), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_sign(signer, msg, &rng.rng, sig), MU_OK);
    CU_ASSERT_EQUAL(mikey_eccsi_verify(kms, id, msg, SPAN_OF(sig)), MU_OK);
    CU_ASSERT_EQUAL(mikey_eccsi_verify(kms, span_str("bob"), msg, SPAN_OF(sig)),
        MU_E_CRYPTO);
}

static void one_identity_may_hold_several_pairs(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct test_rng rng;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_pair a, b;
    struct span id = span_str("alice");

    test_rng_init(&rng, 2);
    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_extract(kms, &ksak, id, &rng.rng, &a), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_extract(kms, &ksak, id, &rng.rng, &b), MU_OK);
    CU_ASSERT_FALSE(mikey_ssk_eq(&a.ssk, &b.ssk));
    CU_ASSERT_EQUAL(mikey_eccsi_validate(kms, id, &a), MU_OK);
    CU_ASSERT_EQUAL(mikey_eccsi_validate(kms, id, &b), MU_OK);
}

static void a_stuck_generator_repeats_no_nonce(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_pair a, b;
    uint8_t one[MIKEY_SIG_LEN], two[MIKEY_SIG_LEN];

    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    MU_CLEANUP(eccsi_signer_drop)
    struct mikey_eccsi_signer *signer = eccsi_signer_of(&v, kms);
    eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_extract(kms, &ksak, span_str("alice"), &test_rng_stuck, &a),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_extract(kms, &ksak, span_str("bob"), &test_rng_stuck, &b),
        MU_OK);
    CU_ASSERT(memcmp(a.pvt, b.pvt, sizeof(a.pvt)) != 0);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_sign(signer, span_str("one"), &test_rng_stuck, one), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_sign(signer, span_str("two"), &test_rng_stuck, two), MU_OK);
    CU_ASSERT(memcmp(one, two, ECCSI_S_OFFSET) != 0);
}

static void fresh_randomness_changes_the_signature(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct test_rng rng;
    uint8_t one[MIKEY_SIG_LEN], two[MIKEY_SIG_LEN];
    struct span msg = span_str("the same");

    test_rng_init(&rng, 3);
    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    MU_CLEANUP(eccsi_signer_drop)
    struct mikey_eccsi_signer *signer = eccsi_signer_of(&v, kms);
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_sign(signer, msg, &rng.rng, one), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_sign(signer, msg, &rng.rng, two), MU_OK);
    CU_ASSERT(memcmp(one, two, ECCSI_PVT_OFFSET) != 0);
}

static void without_randomness_nothing_is_made(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_pair pair;
    struct test_rng rng;
    uint8_t sig[MIKEY_SIG_LEN];

    test_rng_init(&rng, 4);
    rng.fails = true;
    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    MU_CLEANUP(eccsi_signer_drop)
    struct mikey_eccsi_signer *signer = eccsi_signer_of(&v, kms);
    eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
    CU_ASSERT_EQUAL(
        mikey_eccsi_extract(kms, &ksak, span_str("alice"), &rng.rng, &pair),
        MU_E_CRYPTO);
    CU_ASSERT_EQUAL(
        mikey_eccsi_sign(signer, span_str("msg"), &rng.rng, sig), MU_E_CRYPTO);
}

CU_TestInfo mikey_eccsi_tests[] = {
    {"the public key matches every vector",
        the_public_key_matches_every_vector},
    {"both hashes match every vector", both_hashes_match_every_vector},
    {"extraction matches every vector", extraction_matches_every_vector},
    {"the nonce point matches every vector",
        the_nonce_point_matches_every_vector},
    {"signatures match every vector", signatures_match_every_vector},
    {"every good signature verifies both ways",
        every_good_signature_verifies_both_ways},
    {"extracted pairs sign for their identity alone",
        extracted_pairs_sign_for_their_identity_alone},
    {"one identity may hold several pairs",
        one_identity_may_hold_several_pairs},
    {"a stuck generator repeats no nonce", a_stuck_generator_repeats_no_nonce},
    {"fresh randomness changes the signature",
        fresh_randomness_changes_the_signature},
    {"without randomness nothing is made", without_randomness_nothing_is_made},
    CU_TEST_INFO_NULL,
};
