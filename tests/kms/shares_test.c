/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/shares.h"

#include "tests/rng.h"
#include "tests/suites.h"

#include <ctype.h>
#include <string.h>

#define COUNT     5
#define THRESHOLD 3

static const struct kms_sealing_key key = {
    {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0xff, 0xfe}};

static void split_as(
    const struct kms_sealing_key *of, uint64_t seed, struct kms_share *out)
{
    struct test_rng rng;

    test_rng_init(&rng, seed);
    CU_ASSERT_EQUAL_FATAL(
        kms_shares_split(of, COUNT, THRESHOLD, &rng.rng, out), MU_OK);
}

static void any_three_of_five_give_the_key(void)
{
    struct kms_share all[COUNT];
    struct kms_sealing_key got;

    split_as(&key, 1, all);
    for (size_t a = 0; a < COUNT; a++)
        for (size_t b = a + 1; b < COUNT; b++)
            for (size_t c = b + 1; c < COUNT; c++) {
                struct kms_share three[] = {all[c], all[a], all[b]};

                CU_ASSERT_EQUAL(kms_shares_join(three, 3, &got), MU_OK);
                CU_ASSERT(kms_sealing_key_eq(&got, &key));
            }
}

static void more_than_enough_give_the_key_as_well(void)
{
    struct kms_share all[COUNT];
    struct kms_sealing_key got;

    split_as(&key, 1, all);
    CU_ASSERT_EQUAL(kms_shares_join(all, COUNT, &got), MU_OK);
    CU_ASSERT(kms_sealing_key_eq(&got, &key));
}

static void two_of_five_do_not_do(void)
{
    struct kms_share all[COUNT];
    struct kms_sealing_key got;

    split_as(&key, 1, all);
    CU_ASSERT_EQUAL(kms_shares_join(all, 2, &got), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(kms_shares_join(all, 0, &got), MU_E_NOT_FOUND);
}

static void one_share_twice_does_not_do(void)
{
    struct kms_share all[COUNT];
    struct kms_sealing_key got;

    split_as(&key, 1, all);
    all[2] = all[0];
    CU_ASSERT_EQUAL(kms_shares_join(all, 3, &got), MU_E_STATE);
}

static void a_share_of_another_key_is_noticed(void)
{
    static const struct kms_sealing_key other = {{9}};
    struct kms_share all[COUNT], others[COUNT];
    struct kms_sealing_key got;

    split_as(&key, 1, all);
    split_as(&other, 2, others);
    all[1] = others[1];
    CU_ASSERT_EQUAL(kms_shares_join(all, 3, &got), MU_E_DENIED);
}

/* The same key split twice: tags agree, shares do not. */
static void a_share_of_another_splitting_is_noticed(void)
{
    struct kms_share all[COUNT], again[COUNT];
    struct kms_sealing_key got;

    split_as(&key, 1, all);
    split_as(&key, 2, again);
    all[1] = again[1];
    CU_ASSERT_EQUAL(kms_shares_join(all, 3, &got), MU_E_CRYPTO);
}

static void a_share_alone_is_not_the_key(void)
{
    struct kms_share all[COUNT];

    split_as(&key, 1, all);
    for (size_t i = 0; i < COUNT; i++)
        CU_ASSERT_NOT_EQUAL(memcmp(all[i].value.b, key.b, sizeof(key.b)), 0);
}

static void numbers_are_in_range(void)
{
    CU_ASSERT_EQUAL(kms_shares_check(2, 2), MU_OK);
    CU_ASSERT_EQUAL(kms_shares_check(KMS_SHARES_MAX, 2), MU_OK);
    CU_ASSERT_EQUAL(kms_shares_check(3, 1), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(kms_shares_check(3, 4), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(kms_shares_check(KMS_SHARES_MAX + 1, 2), MU_E_MALFORMED);
}

static void no_randomness_means_no_shares(void)
{
    static const struct kms_share none;
    struct kms_share all[COUNT];
    struct test_rng rng;

    test_rng_init(&rng, 1);
    rng.fails = true;
    CU_ASSERT_EQUAL(
        kms_shares_split(&key, COUNT, THRESHOLD, &rng.rng, all), MU_E_CRYPTO);
    for (size_t i = 0; i < COUNT; i++)
        CU_ASSERT_EQUAL(memcmp(&all[i].value, &none.value, 32), 0);
}

static bool same(const struct kms_share *a, const struct kms_share *b)
{
    return a->number == b->number && a->threshold == b->threshold &&
           a->tag == b->tag && kms_share_value_eq(&a->value, &b->value);
}

static void what_is_typed_back_is_the_share(void)
{
    struct kms_share all[COUNT], got;
    char text[KMS_SHARE_TEXT];

    split_as(&key, 1, all);
    for (size_t i = 0; i < COUNT; i++) {
        CU_ASSERT_EQUAL(kms_share_write(&all[i], text), MU_OK);
        CU_ASSERT_EQUAL(strlen(text), 79);
        CU_ASSERT_EQUAL(kms_share_read(span_str(text), &got), MU_OK);
        CU_ASSERT(same(&got, &all[i]));
    }
}

static void typing_may_differ_in_case_and_blanks(void)
{
    char text[KMS_SHARE_TEXT], typed[KMS_SHARE_TYPED] = "\t ";
    struct kms_share all[COUNT], got;
    size_t len = 2;

    split_as(&key, 1, all);
    CU_ASSERT_EQUAL(kms_share_write(&all[0], text), MU_OK);
    for (const char *c = text; *c != '\0'; c++) {
        typed[len++] = (char)(*c == '1'   ? 'l'
                              : *c == '0' ? 'O'
                                          : tolower((unsigned char)*c));
        if (*c == ' ')
            typed[len++] = '-';
    }
    typed[len++] = '\n';
    CU_ASSERT_EQUAL(
        kms_share_read((struct span){(uint8_t *)typed, len}, &got), MU_OK);
    CU_ASSERT(same(&got, &all[0]));
}

static void every_wrong_character_is_noticed(void)
{
    char text[KMS_SHARE_TEXT];
    struct kms_share all[COUNT], got;

    split_as(&key, 1, all);
    CU_ASSERT_EQUAL(kms_share_write(&all[0], text), MU_OK);
    for (size_t i = 0; i < KMS_SHARE_TEXT - 1; i++) {
        char was = text[i];

        if (was == ' ')
            continue;
        text[i] = was == 'A' ? 'B' : 'A';
        CU_ASSERT_NOT_EQUAL(kms_share_read(span_str(text), &got), MU_OK);
        text[i] = 'U';
        CU_ASSERT_EQUAL(kms_share_read(span_str(text), &got), MU_E_MALFORMED);
        text[i] = was;
    }
}

static void every_length_but_the_right_one_is_refused(void)
{
    char text[KMS_SHARE_TEXT + 1] = "";
    struct kms_share all[COUNT], got;

    split_as(&key, 1, all);
    CU_ASSERT_EQUAL(kms_share_write(&all[0], text), MU_OK);
    for (size_t len = 0; len < KMS_SHARE_TEXT - 1; len++)
        CU_ASSERT_EQUAL(
            kms_share_read((struct span){(uint8_t *)text, len}, &got),
            MU_E_MALFORMED);
    text[KMS_SHARE_TEXT - 1] = '0';
    CU_ASSERT_EQUAL(
        kms_share_read((struct span){(uint8_t *)text, KMS_SHARE_TEXT}, &got),
        MU_E_MALFORMED);
}

CU_TestInfo kms_shares_tests[] = {
    {"any three of five give the key", any_three_of_five_give_the_key},
    {"more than enough give the key as well",
        more_than_enough_give_the_key_as_well},
    {"two of five do not do", two_of_five_do_not_do},
    {"one share twice does not do", one_share_twice_does_not_do},
    {"a share of another key is noticed", a_share_of_another_key_is_noticed},
    {"a share of another splitting is noticed",
        a_share_of_another_splitting_is_noticed},
    {"a share alone is not the key", a_share_alone_is_not_the_key},
    {"numbers are in range", numbers_are_in_range},
    {"no randomness means no shares", no_randomness_means_no_shares},
    {"what is typed back is the share", what_is_typed_back_is_the_share},
    {"typing may differ in case and blanks",
        typing_may_differ_in_case_and_blanks},
    {"every wrong character is noticed", every_wrong_character_is_noticed},
    {"every length but the right one is refused",
        every_length_but_the_right_one_is_refused},
    CU_TEST_INFO_NULL,
};
