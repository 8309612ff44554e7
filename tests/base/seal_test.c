/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include "base/alloc.h"
#include "base/hkdf.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <openssl/evp.h>
#include <string.h>

#define PLAIN_LEN  24
#define SEALED_LEN MU_SEAL_LEN(PLAIN_LEN)

static const struct mu_kek kek_1 = {{1}}, kek_2 = {{2}};
static const uint8_t plain[PLAIN_LEN] = "four and twenty octets.";
static const struct mu_seal_use use = {"test", {(const uint8_t *)"id 7", 4}};

/* A ring with one key and one object sealed under it. */
struct fixture {
    struct test_rng rng;
    struct mu_keyring ring;
    uint8_t sealed[SEALED_LEN];
};

static void setup(struct fixture *f)
{
    test_rng_init(&f->rng, 42);
    f->ring.len = 0;
    CU_ASSERT_EQUAL_FATAL(mu_keyring_add(&f->ring, &kek_1), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mu_seal(&f->ring, &use, SPAN_OF(plain), &f->rng.rng, f->sealed), MU_OK);
}

/* Opens the fixture's object; what a failure leaves must be all zero. */
static enum mu_err reopen(const struct fixture *f, size_t sealed_len)
{
    uint8_t out[PLAIN_LEN], zero[PLAIN_LEN] = {0};
    enum mu_err err = mu_unseal(
        &f->ring, &use, (struct span){f->sealed, sealed_len}, out, sizeof(out));

    CU_ASSERT_EQUAL(memcmp(out, err == MU_OK ? plain : zero, PLAIN_LEN), 0);
    return err;
}

static void every_length_round_trips(void)
{
    static const size_t lens[] = {0, 1, 15, 16, 17, 273, 65536, MU_SEAL_MAX};
    uint8_t *in = mu_alloc(MU_SEAL_MAX), *back = mu_alloc(MU_SEAL_MAX);
    uint8_t *sealed = mu_alloc(MU_SEAL_LEN(MU_SEAL_MAX));
    struct fixture f;

    setup(&f);
    memset(in, 0xa5, MU_SEAL_MAX);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct span text = {in, lens[i]};
        struct span got = {sealed, MU_SEAL_LEN(lens[i])};
        size_t len = 0;

        CU_ASSERT_EQUAL(
            mu_seal(&f.ring, &use, text, &f.rng.rng, sealed), MU_OK);
        CU_ASSERT_EQUAL(mu_seal_plain_len(got, &len), MU_OK);
        CU_ASSERT_EQUAL(len, lens[i]);
        CU_ASSERT_EQUAL(mu_unseal(&f.ring, &use, got, back, len), MU_OK);
        CU_ASSERT(span_eq(text, (struct span){back, len}));
    }
    mu_free(in);
    mu_free(back);
    mu_free(sealed);
}

/* The documented layout, opened by hand with OpenSSL alone. */
static void the_layout_is_as_documented(void)
{
    static const uint8_t info[] = "muster seal 1", tail[] = "\x04testid 7";
    uint8_t key[44], out[PLAIN_LEN];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    struct mu_kek_id id;
    struct fixture f;
    int n;

    setup(&f);
    CU_ASSERT_EQUAL(mu_kek_id(&kek_1, &id), MU_OK);
    CU_ASSERT_EQUAL(f.sealed[0], 1);
    CU_ASSERT_EQUAL(memcmp(f.sealed + 1, id.b, 8), 0);
    CU_ASSERT_EQUAL(mu_hkdf(SPAN_OF(kek_1.b), (struct span){f.sealed + 9, 32},
                        (struct span){info, 13}, key, sizeof(key)),
        MU_OK);
    EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, key + 32);
    EVP_DecryptUpdate(ctx, NULL, &n, f.sealed, 41);
    EVP_DecryptUpdate(ctx, NULL, &n, tail, 9);
    EVP_DecryptUpdate(ctx, out, &n, f.sealed + 41, PLAIN_LEN);
    EVP_CIPHER_CTX_ctrl(
        ctx, EVP_CTRL_AEAD_SET_TAG, 16, f.sealed + 41 + PLAIN_LEN);
    CU_ASSERT_EQUAL(EVP_DecryptFinal_ex(ctx, out, &n), 1);
    CU_ASSERT_EQUAL(memcmp(out, plain, PLAIN_LEN), 0);
    EVP_CIPHER_CTX_free(ctx);
}

/* Which error tells where: the version, the KEK-ID, or all that GCM covers. */
static enum mu_err error_at(size_t octet)
{
    if (octet == 0)
        return MU_E_UNSUPPORTED;
    return octet <= MU_KEK_ID_LEN ? MU_E_NOT_FOUND : MU_E_CRYPTO;
}

static void every_changed_bit_is_noticed(void)
{
    struct fixture f;

    setup(&f);
    for (size_t bit = 0; bit < 8 * sizeof(f.sealed); bit++) {
        f.sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
        CU_ASSERT_EQUAL(reopen(&f, SEALED_LEN), error_at(bit / 8));
        f.sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    CU_ASSERT_EQUAL(reopen(&f, SEALED_LEN), MU_OK);
}

static void every_truncation_is_malformed(void)
{
    struct fixture f;

    setup(&f);
    for (size_t len = 0; len < SEALED_LEN; len++)
        CU_ASSERT_EQUAL(reopen(&f, len), MU_E_MALFORMED);
}

static void another_length_is_malformed(void)
{
    uint8_t out[PLAIN_LEN + 1];
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(
        mu_unseal(&f.ring, &use, SPAN_OF(f.sealed), out, sizeof(out)),
        MU_E_MALFORMED);
}

static void another_use_does_not_open(void)
{
    /* The last two share the octets of label and bound, split elsewhere. */
    static const struct mu_seal_use others[] = {
        {"tesT", {(const uint8_t *)"id 7", 4}},
        {"test", {(const uint8_t *)"id 8", 4}},
        {"test", {NULL, 0}},
        {"testi", {(const uint8_t *)"d 7", 3}},
        {"tes", {(const uint8_t *)"tid 7", 5}},
    };
    uint8_t out[PLAIN_LEN];
    struct fixture f;

    setup(&f);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        CU_ASSERT_EQUAL(
            mu_unseal(&f.ring, &others[i], SPAN_OF(f.sealed), out, PLAIN_LEN),
            MU_E_CRYPTO);
}

static void no_two_sealed_forms_are_alike(void)
{
    uint8_t again[SEALED_LEN];
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(
        mu_seal(&f.ring, &use, SPAN_OF(plain), &f.rng.rng, again), MU_OK);
    CU_ASSERT_NOT_EQUAL(memcmp(f.sealed + 9, again + 9, 32), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(f.sealed + 41, again + 41, PLAIN_LEN), 0);
}

static void limits_are_enforced(void)
{
    static uint8_t bound[MU_SEAL_BOUND_MAX + 1];
    uint8_t out[SEALED_LEN];
    struct mu_seal_use most = {"test", {bound, MU_SEAL_BOUND_MAX}};
    struct mu_seal_use over = {"test", {bound, sizeof(bound)}};
    struct mu_keyring empty = {0};
    struct span huge = {plain, (size_t)MU_SEAL_MAX + 1}; /* never read */
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(
        mu_seal(&f.ring, &most, SPAN_OF(plain), &f.rng.rng, out), MU_OK);
    CU_ASSERT_EQUAL(mu_seal(&f.ring, &over, SPAN_OF(plain), &f.rng.rng, out),
        MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(
        mu_seal(&f.ring, &use, huge, &f.rng.rng, out), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(
        mu_seal(&empty, &use, SPAN_OF(plain), &f.rng.rng, out), MU_E_STATE);
    f.rng.fails = true;
    CU_ASSERT_EQUAL(
        mu_seal(&f.ring, &use, SPAN_OF(plain), &f.rng.rng, out), MU_E_CRYPTO);
}

static void a_second_kek_seals_while_the_first_still_opens(void)
{
    uint8_t fresh[SEALED_LEN];
    struct mu_kek_id first, second, got;
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(mu_kek_id(&kek_1, &first), MU_OK);
    CU_ASSERT_EQUAL(mu_kek_id(&kek_2, &second), MU_OK);
    CU_ASSERT_EQUAL(mu_keyring_add(&f.ring, &kek_2), MU_OK);
    CU_ASSERT_EQUAL(reopen(&f, SEALED_LEN), MU_OK);
    CU_ASSERT_EQUAL(
        mu_seal(&f.ring, &use, SPAN_OF(plain), &f.rng.rng, fresh), MU_OK);
    CU_ASSERT_EQUAL(mu_seal_kek_id(SPAN_OF(f.sealed), &got), MU_OK);
    CU_ASSERT_EQUAL(memcmp(&got, &first, sizeof(got)), 0);
    CU_ASSERT_EQUAL(mu_seal_kek_id(SPAN_OF(fresh), &got), MU_OK);
    CU_ASSERT_EQUAL(memcmp(&got, &second, sizeof(got)), 0);
}

static void resealing_in_place_retires_the_old_kek(void)
{
    struct mu_kek_id first;
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(mu_kek_id(&kek_1, &first), MU_OK);
    CU_ASSERT_EQUAL(mu_keyring_add(&f.ring, &kek_2), MU_OK);
    CU_ASSERT_EQUAL(
        mu_reseal(&f.ring, &use, SPAN_OF(f.sealed), &f.rng.rng, f.sealed),
        MU_OK);
    CU_ASSERT_EQUAL(mu_keyring_remove(&f.ring, &first), MU_OK);
    CU_ASSERT_EQUAL(reopen(&f, SEALED_LEN), MU_OK);
}

static void a_failed_reseal_leaves_the_object(void)
{
    static const struct mu_seal_use other = {"other", {NULL, 0}};
    struct span sealed;
    struct fixture f;

    setup(&f);
    sealed = SPAN_OF(f.sealed);
    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(
        mu_reseal(&f.ring, &use, sealed, &f.rng.rng, f.sealed), MU_E_NO_MEMORY);
    CU_ASSERT(mu_alloc_fail_end());
    CU_ASSERT_EQUAL(
        mu_reseal(&f.ring, &other, sealed, &f.rng.rng, f.sealed), MU_E_CRYPTO);
    f.rng.fails = true;
    CU_ASSERT_EQUAL(
        mu_reseal(&f.ring, &use, sealed, &f.rng.rng, f.sealed), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(reopen(&f, SEALED_LEN), MU_OK);
}

CU_TestInfo base_seal_tests[] = {
    {"every length round trips", every_length_round_trips},
    {"the layout is as documented", the_layout_is_as_documented},
    {"every changed bit is noticed", every_changed_bit_is_noticed},
    {"every truncation is malformed", every_truncation_is_malformed},
    {"another length is malformed", another_length_is_malformed},
    {"another use does not open", another_use_does_not_open},
    {"no two sealed forms are alike", no_two_sealed_forms_are_alike},
    {"limits are enforced", limits_are_enforced},
    {"a second KEK seals while the first still opens",
        a_second_kek_seals_while_the_first_still_opens},
    {"resealing in place retires the old KEK",
        resealing_in_place_retires_the_old_kek},
    {"a failed reseal leaves the object", a_failed_reseal_leaves_the_object},
    CU_TEST_INFO_NULL,
};
