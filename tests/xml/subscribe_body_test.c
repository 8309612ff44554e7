/* SPDX-License-Identifier: Apache-2.0 */
/* The two bodies of a SUBSCRIBE: xml/resource_lists.h and xml/mcptt_info.h. */
#include <stdio.h>

#include "tests/suites.h"
#include "xml/mcptt_info.h"
#include "xml/resource_lists.h"

#define LISTS                                                                  \
    "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>"
#define END_LISTS "</list></resource-lists>"
#define INFO      "<mcpttinfo xmlns=\"urn:3gpp:ns:mcpttInfo:1.0\"><mcptt-Params>"
#define END_INFO  "</mcptt-Params></mcpttinfo>"

static void lists_are_read_verbatim_and_in_order(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_resource_lists lists;
    struct xml_fault fault;

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(
        xml_resource_lists_read(
            span_str(LISTS "<display-name>mine</display-name>"
                           "<entry uri=\"a/global/byGroup/sip%3ax@y\"/>"
                           "<entry uri=\"https://g.org/a/~~/b%5b1%5d\">"
                           "<display-name>n</display-name></entry>" END_LISTS),
            &arena, &fault, &lists),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(lists.count, 2);
    CU_ASSERT(span_eq(lists.uris[0], span_str("a/global/byGroup/sip%3ax@y")));
    CU_ASSERT(span_eq(lists.uris[1], span_str("https://g.org/a/~~/b%5b1%5d")));
}

static void lists_are_flat(void)
{
    static const struct {
        const char *text;
        enum mu_err err;
    } bad[] = {
        {LISTS "<entry-ref ref=\"a\"/>" END_LISTS, MU_E_UNSUPPORTED},
        {LISTS "<external anchor=\"a\"/>" END_LISTS, MU_E_UNSUPPORTED},
        {LISTS "<list/>" END_LISTS, MU_E_MALFORMED},
        {LISTS "<entry/>" END_LISTS, MU_E_MALFORMED},
        {"<resource-lists/>", MU_E_MALFORMED},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_resource_lists lists;
        struct xml_fault fault;

        mu_arena_init(&arena, 1 << 16);
        CU_ASSERT_EQUAL(xml_resource_lists_read(
                            span_str(bad[i].text), &arena, &fault, &lists),
            bad[i].err);
    }
}

static struct span add_entries(unsigned count, char *room, size_t cap)
{
    size_t at = (size_t)snprintf(room, cap, "%s", LISTS);

    for (unsigned i = 0; i < count; i++)
        at += (size_t)snprintf(room + at, cap - at, "<entry uri=\"%u\"/>", i);
    at += (size_t)snprintf(room + at, cap - at, "%s", END_LISTS);
    return (struct span){(const uint8_t *)room, at};
}

static void lists_have_an_end(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_resource_lists lists;
    struct xml_fault fault;
    static char room[16384];

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL(xml_resource_lists_read(
                        add_entries(XML_RESOURCE_URIS_MAX, room, sizeof(room)),
                        &arena, &fault, &lists),
        MU_OK);
    CU_ASSERT_EQUAL(
        xml_resource_lists_read(
            add_entries(XML_RESOURCE_URIS_MAX + 1, room, sizeof(room)), &arena,
            &fault, &lists),
        MU_E_NO_SPACE);
}

static void lists_read_what_they_write(void)
{
    const struct span uris[] = {span_str("a/b&c"), span_str("d")};
    const struct xml_resource_lists in = {uris, 2};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_resource_lists out;
    struct xml_fault fault;
    struct span text = {NULL, 0};
    uint8_t room[512];
    struct wr w;

    mu_arena_init(&arena, 1 << 16);
    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL(xml_resource_lists_write(&w, &in), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &text), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_resource_lists_read(text, &arena, &fault, &out), MU_OK);
    CU_ASSERT_EQUAL_FATAL(out.count, 2);
    CU_ASSERT(span_eq(out.uris[0], uris[0]));
    CU_ASSERT(span_eq(out.uris[1], uris[1]));
}

static enum mu_err read_info(
    const char *text, struct mu_arena *arena, struct xml_mcptt_info *out)
{
    struct xml_fault fault;

    mu_arena_init(arena, 1 << 17);
    return xml_mcptt_info_read(span_str(text), arena, &fault, out);
}

static void info_carries_a_token(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_mcptt_info info;

    CU_ASSERT_EQUAL_FATAL(
        read_info(INFO "<mcptt-access-token type=\"Normal\"><mcpttString>a.b.c"
                       "</mcpttString></mcptt-access-token><other/>" END_INFO,
            &arena, &info),
        MU_OK);
    CU_ASSERT(!info.encrypted);
    CU_ASSERT(span_eq(info.token, span_str("a.b.c")));
}

static void info_may_be_without_one(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_mcptt_info info;

    CU_ASSERT_EQUAL_FATAL(read_info(INFO END_INFO, &arena, &info), MU_OK);
    CU_ASSERT_EQUAL(info.token.len, 0);
}

static void info_hands_out_an_encrypted_token(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_mcptt_info info;

    CU_ASSERT_EQUAL_FATAL(
        read_info(INFO "<mcptt-access-token type=\"Encrypted\">"
                       "<x:EncryptedData xmlns:x=\"urn:x\"><x:V>z</x:V>"
                       "</x:EncryptedData></mcptt-access-token>" END_INFO,
            &arena, &info),
        MU_OK);
    CU_ASSERT(info.encrypted);
    CU_ASSERT_EQUAL(info.token.len, 0);
    CU_ASSERT(span_eq(info.data,
        span_str("<x:EncryptedData xmlns=\"urn:3gpp:ns:mcpttInfo:1.0\""
                 " xmlns:x=\"urn:x\"><x:V>z</x:V></x:EncryptedData>")));
}

static void info_refuses_the_rest(void)
{
    static const char *const bad[] = {
        INFO "<mcptt-access-token type=\"Encrypted\"/>" END_INFO,
        INFO "<mcptt-access-token type=\"Other\"><mcpttString>a</mcpttString>"
             "</mcptt-access-token>" END_INFO,
        INFO "<mcptt-access-token><mcpttString/></mcptt-access-token>" END_INFO,
        "<mcpttinfo/>",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_mcptt_info info;

        CU_ASSERT_EQUAL(read_info(bad[i], &arena, &info), MU_E_MALFORMED);
    }
}

static void info_reads_what_it_writes(void)
{
    const struct xml_mcptt_info in = {.token = span_str("a.b.c")};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_mcptt_info out;
    struct span text = {NULL, 0};
    struct xml_fault fault;
    uint8_t room[512];
    struct wr w;

    mu_arena_init(&arena, 1 << 16);
    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL(xml_mcptt_info_write(&w, &in), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &text), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_mcptt_info_read(text, &arena, &fault, &out), MU_OK);
    CU_ASSERT(span_eq(out.token, in.token));
}

CU_TestInfo xml_subscribe_body_tests[] = {
    {"lists are read verbatim and in order",
        lists_are_read_verbatim_and_in_order},
    {"lists are flat", lists_are_flat},
    {"lists have an end", lists_have_an_end},
    {"lists read what they write", lists_read_what_they_write},
    {"info carries a token", info_carries_a_token},
    {"info may be without one", info_may_be_without_one},
    {"info hands out an encrypted token", info_hands_out_an_encrypted_token},
    {"info refuses the rest", info_refuses_the_rest},
    {"info reads what it writes", info_reads_what_it_writes},
    CU_TEST_INFO_NULL,
};
