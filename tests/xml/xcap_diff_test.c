/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_diff.h"

#include <string.h>

#include "tests/suites.h"

#define SEL "org.openmobilealliance.groups/global/byGroupID/sip%3Ai%40g.org"
#define KEY "<k:A xmlns:k=\"urn:k\"><k:B>0a1b</k:B></k:A>"
#define OPEN                                                                   \
    "<xcap-diff xmlns=\"urn:ietf:params:xml:ns:xcap-diff\""                    \
    " xcap-root=\"https://g.org/\">"
#define CLOSE "</xcap-diff>"

static enum mu_err read_diff(const char *text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_xcap_diff *out)
{
    mu_arena_init(arena, 1 << 18);
    return xml_xcap_diff_read(span_str(text), arena, fault, out);
}

static struct span write_diff(
    const struct xml_xcap_diff *in, uint8_t *room, size_t cap)
{
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, room, cap);
    CU_ASSERT_EQUAL(xml_xcap_diff_write(&w, in), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &done), MU_OK);
    return done;
}

static void is_same(
    const struct xml_xcap_item *a, const struct xml_xcap_item *b)
{
    CU_ASSERT_EQUAL(a->kind, b->kind);
    CU_ASSERT(span_eq(a->sel, b->sel));
    CU_ASSERT(span_eq(a->previous_etag, b->previous_etag));
    CU_ASSERT(span_eq(a->new_etag, b->new_etag));
    CU_ASSERT_EQUAL(a->body_not_changed, b->body_not_changed);
    CU_ASSERT_EQUAL(a->gone, b->gone);
    CU_ASSERT(span_eq(a->content, b->content));
}

static void reads_what_it_writes(void)
{
    struct span sel = span_str(SEL), a = span_str("a1"), b = span_str("b2");
    const struct xml_xcap_item items[] = {
        {.kind = XML_XCAP_DOCUMENT, .sel = sel, .new_etag = a},
        {.kind = XML_XCAP_DOCUMENT, .sel = sel, .previous_etag = a},
        {.kind = XML_XCAP_DOCUMENT,
            .sel = sel,
            .previous_etag = a,
            .new_etag = b},
        {.kind = XML_XCAP_DOCUMENT,
            .sel = sel,
            .previous_etag = a,
            .new_etag = b,
            .body_not_changed = true},
        {.kind = XML_XCAP_ATTRIBUTE,
            .sel = span_str(SEL "/~~/a/@b"),
            .content = span_str("x & \"y\"")},
        {.kind = XML_XCAP_ELEMENT,
            .sel = span_str(SEL "/~~/A"),
            .content = span_str(KEY)},
        {.kind = XML_XCAP_ELEMENT, .sel = span_str(SEL "/~~/C"), .gone = true},
        {.kind = XML_XCAP_ELEMENT, .sel = span_str(SEL "/~~/large")},
    };
    const struct xml_xcap_diff in = {.root = span_str("https://g.org/"),
        .items = items,
        .count = sizeof(items) / sizeof(items[0])};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_diff out;
    struct xml_fault fault;
    uint8_t room[4096];
    struct span text = write_diff(&in, room, sizeof(room));

    mu_arena_init(&arena, 1 << 18);
    CU_ASSERT_EQUAL_FATAL(
        xml_xcap_diff_read(text, &arena, &fault, &out), MU_OK);
    CU_ASSERT(span_eq(out.root, in.root));
    CU_ASSERT_EQUAL_FATAL(out.count, in.count);
    for (size_t i = 0; i < in.count; i++)
        if (items[i].kind != XML_XCAP_ELEMENT || items[i].content.len == 0)
            is_same(&out.items[i], &items[i]);
}

/* Its canonical octets have every name space in scope, so they are a document
 * by themselves. */
static void hands_out_content_that_stands_by_itself(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_diff diff;
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(
        read_diff("<d:xcap-diff xmlns:d=\"urn:ietf:params:xml:ns:xcap-diff\""
                  " xmlns:k=\"urn:k\" xcap-root=\"https://g.org/\">"
                  "<d:element sel=\"s\"> <k:A><k:B>0a1b</k:B></k:A></d:element>"
                  "</d:xcap-diff>",
            &arena, &fault, &diff),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(diff.count, 1);
    CU_ASSERT(span_eq(diff.items[0].content,
        span_str("<k:A xmlns:d=\"urn:ietf:params:xml:ns:xcap-diff\""
                 " xmlns:k=\"urn:k\"><k:B>0a1b</k:B></k:A>")));
}

/* An element without a name space must not fall into ours. */
static void keeps_content_out_of_its_own_name_space(void)
{
    const struct xml_xcap_item item = {.kind = XML_XCAP_ELEMENT,
        .sel = span_str("s"),
        .content = span_str("<A/>")};
    const struct xml_xcap_diff in = {
        .root = span_str("https://g.org/"), .items = &item, .count = 1};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_diff out;
    struct xml_fault fault;
    uint8_t room[512];
    struct span text = write_diff(&in, room, sizeof(room));

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(
        xml_xcap_diff_read(text, &arena, &fault, &out), MU_OK);
    CU_ASSERT(span_eq(out.items[0].content,
        span_str("<A xmlns:d=\"urn:ietf:params:xml:ns:xcap-diff\"></A>")));
}

static void skips_patches_and_strangers(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_diff diff;
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(
        read_diff(OPEN
            "<document sel=\"s\" new-etag=\"a\"><add sel=\"*\"><x/>"
            "</add></document><later/><o:x xmlns:o=\"urn:o\"/>" CLOSE,
            &arena, &fault, &diff),
        MU_OK);
    CU_ASSERT_EQUAL(diff.count, 1);
}

static void refuses_the_rest(void)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {OPEN "<document sel=\"s\"/>" CLOSE, "has no tag"},
        {OPEN "<document new-etag=\"a\"/>" CLOSE, "has no sel"},
        {OPEN "<element/>" CLOSE, "has no sel"},
        {"<xcap-diff xmlns=\"urn:ietf:params:xml:ns:xcap-diff\"/>",
            "has no xcap-root"},
        {"<xcap-diff xcap-root=\"a\"/>", "is not a document of this kind"},
        {OPEN, "is not well-formed"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_xcap_diff diff;
        struct xml_fault fault;

        CU_ASSERT_EQUAL(
            read_diff(bad[i].text, &arena, &fault, &diff), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(fault.why, bad[i].why);
    }
}

CU_TestInfo xml_xcap_diff_tests[] = {
    {"reads what it writes", reads_what_it_writes},
    {"hands out content that stands by itself",
        hands_out_content_that_stands_by_itself},
    {"keeps content out of its own name space",
        keeps_content_out_of_its_own_name_space},
    {"skips patches and strangers", skips_patches_and_strangers},
    {"refuses the rest", refuses_the_rest},
    CU_TEST_INFO_NULL,
};
