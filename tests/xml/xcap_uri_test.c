/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"
#include "xml/group_doc.h"

#define GROUPS "org.openmobilealliance.groups"
#define DOC    GROUPS "/users/sip:x@y/g"
#define GTI    "urn:3gpp:ns:mcpttGroupInfo:1.0"

static const struct xml_xcap_usage usages[] = {
    {GROUPS, XML_GROUP_NS},
    {"xcap-caps", "urn:ietf:params:xml:ns:xcap-caps"},
};

/* arena is the caller's to clear. */
static enum mu_err read_target(
    const char *target, struct mu_arena *arena, struct xml_xcap_uri *out)
{
    mu_arena_init(arena, 1 << 16);
    return xml_xcap_uri_read(arena, usages, 2, span_str(target), out);
}

static bool is(struct span span, const char *text)
{
    return span_eq(span, span_str(text));
}

static void reads_the_addresses_of_documents(void)
{
    static const struct {
        const char *target;
        enum xml_xcap_tree_kind tree;
        const char *xui, *name, *document;
    } rows[] = {
        {GROUPS "/users/sip:x@y/g", XML_XCAP_USERS, "sip:x@y", "g",
            GROUPS "/users/sip:x@y/g"},
        {"/" GROUPS "/users/sip%3Ax%40y/g", XML_XCAP_USERS, "sip:x@y", "g",
            GROUPS "/users/sip%3Ax%40y/g"},
        {GROUPS "/global/byGroupID/sip%3Ai%40g", XML_XCAP_GLOBAL, "",
            "byGroupID", GROUPS "/global/byGroupID/sip%3Ai%40g"},
        {GROUPS "/users/u/a%2fb%c3%a4/?xmlns(a=b)", XML_XCAP_USERS, "u",
            "a/b\xc3\xa4", GROUPS "/users/u/a%2fb%c3%a4"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_xcap_uri uri;

        CU_ASSERT_EQUAL_FATAL(read_target(rows[i].target, &arena, &uri), MU_OK);
        CU_ASSERT_EQUAL(uri.kind, XML_XCAP_AT_DOCUMENT);
        CU_ASSERT_PTR_EQUAL(uri.usage, &usages[0]);
        CU_ASSERT_EQUAL(uri.tree, rows[i].tree);
        CU_ASSERT(is(uri.xui, rows[i].xui));
        CU_ASSERT(is(uri.segment[0], rows[i].name));
        CU_ASSERT(is(
            (struct span){uri.target.p, uri.document_end}, rows[i].document));
        CU_ASSERT_EQUAL(uri.steps, 0);
    }
}

/* The address of the notes' example http/08, as a client sends it. */
static void reads_the_address_of_a_member(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_uri uri;

    CU_ASSERT_EQUAL_FATAL(
        read_target("/" DOC "/~~/group/list-service%5b@uri=%22sip:i@g%22%5d/"
                    "list/entry%5b@uri=%22sip:a/b@x%22%5d",
            &arena, &uri),
        MU_OK);
    CU_ASSERT_EQUAL(uri.kind, XML_XCAP_AT_ELEMENT);
    CU_ASSERT_EQUAL_FATAL(uri.steps, 4);
    CU_ASSERT(is(uri.step[0].name.local, "group"));
    CU_ASSERT(is(uri.step[0].name.ns, XML_GROUP_NS));
    CU_ASSERT(!uri.step[0].has_attribute && uri.step[0].position == 0);
    CU_ASSERT(uri.step[1].has_attribute);
    CU_ASSERT(is(uri.step[1].attribute.local, "uri"));
    CU_ASSERT(is(uri.step[1].attribute.ns, ""));
    CU_ASSERT(is(uri.step[1].value, "sip:i@g"));
    CU_ASSERT(is(uri.step[3].value, "sip:a/b@x"));
}

static void reads_every_form_of_a_step(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_uri uri;

    CU_ASSERT_EQUAL_FATAL(
        read_target(DOC "/%7e~/*/*[2]/m:a[03]/*[1][@m:b='%26lt;%26%2365;&\"']/"
                        "@m:c?xmlns(m=urn:old)xmlns(n=a^(b^)(c)^^)%20"
                        "xmlns(m%20=%20" GTI ")",
            &arena, &uri),
        MU_OK);
    CU_ASSERT_EQUAL(uri.kind, XML_XCAP_AT_ATTRIBUTE);
    CU_ASSERT_EQUAL_FATAL(uri.steps, 4);
    CU_ASSERT(uri.step[0].any && uri.step[0].position == 0);
    CU_ASSERT(uri.step[1].any && uri.step[1].position == 2);
    CU_ASSERT(!uri.step[2].any && uri.step[2].position == 3);
    CU_ASSERT(is(uri.step[2].name.ns, GTI));
    CU_ASSERT(is(uri.step[2].name.local, "a"));
    CU_ASSERT(uri.step[3].position == 1 && uri.step[3].has_attribute);
    CU_ASSERT(is(uri.step[3].attribute.ns, GTI));
    CU_ASSERT(is(uri.step[3].value, "<A&\""));
    CU_ASSERT(is(uri.attribute.ns, GTI) && is(uri.attribute.local, "c"));
}

static void reads_namespace_selectors_and_xml_prefixes(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena, other;
    struct xml_xcap_uri uri;

    CU_ASSERT_EQUAL_FATAL(
        read_target(DOC "/~~/group/namespace::*", &arena, &uri), MU_OK);
    CU_ASSERT_EQUAL(uri.kind, XML_XCAP_AT_NAMESPACES);
    CU_ASSERT_EQUAL(uri.steps, 1);
    CU_ASSERT_EQUAL_FATAL(
        read_target(DOC "/~~/n:a/@xml:lang?xmlns(n=a^(b^)(c)^^)", &other, &uri),
        MU_OK);
    CU_ASSERT(is(uri.step[0].name.ns, "a(b)(c)^"));
    CU_ASSERT(is(uri.attribute.ns, "http://www.w3.org/XML/1998/namespace"));
}

struct refusal {
    const char *target;
    enum mu_err err;
};

static void check_refusals(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_xcap_uri uri;

        CU_ASSERT_EQUAL(read_target(rows[i].target, &arena, &uri), rows[i].err);
    }
}

/* XC-06: 404 for AUID, tree and selector. */
static void what_is_not_served_is_not_found(void)
{
    static const struct refusal rows[] = {
        {"resource-lists/users/u/g", MU_E_NOT_FOUND},
        {"", MU_E_MALFORMED},
        {"/", MU_E_NOT_FOUND},
        {GROUPS, MU_E_NOT_FOUND},
        {GROUPS "/user/u/g", MU_E_NOT_FOUND},
        {GROUPS "/users", MU_E_NOT_FOUND},
        {GROUPS "/users//g", MU_E_NOT_FOUND},
        {GROUPS "/users/u", MU_E_NOT_FOUND},
        {GROUPS "/users/u/", MU_E_NOT_FOUND},
        {GROUPS "/users/u/~~/a", MU_E_NOT_FOUND},
        {GROUPS "/users/u/a//b", MU_E_NOT_FOUND},
        {GROUPS "/users/u/..", MU_E_NOT_FOUND},
        {GROUPS "/users/u/%2e%2e/g", MU_E_NOT_FOUND},
        {GROUPS "/global", MU_E_NOT_FOUND},
        {DOC "/~~", MU_E_NOT_FOUND},
        {DOC "/~~/", MU_E_NOT_FOUND},
        {DOC "/~~/a/", MU_E_NOT_FOUND},
        {DOC "/~~//a", MU_E_NOT_FOUND},
        {DOC "/~~/@a", MU_E_NOT_FOUND},
        {DOC "/~~/namespace::*", MU_E_NOT_FOUND},
        {DOC "/~~/a/@b/c", MU_E_NOT_FOUND},
        {DOC "/~~/a/namespace::*/c", MU_E_NOT_FOUND},
        {DOC "/~~/a/namespace::b", MU_E_NOT_FOUND},
        {DOC "/~~/a/@xmlns", MU_E_NOT_FOUND},
        {DOC "/~~/a/@xmlns:b?xmlns(b=c)", MU_E_NOT_FOUND},
        {DOC "/~~/a/@b=c", MU_E_NOT_FOUND},
        {DOC "/~~/a/text()", MU_E_NOT_FOUND},
        {DOC "/~~/a%2fb", MU_E_NOT_FOUND},
        {DOC "/~~/1a", MU_E_NOT_FOUND},
        {DOC "/~~/a[0]", MU_E_NOT_FOUND},
        {DOC "/~~/a[]", MU_E_NOT_FOUND},
        {DOC "/~~/a[1", MU_E_NOT_FOUND},
        {DOC "/~~/a[1]x", MU_E_NOT_FOUND},
        {DOC "/~~/a[1][2]", MU_E_NOT_FOUND},
        {DOC "/~~/a[99999999999999999999]", MU_E_NOT_FOUND},
        {DOC "/~~/a[last()]", MU_E_NOT_FOUND},
        {DOC "/~~/a[@b]", MU_E_NOT_FOUND},
        {DOC "/~~/a[@b=c]", MU_E_NOT_FOUND},
        {DOC "/~~/a[@b='c\"]", MU_E_NOT_FOUND},
        {DOC "/~~/a[@b='c'", MU_E_NOT_FOUND},
        {DOC "/~~/a[@b='c'][1]", MU_E_NOT_FOUND},
        {DOC "/~~/a[@*='c']", MU_E_NOT_FOUND},
        {DOC "/~~/a:b:c?xmlns(a=x)", MU_E_NOT_FOUND},
        {DOC "/~~/a:*?xmlns(a=x)", MU_E_NOT_FOUND},
    };

    check_refusals(rows, sizeof(rows) / sizeof(rows[0]));
}

/* XC-06: 400 for a prefix that is not declared, and for what is no URI. */
static void what_is_no_address_is_malformed(void)
{
    static const struct refusal rows[] = {
        {DOC "/~~/m:a", MU_E_MALFORMED},
        {DOC "/~~/a/@m:b", MU_E_MALFORMED},
        {DOC "/~~/a[@m:b='c']", MU_E_MALFORMED},
        {DOC "/~~/m:a?xmlns(n=x)", MU_E_MALFORMED},
        {DOC "?a=b", MU_E_MALFORMED},
        {DOC "?xmlns()", MU_E_MALFORMED},
        {DOC "?xmlns(a=)", MU_E_MALFORMED},
        {DOC "?xmlns(a=b", MU_E_MALFORMED},
        {DOC "?xmlns(a=b^", MU_E_MALFORMED},
        {DOC "?xmlns(a=b))", MU_E_MALFORMED},
        {DOC "?xmlns(=b)", MU_E_MALFORMED},
        {DOC "?xpointer(a)", MU_E_MALFORMED},
        {DOC "#a", MU_E_MALFORMED},
        {DOC "/%", MU_E_MALFORMED},
        {DOC "/%4", MU_E_MALFORMED},
        {DOC "/%4g", MU_E_MALFORMED},
        {DOC "/%00", MU_E_MALFORMED},
        {DOC "/%0a", MU_E_MALFORMED},
        {DOC "/%ff", MU_E_MALFORMED},
        {DOC "/~~/a%", MU_E_MALFORMED},
        {DOC "/~~/a[@b='%c0%af']", MU_E_MALFORMED},
    };

    check_refusals(rows, sizeof(rows) / sizeof(rows[0]));
}

/* RB-01: deep selectors and long targets. */
static void what_is_beyond_a_limit_is_no_space(void)
{
    static char target[XML_XCAP_URI_MAX + 2];
    const char *const piece[] = {"/a", "/a", "xmlns(a=b)", "a"};
    const char *const start[] = {DOC "/~~", DOC, DOC "?", DOC "/"};
    const size_t most[] = {XML_XCAP_STEPS_MAX, XML_XCAP_SEGMENTS_MAX - 1,
        XML_XCAP_BINDINGS_MAX, XML_XCAP_URI_MAX - sizeof(DOC)};

    for (size_t i = 0; i < 4; i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena, other;
        size_t at = strlen(start[i]);
        struct xml_xcap_uri uri;

        memcpy(target, start[i], at + 1);
        for (size_t n = 0; n < most[i]; n++) {
            memcpy(target + at, piece[i], strlen(piece[i]) + 1);
            at += strlen(piece[i]);
        }
        CU_ASSERT_EQUAL(read_target(target, &arena, &uri), MU_OK);
        memcpy(target + at, piece[i], strlen(piece[i]) + 1);
        CU_ASSERT_EQUAL(read_target(target, &other, &uri), MU_E_NO_SPACE);
    }
}

static void writes_the_address_of_an_ancestor(void)
{
    static const struct {
        const char *target, *ancestor;
        size_t steps;
    } rows[] = {
        {"/" DOC "/~~/group/b/c", DOC, 0},
        {DOC "/~~/group/b/c", DOC "/~~/group", 1},
        {DOC "/~~/group/m:b%5b2%5d/@d?xmlns(m=x)",
            DOC "/~~/group/m:b%5b2%5d?xmlns(m=x)", 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_xcap_uri uri;
        uint8_t room[256];
        struct span text;
        struct wr w;

        CU_ASSERT_EQUAL_FATAL(read_target(rows[i].target, &arena, &uri), MU_OK);
        wr_init(&w, room, sizeof(room));
        xml_xcap_uri_write_ancestor(&w, &uri, rows[i].steps);
        CU_ASSERT_EQUAL(wr_close(&w, &text), MU_OK);
        CU_ASSERT(is(text, rows[i].ancestor));
    }
}

static void survives_every_failing_allocation(void)
{
    for (unsigned n = 1;; n++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_xcap_uri uri;
        enum mu_err err;

        mu_alloc_fail_nth(n);
        err = read_target(DOC "/~~/a[@m:b='c&lt;d']?xmlns(m=x)", &arena, &uri);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
}

CU_TestInfo xml_xcap_uri_tests[] = {
    {"reads the addresses of documents", reads_the_addresses_of_documents},
    {"reads the address of a member", reads_the_address_of_a_member},
    {"reads every form of a step", reads_every_form_of_a_step},
    {"reads namespace selectors and xml prefixes",
        reads_namespace_selectors_and_xml_prefixes},
    {"XC-06 what is not served is not found", what_is_not_served_is_not_found},
    {"XC-06 what is no address is malformed", what_is_no_address_is_malformed},
    {"RB-01 what is beyond a limit is no space",
        what_is_beyond_a_limit_is_no_space},
    {"writes the address of an ancestor", writes_the_address_of_an_ancestor},
    {"survives every failing allocation", survives_every_failing_allocation},
    CU_TEST_INFO_NULL,
};
