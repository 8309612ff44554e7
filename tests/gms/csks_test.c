/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/csks.h"

#include <stdio.h>

#include "base/alloc.h"
#include "tests/suites.h"

#define NOW   UINT64_C(1700000000)
#define ALICE "sip:alice@example.org"
#define BOB   "sip:bob@example.org"

static void csks_drop(struct gms_csks **csks)
{
    gms_csks_free(*csks);
}

static struct gms_csks *make(uint64_t max, uint64_t each)
{
    const struct gms_csks_limits limits = {max, each, 1000};
    struct gms_csks *csks = NULL;

    CU_ASSERT_EQUAL_FATAL(gms_csks_new(&limits, mu_rng_system(), &csks), MU_OK);
    return csks;
}

/* A key that is its number, in its first octet. */
static void put(struct gms_csks *csks, const char *member, uint32_t id,
    uint8_t number, uint64_t now_s)
{
    const struct mcptt_sig_conf_key key = {{number}};
    const struct gms_csk csk = {span_str(member), {id}, UINT64_MAX, &key};

    CU_ASSERT_EQUAL(gms_csks_put(csks, &csk, now_s), MU_OK);
}

/* The numbers of the keys that are found, as decimal digits. */
static unsigned found(const struct gms_csks *csks, const char *member,
    uint32_t id, uint64_t now_s)
{
    struct gms_csk out[GMS_CSKS_SAME_ID];
    size_t count = gms_csks_find(
        csks, (struct mcptt_key_id){id}, span_str(member), now_s, out);
    unsigned numbers = 0;

    for (size_t i = 0; i < count; i++)
        numbers = 10 * numbers + out[i].key->b[0];
    return numbers;
}

static void a_key_is_found_by_member_and_identifier(void)
{
    MU_CLEANUP(csks_drop) struct gms_csks *csks = make(10, 4);

    put(csks, ALICE, 1, 1, NOW);
    put(csks, ALICE, 2, 2, NOW);
    put(csks, BOB, 1, 3, NOW);
    CU_ASSERT_EQUAL(found(csks, ALICE, 1, NOW), 1);
    CU_ASSERT_EQUAL(found(csks, ALICE, 2, NOW), 2);
    CU_ASSERT_EQUAL(found(csks, BOB, 1, NOW), 3);
    CU_ASSERT_EQUAL(found(csks, BOB, 2, NOW), 0);
    CU_ASSERT_EQUAL(found(csks, "", 1, NOW), 31); /* the newest first */
}

static void a_new_key_of_an_identifier_takes_the_others_place(void)
{
    MU_CLEANUP(csks_drop) struct gms_csks *csks = make(10, 4);

    put(csks, ALICE, 1, 1, NOW);
    put(csks, ALICE, 1, 2, NOW);
    CU_ASSERT_EQUAL(found(csks, ALICE, 1, NOW), 2);
    CU_ASSERT_EQUAL(gms_csks_count(csks), 1);
}

static void a_member_has_so_many_and_no_more(void)
{
    MU_CLEANUP(csks_drop) struct gms_csks *csks = make(10, 2);

    put(csks, BOB, 1, 9, NOW);
    for (uint8_t i = 1; i <= 4; i++)
        put(csks, ALICE, i, i, NOW);
    CU_ASSERT_EQUAL(found(csks, ALICE, 2, NOW), 0);
    CU_ASSERT_EQUAL(found(csks, ALICE, 3, NOW), 3);
    CU_ASSERT_EQUAL(found(csks, ALICE, 4, NOW), 4);
    CU_ASSERT_EQUAL(found(csks, BOB, 1, NOW), 9);
    CU_ASSERT_EQUAL(gms_csks_count(csks), 3);
}

static void all_have_so_many_and_no_more(void)
{
    MU_CLEANUP(csks_drop) struct gms_csks *csks = make(3, 4);

    for (uint8_t i = 1; i <= 5; i++) {
        char member[32];

        (void)snprintf(member, sizeof(member), "sip:m%u@example.org", i);
        put(csks, member, i, i, NOW);
    }
    CU_ASSERT_EQUAL(gms_csks_count(csks), 3);
    CU_ASSERT_EQUAL(found(csks, "", 2, NOW), 0);
    CU_ASSERT_EQUAL(found(csks, "", 3, NOW), 3);
}

static void a_key_ends(void)
{
    MU_CLEANUP(csks_drop) struct gms_csks *csks = make(10, 4);
    const struct mcptt_sig_conf_key key = {{2}};
    const struct gms_csk csk = {span_str(BOB), {2}, NOW + 10, &key};

    put(csks, ALICE, 1, 1, NOW);
    CU_ASSERT_EQUAL(gms_csks_put(csks, &csk, NOW), MU_OK);
    CU_ASSERT_EQUAL(found(csks, ALICE, 1, NOW + 999), 1);
    CU_ASSERT_EQUAL(found(csks, ALICE, 1, NOW + 1000), 0);
    CU_ASSERT_EQUAL(found(csks, BOB, 2, NOW + 9), 2);
    CU_ASSERT_EQUAL(found(csks, BOB, 2, NOW + 10), 0);
    put(csks, BOB, 3, 3, NOW + 1000); /* and what is over goes */
    CU_ASSERT_EQUAL(gms_csks_count(csks), 1);
}

static void of_one_identifier_a_few_are_found(void)
{
    MU_CLEANUP(csks_drop) struct gms_csks *csks = make(100, 4);
    struct gms_csk out[GMS_CSKS_SAME_ID];

    for (uint8_t i = 0; i < 2 * GMS_CSKS_SAME_ID; i++) {
        char member[32];

        (void)snprintf(member, sizeof(member), "sip:m%u@example.org", i);
        put(csks, member, 1, i, NOW);
    }
    CU_ASSERT_EQUAL(gms_csks_find(csks, (struct mcptt_key_id){1},
                        (struct span){NULL, 0}, NOW, out),
        GMS_CSKS_SAME_ID);
    CU_ASSERT_EQUAL(found(csks, "sip:m0@example.org", 1, NOW), 0);
    CU_ASSERT_EQUAL(found(csks, "sip:m1@example.org", 1, NOW), 1);
}

static void nobody_has_no_key(void)
{
    MU_CLEANUP(csks_drop) struct gms_csks *csks = make(10, 4);
    const struct mcptt_sig_conf_key key = {{1}};
    const struct gms_csk csk = {{NULL, 0}, {1}, UINT64_MAX, &key};

    CU_ASSERT_EQUAL(gms_csks_put(csks, &csk, NOW), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(gms_csks_count(csks), 0);
}

static void memory_may_end(void)
{
    const struct gms_csks_limits limits = {10, 4, 1000};
    MU_CLEANUP(csks_drop) struct gms_csks *csks = NULL;
    const struct mcptt_sig_conf_key key = {{1}};
    const struct gms_csk csk = {span_str(ALICE), {1}, UINT64_MAX, &key};

    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(
        gms_csks_new(&limits, mu_rng_system(), &csks), MU_E_NO_MEMORY);
    CU_ASSERT(mu_alloc_fail_end());
    csks = make(10, 4);
    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(gms_csks_put(csks, &csk, NOW), MU_E_NO_MEMORY);
    CU_ASSERT(mu_alloc_fail_end());
    CU_ASSERT_EQUAL(gms_csks_count(csks), 0);
}

CU_TestInfo gms_csks_tests[] = {
    {"a key is found by member and identifier",
        a_key_is_found_by_member_and_identifier},
    {"a new key of an identifier takes the other's place",
        a_new_key_of_an_identifier_takes_the_others_place},
    {"a member has so many and no more", a_member_has_so_many_and_no_more},
    {"all have so many and no more", all_have_so_many_and_no_more},
    {"a key ends", a_key_ends},
    {"of one identifier a few are found", of_one_identifier_a_few_are_found},
    {"nobody has no key", nobody_has_no_key},
    {"memory may end", memory_may_end},
    CU_TEST_INFO_NULL,
};
