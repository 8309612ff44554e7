/* SPDX-License-Identifier: Apache-2.0 */
/* What mikey/eccsi.h says no to. */
#include "mikey/eccsi.h"

#include <string.h>

#include "base/alloc.h"
#include "tests/mikey/eccsi_fixture.h"
#include "tests/rng.h"
#include "tests/suites.h"
#include "tests/vec.h"

static void bad_signatures_are_refused_and_a_malleated_one_is_not(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi-verify.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(eccsi_kms_drop)
        struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
        const char *expected = vec_text(&v, "error");
        enum mu_err err = mikey_eccsi_verify(
            kms, vec_hex(&v, "id"), vec_hex(&v, "msg"), vec_hex(&v, "sig"));

        CU_ASSERT_STRING_EQUAL(
            mu_err_name(err), expected != NULL ? expected : "ok");
    }
}

static void bad_pairs_are_refused(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi-pair.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(eccsi_kms_drop)
        struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
        struct mikey_eccsi_signer *signer = NULL;
        struct mikey_eccsi_pair pair;
        struct span id = vec_hex(&v, "id");

        eccsi_pair_of(&v, &pair);
        CU_ASSERT_STRING_EQUAL(
            mu_err_name(mikey_eccsi_validate(kms, id, &pair)),
            vec_text(&v, "error"));
        CU_ASSERT_EQUAL(
            mikey_eccsi_signer_new(kms, id, &pair, &signer), MU_E_CRYPTO);
        CU_ASSERT_PTR_NULL(signer);
    }
}

static void a_signature_of_any_other_length_is_refused(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct span id, msg;
    uint8_t sig[2 * MIKEY_SIG_LEN] = {0};

    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    MU_CLEANUP(eccsi_verifier_drop)
    struct mikey_eccsi_verifier *verifier = NULL;
    id = vec_hex(&v, "id");
    msg = vec_hex(&v, "msg");
    eccsi_take(&v, "sig", sig, MIKEY_SIG_LEN);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_verifier_new(kms, id, vec_hex(&v, "pvt"), &verifier),
        MU_OK);
    for (size_t len = 0; len <= sizeof(sig); len++) {
        struct span s = {sig, len};
        enum mu_err err = len == MIKEY_SIG_LEN ? MU_OK : MU_E_CRYPTO;

        CU_ASSERT_EQUAL(mikey_eccsi_verify(kms, id, msg, s), err);
        CU_ASSERT_EQUAL(mikey_eccsi_verifier_check(verifier, msg, s), err);
    }
}

static void every_flipped_bit_of_a_signature_is_noticed(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t sig[MIKEY_SIG_LEN];
    struct span id, msg;

    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    eccsi_take(&v, "sig", sig, sizeof(sig));
    id = vec_hex(&v, "id");
    msg = vec_hex(&v, "msg");
    for (size_t bit = 0; bit < 8 * sizeof(sig); bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_EQUAL(
            mikey_eccsi_verify(kms, id, msg, SPAN_OF(sig)), MU_E_CRYPTO);
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void a_cached_signer_refuses_another_token(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_pair other;

    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    MU_CLEANUP(eccsi_verifier_drop)
    struct mikey_eccsi_verifier *verifier = NULL;
    eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_extract(kms, &ksak, vec_hex(&v, "id"),
                              &test_rng_stuck, &other),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_verifier_new(kms, vec_hex(&v, "id"),
                              SPAN_OF(other.pvt), &verifier),
        MU_OK);
    CU_ASSERT_EQUAL(mikey_eccsi_verifier_check(
                        verifier, vec_hex(&v, "msg"), vec_hex(&v, "sig")),
        MU_E_CRYPTO);
}

static void a_token_of_any_other_length_is_refused(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t pvt[2 * MIKEY_PVT_LEN] = {0};
    struct span id;

    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    eccsi_take(&v, "pvt", pvt, MIKEY_PVT_LEN);
    id = vec_hex(&v, "id");
    for (size_t len = 0; len <= sizeof(pvt); len++) {
        MU_CLEANUP(eccsi_verifier_drop)
        struct mikey_eccsi_verifier *verifier = NULL;
        enum mu_err err = mikey_eccsi_verifier_new(
            kms, id, (struct span){pvt, len}, &verifier);

        CU_ASSERT_EQUAL(err, len == MIKEY_PVT_LEN ? MU_OK : MU_E_CRYPTO);
    }
}

static void a_kms_key_of_any_other_length_is_refused(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t kpak[2 * MIKEY_KPAK_LEN] = {0};

    eccsi_open_rfc(&v);
    eccsi_take(&v, "kpak", kpak, MIKEY_KPAK_LEN);
    for (size_t len = 0; len <= sizeof(kpak); len++) {
        MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = NULL;
        enum mu_err err = mikey_eccsi_kms_new((struct span){kpak, len}, &kms);

        CU_ASSERT_EQUAL(err, len == MIKEY_KPAK_LEN ? MU_OK : MU_E_MALFORMED);
    }
}

static void every_flipped_bit_of_a_kms_key_is_off_the_curve(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t kpak[MIKEY_KPAK_LEN];

    eccsi_open_rfc(&v);
    eccsi_take(&v, "kpak", kpak, sizeof(kpak));
    for (size_t bit = 0; bit < 8 * sizeof(kpak); bit++) {
        MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = NULL;

        kpak[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_EQUAL(
            mikey_eccsi_kms_new(SPAN_OF(kpak), &kms), MU_E_MALFORMED);
        kpak[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* 0, q and 2^256 - 1. */
static const uint8_t out_of_range[][32] = {
    {0},
    {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
        0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51},
    {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
};

static void a_secret_out_of_range_is_refused(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_eccsi_secret ksak, bad;
    struct mikey_eccsi_pair pair;
    uint8_t kpak[MIKEY_KPAK_LEN], sig[MIKEY_SIG_LEN];
    struct span id;

    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    MU_CLEANUP(eccsi_signer_drop)
    struct mikey_eccsi_signer *signer = eccsi_signer_of(&v, kms);
    eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
    id = vec_hex(&v, "id");
    for (size_t i = 0; i < sizeof(out_of_range) / sizeof(*out_of_range); i++) {
        struct mikey_eccsi_nonce n;

        memcpy(bad.b, out_of_range[i], sizeof(bad.b));
        memcpy(n.b, out_of_range[i], sizeof(n.b));
        CU_ASSERT_EQUAL(mikey_eccsi_public(&bad, kpak), MU_E_MALFORMED);
        CU_ASSERT_EQUAL(
            mikey_eccsi_extract(kms, &bad, id, &test_rng_stuck, &pair),
            MU_E_MALFORMED);
        CU_ASSERT_EQUAL(mikey_eccsi_extract_with(kms, &ksak, id, &n, &pair),
            MU_E_MALFORMED);
        CU_ASSERT_EQUAL(
            mikey_eccsi_sign_with(signer, id, &n, sig), MU_E_MALFORMED);
    }
}

static void a_secret_of_another_kms_extracts_nothing(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_pair pair;

    eccsi_open_rfc(&v);
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = eccsi_kms_of(&v);
    eccsi_take(&v, "ksak", ksak.b, sizeof(ksak.b));
    ksak.b[31] ^= 1;
    CU_ASSERT_EQUAL(mikey_eccsi_extract(
                        kms, &ksak, vec_hex(&v, "id"), &test_rng_stuck, &pair),
        MU_E_CRYPTO);
}

static enum mu_err make_all(struct vec *v)
{
    MU_CLEANUP(eccsi_kms_drop) struct mikey_eccsi_kms *kms = NULL;
    MU_CLEANUP(eccsi_signer_drop) struct mikey_eccsi_signer *signer = NULL;
    MU_CLEANUP(eccsi_verifier_drop)
    struct mikey_eccsi_verifier *verifier = NULL;
    struct mikey_eccsi_pair pair;
    struct span id = vec_hex(v, "id");

    eccsi_pair_of(v, &pair);
    TRY(mikey_eccsi_kms_new(vec_hex(v, "kpak"), &kms));
    TRY(mikey_eccsi_signer_new(kms, id, &pair, &signer));
    return mikey_eccsi_verifier_new(kms, id, SPAN_OF(pair.pvt), &verifier);
}

static void every_failed_allocation_is_told(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    unsigned n;

    eccsi_open_rfc(&v);
    for (n = 1;; n++) {
        enum mu_err err;

        mu_alloc_fail_nth(n);
        err = make_all(&v);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(n, 5); /* curve, KMS, signer, verifier */
}

CU_TestInfo mikey_eccsi_refuse_tests[] = {
    {"bad signatures are refused and a malleated one is not",
        bad_signatures_are_refused_and_a_malleated_one_is_not},
    {"bad pairs are refused", bad_pairs_are_refused},
    {"a signature of any other length is refused",
        a_signature_of_any_other_length_is_refused},
    {"every flipped bit of a signature is noticed",
        every_flipped_bit_of_a_signature_is_noticed},
    {"a cached signer refuses another token",
        a_cached_signer_refuses_another_token},
    {"a token of any other length is refused",
        a_token_of_any_other_length_is_refused},
    {"a KMS key of any other length is refused",
        a_kms_key_of_any_other_length_is_refused},
    {"every flipped bit of a KMS key is off the curve",
        every_flipped_bit_of_a_kms_key_is_off_the_curve},
    {"a secret out of range is refused", a_secret_out_of_range_is_refused},
    {"a secret of another KMS extracts nothing",
        a_secret_of_another_kms_extracts_nothing},
    {"every failed allocation is told", every_failed_allocation_is_told},
    CU_TEST_INFO_NULL,
};
