/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_edit.h"

#include <string.h>

#include "tests/suites.h"

/* With prefixes that are not the usual ones, a comment, and odd white space:
 * what is not the member's must come out as it went in. */
#define HEAD                                                                   \
    "<?xml version=\"1.0\"?>\n"                                                \
    "<ls:group xmlns:ls=\"urn:oma:xml:poc:list-service\"\n"                    \
    "  xmlns:n='urn:ietf:params:xml:ns:resource-lists'>"                       \
    "<ls:list-service  uri=\"sip:g@x\"><!-- keep -->\n  <ls:list>\n"
#define ALICE                                                                  \
    "<ls:entry uri=\"sip:alice@x\" ><n:display-name>A</n:display-name>"        \
    "</ls:entry>"
#define BOB  "<ls:entry uri='sip:bob@x'/>"
#define TAIL "\n  </ls:list></ls:list-service></ls:group>\n"

#define TEXT HEAD ALICE "\n" BOB TAIL

static const struct xml_group_entry carol = {
    .uri = {(const uint8_t *)"sip:carol@x", 11},
    .display_name = {(const uint8_t *)"C & D", 5},
    .priority = 7,
    .required = true};

static void an_entry_is_put_behind_the_last_one(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span out = {NULL, 0};

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL_FATAL(
        gms_edit_add(span_str(TEXT), &carol, &arena, &out), MU_OK);
    CU_ASSERT(span_eq(
        out, span_str(HEAD ALICE
                 "\n" BOB "<entry xmlns=\"urn:oma:xml:poc:list-service\" "
                 "uri=\"sip:carol@x\"><rl:display-name xmlns:rl="
                 "\"urn:ietf:params:xml:ns:resource-lists\">C &amp; D"
                 "</rl:display-name><g:user-priority xmlns:g="
                 "\"urn:3gpp:ns:mcpttGroupInfo:1.0\">7</g:user-priority>"
                 "<g:on-network-required xmlns:g="
                 "\"urn:3gpp:ns:mcpttGroupInfo:1.0\"></g:on-network-required>"
                 "</entry>" TAIL)));
}

static void an_entry_that_is_there_is_replaced(void)
{
    const struct xml_group_entry bob = {.uri = span_str("sip:bob@x")};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span out = {NULL, 0};

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL_FATAL(
        gms_edit_add(span_str(TEXT), &bob, &arena, &out), MU_OK);
    CU_ASSERT(span_eq(out,
        span_str(HEAD ALICE "\n<entry xmlns=\"urn:oma:xml:poc:list-service\" "
                            "uri=\"sip:bob@x\"></entry>" TAIL)));
}

static void who_was_taken_out_is_put_back_octet_for_octet(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span entry = {NULL, 0}, without = {NULL, 0}, again = {NULL, 0};
    struct span alice = span_str("sip:alice@x");

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL_FATAL(
        gms_edit_entry(span_str(TEXT), alice, &arena, &entry), MU_OK);
    CU_ASSERT(span_eq(entry, span_str(ALICE)));
    CU_ASSERT_EQUAL_FATAL(
        gms_edit_remove(span_str(TEXT), alice, &arena, &without), MU_OK);
    CU_ASSERT(span_eq(without, span_str(HEAD "\n" BOB TAIL)));
    CU_ASSERT_EQUAL_FATAL(
        gms_edit_restore(without, alice, entry, &arena, &again), MU_OK);
    CU_ASSERT(span_eq(again, span_str(HEAD "\n" BOB ALICE TAIL)));
}

static void who_is_no_member_cannot_be_taken_out(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span nobody = span_str("sip:nobody@x"), out = {NULL, 0};

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL(
        gms_edit_remove(span_str(TEXT), nobody, &arena, &out), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        gms_edit_entry(span_str(TEXT), nobody, &arena, &out), MU_E_NOT_FOUND);
    CU_ASSERT_PTR_NULL(out.p);
}

static void a_document_without_a_list_takes_nobody(void)
{
    static const char text[] = "<group xmlns=\"urn:oma:xml:poc:list-service\">"
                               "<list-service uri=\"sip:g@x\"/></group>";
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span out = {NULL, 0};

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL(
        gms_edit_add(span_str(text), &carol, &arena, &out), MU_E_STATE);
}

CU_TestInfo gms_api_edit_tests[] = {
    {"an entry is put behind the last one",
        an_entry_is_put_behind_the_last_one},
    {"an entry that is there is replaced", an_entry_that_is_there_is_replaced},
    {"who was taken out is put back octet for octet",
        who_was_taken_out_is_put_back_octet_for_octet},
    {"who is no member cannot be taken out",
        who_is_no_member_cannot_be_taken_out},
    {"a document without a list takes nobody",
        a_document_without_a_list_takes_nobody},
    CU_TEST_INFO_NULL,
};
