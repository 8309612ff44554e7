/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sign.h"

#include "base/text.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <openssl/evp.h>
#include <string.h>

static const struct mu_sign_key key = {{1, 2, 3}};

static void public_keys_are_those_of_rfc_8032(void)
{
    /* RFC 8032 clause 7.1, tests 1 and 2: secret key, public key. */
    static const char *const pairs[][2] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"},
    };

    for (size_t i = 0; i < 2; i++) {
        struct mu_sign_key secret;
        struct mu_verify_key public;
        char hex[MU_HEX_LEN(32)];
        size_t len;

        CU_ASSERT_EQUAL(
            mu_hex_read(span_str(pairs[i][0]), secret.b, 32, &len), MU_OK);
        CU_ASSERT_EQUAL(mu_sign_public(&secret, &public), MU_OK);
        mu_hex_write(SPAN_OF(public.b), hex);
        CU_ASSERT_STRING_EQUAL(hex, pairs[i][1]);
    }
}

/* The layout of the header, built again by other means. */
static void the_signed_octets_are_as_documented(void)
{
    uint8_t in[1 + 4 + 64] = "\x04kind";
    struct mu_verify_key public;
    struct mu_signature sig;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY *pkey;

    CU_ASSERT_EQUAL(mu_sign_public(&key, &public), MU_OK);
    CU_ASSERT_EQUAL(mu_sign(&key, "kind", span_str("words"), &sig), MU_OK);
    EVP_Digest("words", 5, in + 5, NULL, EVP_sha512(), NULL);
    pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public.b, 32);
    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey);
    CU_ASSERT_EQUAL(EVP_DigestVerify(ctx, sig.b, 64, in, sizeof(in)), 1);
    EVP_PKEY_free(pkey);
    EVP_MD_CTX_free(ctx);
}

static void only_the_same_key_label_and_message_verify(void)
{
    static const struct mu_sign_key other = {{1, 2, 4}};
    struct mu_verify_key public, stranger;
    struct mu_signature sig;
    struct span words = span_str("words");

    CU_ASSERT_EQUAL(mu_sign_public(&key, &public), MU_OK);
    CU_ASSERT_EQUAL(mu_sign_public(&other, &stranger), MU_OK);
    CU_ASSERT_EQUAL(mu_sign(&key, "kind", words, &sig), MU_OK);
    CU_ASSERT_EQUAL(mu_verify(&public, "kind", words, &sig), MU_OK);
    CU_ASSERT_EQUAL(mu_verify(&public, "kin", words, &sig), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(mu_verify(&stranger, "kind", words, &sig), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(
        mu_verify(&public, "kind", span_str("word"), &sig), MU_E_CRYPTO);
}

static void every_bit_of_a_signature_counts(void)
{
    struct mu_verify_key public;
    struct mu_signature sig;

    CU_ASSERT_EQUAL(mu_sign_public(&key, &public), MU_OK);
    CU_ASSERT_EQUAL(mu_sign(&key, "kind", SPAN_OF(key.b), &sig), MU_OK);
    for (size_t bit = 0; bit < 8 * sizeof(sig.b); bit++) {
        sig.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
        CU_ASSERT_EQUAL(
            mu_verify(&public, "kind", SPAN_OF(key.b), &sig), MU_E_CRYPTO);
        sig.b[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void an_empty_message_can_be_signed(void)
{
    struct mu_verify_key public;
    struct mu_signature sig;
    struct span none = {NULL, 0};

    CU_ASSERT_EQUAL(mu_sign_public(&key, &public), MU_OK);
    CU_ASSERT_EQUAL(mu_sign(&key, "kind", none, &sig), MU_OK);
    CU_ASSERT_EQUAL(mu_verify(&public, "kind", none, &sig), MU_OK);
}

static void no_key_is_made_without_randomness(void)
{
    struct test_rng rng;
    struct mu_sign_key made = {{7}};

    test_rng_init(&rng, 1);
    rng.fails = true;
    CU_ASSERT_EQUAL(mu_sign_key_make(&rng.rng, &made), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(made.b[0], 7);
}

CU_TestInfo base_sign_tests[] = {
    {"public keys are those of RFC 8032", public_keys_are_those_of_rfc_8032},
    {"the signed octets are as documented",
        the_signed_octets_are_as_documented},
    {"only the same key, label and message verify",
        only_the_same_key_label_and_message_verify},
    {"every bit of a signature counts", every_bit_of_a_signature_counts},
    {"an empty message can be signed", an_empty_message_can_be_signed},
    {"no key is made without randomness", no_key_is_made_without_randomness},
    CU_TEST_INFO_NULL,
};
