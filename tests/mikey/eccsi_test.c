/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/eccsi.h"

#include <string.h>

#include "base/alloc.h"
#include "mikey/p256.h"
#include "tests/rng.h"
#include "tests/suites.h"
#include "tests/vec.h"

#define S_OFFSET   32
#define PVT_OFFSET 64

static void kms_drop(struct mikey_eccsi_kms **kms)
{
    mikey_eccsi_kms_free(*kms);
}

static void signer_drop(struct mikey_eccsi_signer **signer)
{
    mikey_eccsi_signer_free(*signer);
}

static void verifier_drop(struct mikey_eccsi_verifier **verifier)
{
    mikey_eccsi_verifier_free(*verifier);
}

/* Copies a field of a vector that has the width of out. */
static void take(struct vec *v, const char *name, uint8_t *out, size_t len)
{
    struct span s = vec_hex(v, name);

    CU_ASSERT_EQUAL_FATAL(s.len, len);
    memcpy(out, s.p, len);
}

static struct mikey_eccsi_kms *kms_of(struct vec *v)
{
    struct mikey_eccsi_kms *kms = NULL;

    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_kms_new(vec_hex(v, "kpak"), &kms), MU_OK);
    return kms;
}

static void pair_of(struct vec *v, struct mikey_eccsi_pair *out)
{
    take(v, "ssk", out->ssk.b, sizeof(out->ssk.b));
    take(v, "pvt", out->pvt, sizeof(out->pvt));
}

/* Opens the file of good vectors at its first record, RFC 6507 appendix A. */
static void open_rfc(struct vec *v)
{
    vec_open(v, "eccsi.vec");
    CU_ASSERT_FATAL(vec_next(v));
}

static struct mikey_eccsi_signer *signer_of(
    struct vec *v, const struct mikey_eccsi_kms *kms)
{
    MU_CLEANUP(mikey_eccsi_pair_clear) struct mikey_eccsi_pair pair;
    struct mikey_eccsi_signer *signer = NULL;

    pair_of(v, &pair);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_signer_new(kms, vec_hex(v, "id"), &pair, &signer), MU_OK);
    return signer;
}

static void the_public_key_matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        struct mikey_eccsi_secret ksak;
        uint8_t kpak[MIKEY_KPAK_LEN];

        take(&v, "ksak", ksak.b, sizeof(ksak.b));
        CU_ASSERT_EQUAL_FATAL(mikey_eccsi_public(&ksak, kpak), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(kpak), vec_hex(&v, "kpak")));
    }
}

static void both_hashes_match_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
        uint8_t hs[MIKEY_ECCSI_HASH_LEN], he[MIKEY_ECCSI_HASH_LEN];
        uint8_t pvt[MIKEY_PVT_LEN], r[32];

        take(&v, "pvt", pvt, sizeof(pvt));
        take(&v, "r", r, sizeof(r));
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
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
        struct mikey_eccsi_pair pair;
        struct mikey_eccsi_secret ksak;
        struct mikey_eccsi_nonce n;

        take(&v, "ksak", ksak.b, sizeof(ksak.b));
        take(&v, "v", n.b, sizeof(n.b));
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
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
        MU_CLEANUP(signer_drop)
        struct mikey_eccsi_signer *signer = signer_of(&v, kms);
        struct mikey_eccsi_nonce j;
        uint8_t sig[MIKEY_SIG_LEN];

        take(&v, "j", j.b, sizeof(j.b));
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_sign_with(signer, vec_hex(&v, "msg"), &j, sig), MU_OK);
        CU_ASSERT(span_eq((struct span){sig, S_OFFSET}, vec_hex(&v, "r")));
        CU_ASSERT(span_eq((struct span){sig + S_OFFSET, 32}, vec_hex(&v, "s")));
        CU_ASSERT(span_eq(SPAN_OF(sig), vec_hex(&v, "sig")));
    }
}

static void every_good_signature_verifies_both_ways(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
        MU_CLEANUP(verifier_drop) struct mikey_eccsi_verifier *verifier = NULL;
        struct span id = vec_hex(&v, "id"), msg = vec_hex(&v, "msg");
        struct span sig = vec_hex(&v, "sig");

        CU_ASSERT_EQUAL(mikey_eccsi_verify(kms, id, msg, sig), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_verifier_new(kms, id, vec_hex(&v, "pvt"), &verifier),
            MU_OK);
        CU_ASSERT_EQUAL(mikey_eccsi_verifier_check(verifier, msg, sig), MU_OK);
    }
}

static void bad_signatures_are_refused_and_a_malleated_one_is_not(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "eccsi-verify.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
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
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
        struct mikey_eccsi_signer *signer = NULL;
        struct mikey_eccsi_pair pair;
        struct span id = vec_hex(&v, "id");

        pair_of(&v, &pair);
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

    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    MU_CLEANUP(verifier_drop) struct mikey_eccsi_verifier *verifier = NULL;
    id = vec_hex(&v, "id");
    msg = vec_hex(&v, "msg");
    take(&v, "sig", sig, MIKEY_SIG_LEN);
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

    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    take(&v, "sig", sig, sizeof(sig));
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

    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    MU_CLEANUP(verifier_drop) struct mikey_eccsi_verifier *verifier = NULL;
    take(&v, "ksak", ksak.b, sizeof(ksak.b));
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

static void a_kms_key_of_any_other_length_is_refused(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t kpak[2 * MIKEY_KPAK_LEN] = {0};

    open_rfc(&v);
    take(&v, "kpak", kpak, MIKEY_KPAK_LEN);
    for (size_t len = 0; len <= sizeof(kpak); len++) {
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = NULL;
        enum mu_err err = mikey_eccsi_kms_new((struct span){kpak, len}, &kms);

        CU_ASSERT_EQUAL(err, len == MIKEY_KPAK_LEN ? MU_OK : MU_E_MALFORMED);
    }
}

static void every_flipped_bit_of_a_kms_key_is_off_the_curve(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t kpak[MIKEY_KPAK_LEN];

    open_rfc(&v);
    take(&v, "kpak", kpak, sizeof(kpak));
    for (size_t bit = 0; bit < 8 * sizeof(kpak); bit++) {
        MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = NULL;

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

    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    MU_CLEANUP(signer_drop)
    struct mikey_eccsi_signer *signer = signer_of(&v, kms);
    take(&v, "ksak", ksak.b, sizeof(ksak.b));
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

    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    take(&v, "ksak", ksak.b, sizeof(ksak.b));
    ksak.b[31] ^= 1;
    CU_ASSERT_EQUAL(mikey_eccsi_extract(
                        kms, &ksak, vec_hex(&v, "id"), &test_rng_stuck, &pair),
        MU_E_CRYPTO);
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
    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    MU_CLEANUP(signer_drop) struct mikey_eccsi_signer *signer = NULL;
    take(&v, "ksak", ksak.b, sizeof(ksak.b));
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
    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    take(&v, "ksak", ksak.b, sizeof(ksak.b));
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

    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    MU_CLEANUP(signer_drop)
    struct mikey_eccsi_signer *signer = signer_of(&v, kms);
    take(&v, "ksak", ksak.b, sizeof(ksak.b));
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
    CU_ASSERT(memcmp(one, two, S_OFFSET) != 0);
}

static void fresh_randomness_changes_the_signature(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct test_rng rng;
    uint8_t one[MIKEY_SIG_LEN], two[MIKEY_SIG_LEN];
    struct span msg = span_str("the same");

    test_rng_init(&rng, 3);
    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    MU_CLEANUP(signer_drop)
    struct mikey_eccsi_signer *signer = signer_of(&v, kms);
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_sign(signer, msg, &rng.rng, one), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_sign(signer, msg, &rng.rng, two), MU_OK);
    CU_ASSERT(memcmp(one, two, PVT_OFFSET) != 0);
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
    open_rfc(&v);
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = kms_of(&v);
    MU_CLEANUP(signer_drop)
    struct mikey_eccsi_signer *signer = signer_of(&v, kms);
    take(&v, "ksak", ksak.b, sizeof(ksak.b));
    CU_ASSERT_EQUAL(
        mikey_eccsi_extract(kms, &ksak, span_str("alice"), &rng.rng, &pair),
        MU_E_CRYPTO);
    CU_ASSERT_EQUAL(
        mikey_eccsi_sign(signer, span_str("msg"), &rng.rng, sig), MU_E_CRYPTO);
}

static enum mu_err make_all(struct vec *v)
{
    MU_CLEANUP(kms_drop) struct mikey_eccsi_kms *kms = NULL;
    MU_CLEANUP(signer_drop) struct mikey_eccsi_signer *signer = NULL;
    MU_CLEANUP(verifier_drop) struct mikey_eccsi_verifier *verifier = NULL;
    struct mikey_eccsi_pair pair;
    struct span id = vec_hex(v, "id");

    pair_of(v, &pair);
    TRY(mikey_eccsi_kms_new(vec_hex(v, "kpak"), &kms));
    TRY(mikey_eccsi_signer_new(kms, id, &pair, &signer));
    return mikey_eccsi_verifier_new(kms, id, SPAN_OF(pair.pvt), &verifier);
}

static void every_failed_allocation_is_told(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    unsigned n;

    open_rfc(&v);
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
    {"bad signatures are refused and a malleated one is not",
        bad_signatures_are_refused_and_a_malleated_one_is_not},
    {"bad pairs are refused", bad_pairs_are_refused},
    {"a signature of any other length is refused",
        a_signature_of_any_other_length_is_refused},
    {"every flipped bit of a signature is noticed",
        every_flipped_bit_of_a_signature_is_noticed},
    {"a cached signer refuses another token",
        a_cached_signer_refuses_another_token},
    {"a KMS key of any other length is refused",
        a_kms_key_of_any_other_length_is_refused},
    {"every flipped bit of a KMS key is off the curve",
        every_flipped_bit_of_a_kms_key_is_off_the_curve},
    {"a secret out of range is refused", a_secret_out_of_range_is_refused},
    {"a secret of another KMS extracts nothing",
        a_secret_of_another_kms_extracts_nothing},
    {"extracted pairs sign for their identity alone",
        extracted_pairs_sign_for_their_identity_alone},
    {"one identity may hold several pairs",
        one_identity_may_hold_several_pairs},
    {"a stuck generator repeats no nonce", a_stuck_generator_repeats_no_nonce},
    {"fresh randomness changes the signature",
        fresh_randomness_changes_the_signature},
    {"without randomness nothing is made", without_randomness_nothing_is_made},
    {"every failed allocation is told", every_failed_allocation_is_told},
    CU_TEST_INFO_NULL,
};
