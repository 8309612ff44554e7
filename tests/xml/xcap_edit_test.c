/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "tests/suites.h"
#include "xml/group_doc.h"

#define M "urn:m"

/* White space, comments, both quotes, CDATA and shadowed prefixes on purpose:
 * all of it has to stay. */
#define HEAD                                                                   \
    "<?xml version='1.0'?>\n<!-- <list> -->\n"                                 \
    "<g xmlns=\"urn:d\"  xmlns:m='urn:m' >\r\n"
#define A     "<e uri='a' m:n=\"1\"><m:p>x</m:p></e >"
#define B     "<e uri = \"b\" ><![CDATA[</e>]]></e>"
#define LIST  " <l>" A "\n\t" B " <!-- </l> --> </l>\n"
#define EMPTY " <z />"
#define OTHER " <q:e xmlns:q='urn:d' xmlns='' uri='c'><e/></q:e> "
#define TAIL  "</g>\n<?end?>\n"
#define WHOLE HEAD LIST EMPTY OTHER TAIL

static const struct xml_xcap_usage usage = {"u", "urn:d"};

static enum mu_err read_uri(
    const char *node, struct mu_arena *arena, struct xml_xcap_uri *out)
{
    char target[512];

    (void)snprintf(target, sizeof(target), "u/global/d/~~/%s", node);
    return xml_xcap_uri_read(
        arena, &usage, 1, mu_arena_copy(arena, span_str(target)), out);
}

struct outcome {
    enum mu_err err;
    struct xml_xcap_refusal why;
    struct xml_xcap_changed changed;
};

/* body NULL: DELETE. */
static struct outcome change(const char *text, const char *node,
    const char *body, struct mu_arena *arena)
{
    struct xml_xcap_uri uri;
    struct outcome o = {.err = MU_OK};

    mu_arena_init(arena, XML_XCAP_EDIT_ARENA);
    CU_ASSERT_EQUAL_FATAL(read_uri(node, arena, &uri), MU_OK);
    if (body != NULL)
        o.err = xml_xcap_put(
            span_str(text), &uri, span_str(body), arena, &o.why, &o.changed);
    else
        o.err =
            xml_xcap_delete(span_str(text), &uri, arena, &o.why, &o.changed);
    return o;
}

static enum mu_err get(const char *text, const char *node,
    struct mu_arena *arena, struct span *out)
{
    struct xml_xcap_uri uri;
    struct xml_fault fault;

    mu_arena_init(arena, XML_XCAP_EDIT_ARENA);
    CU_ASSERT_EQUAL_FATAL(read_uri(node, arena, &uri), MU_OK);
    return xml_xcap_get(span_str(text), &uri, arena, &fault, out);
}

struct got {
    const char *node, *body; /* NULL: not there */
};

static void gets_what_a_selector_selects(void)
{
    static const struct got rows[] = {
        {"g/l/e[@uri='a']", A},
        {"g/l/e[2]", B},
        {"*/*[1]/*[2]", B},
        {"g/l/e[2][@uri=\"b\"]", B},
        {"g/l/e[1][@uri=\"b\"]", NULL},
        {"g/l/e[3]", NULL},
        {"g/l/e", NULL},
        {"g/l/*", NULL},
        {"g/l", "<l>" A "\n\t" B " <!-- </l> --> </l>"},
        {"g/z", "<z />"},
        {"g/z/a", NULL},
        {"h", NULL},
        {"m:g?xmlns(m=" M ")", NULL},
        {"g/e", "<q:e xmlns:q='urn:d' xmlns='' uri='c'><e/></q:e>"},
        {"g/e/e", NULL}, /* that one is in no name space */
        {"g/e/*", "<e/>"},
        {"g/l/*[@uri='b']", B},
        {"g/l/e[1]/x:p?xmlns(x=" M ")", "<m:p>x</m:p>"},
        {"g/l/e[@x:n='1']?xmlns(x=" M ")", A},
        {"g/l/e[@n='1']", NULL},
        {"g/l/e[1]/@uri", "a"},
        {"g/l/e[2]/@uri", "b"},
        {"g/l/e[1]/@n", NULL},
        {"g/l/e[1]/@x:n?xmlns(x=" M ")", "1"},
        {"g/l/e/@uri", NULL},
        {"g/namespace::*", "<g xmlns=\"urn:d\" xmlns:m='urn:m'/>"},
        {"g/e/namespace::*", "<q:e xmlns:q='urn:d' xmlns:m='urn:m'/>"},
        {"g/x/namespace::*", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct span out = span_str("untouched");
        enum mu_err err = get(WHOLE, rows[i].node, &arena, &out);

        CU_ASSERT_EQUAL(err, rows[i].body != NULL ? MU_OK : MU_E_NOT_FOUND);
        CU_ASSERT(span_eq(
            out, span_str(rows[i].body != NULL ? rows[i].body : "untouched")));
    }
}

struct changed {
    const char *node, *body, *text;
    bool created;
};

/* XC-04: the node changes and no other octet. */
static void check_changes(const struct changed *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct outcome o = change(WHOLE, rows[i].node, rows[i].body, &arena);

        if (o.err != MU_OK)
            (void)fprintf(stderr, "%s: %s\n", rows[i].node, o.why.why);
        CU_ASSERT_EQUAL_FATAL(o.err, MU_OK);
        CU_ASSERT(span_eq(o.changed.text, span_str(rows[i].text)));
        CU_ASSERT_EQUAL(o.changed.created, rows[i].created);
    }
}

#define IN_LIST(in) HEAD " <l>" in " <!-- </l> --> </l>\n" EMPTY OTHER TAIL

static void puts_elements_where_they_belong(void)
{
    static const struct changed rows[] = {
        /* Replaced in place, white space around the body dropped. */
        {"g/l/e[@uri='a']", " <e uri='a'/>\n", IN_LIST("<e uri='a'/>\n\t" B),
            false},
        {"g/l/*[2]", "<m:k/>", IN_LIST(A "\n\t<m:k/>"), false},
        {"g", "<g xmlns='urn:d'/>",
            "<?xml version='1.0'?>\n<!-- <list> -->\n<g xmlns='urn:d'/>\n"
            "<?end?>\n",
            false},
        /* Behind the last of its name. */
        {"g/l/e[@uri='c']", "<e uri='c'/>", IN_LIST(A "\n\t" B "<e uri='c'/>"),
            true},
        {"g/l/*[@uri='c']", "<e uri='c'/>", IN_LIST(A "\n\t" B "<e uri='c'/>"),
            true},
        /* At its position. */
        {"g/l/e[3]", "<e/>", IN_LIST(A "\n\t" B "<e/>"), true},
        {"g/l/e[1][@uri='c']", "<e uri='c'/>",
            IN_LIST("<e uri='c'/>" A "\n\t" B), true},
        {"g/l/e[2][@uri='c']", "<e uri='c'/>", IN_LIST(A "<e uri='c'/>\n\t" B),
            true},
        {"g/l/x:k[1]?xmlns(x=" M ")", "<m:k/>",
            HEAD " <l>" A "\n\t" B
                 " <!-- </l> --> <m:k/></l>\n" EMPTY OTHER TAIL,
            true},
        /* At the end of a parent that has none of its name. */
        {"g/l/k", "<k/>",
            HEAD " <l>" A "\n\t" B " <!-- </l> --> <k/></l>\n" EMPTY OTHER TAIL,
            true},
        {"g/z/k", "<k>]]&gt;<!-- </k> --></k>",
            HEAD LIST " <z ><k>]]&gt;<!-- </k> --></k></z>" OTHER TAIL, true},
        {"g/e/q:k?xmlns(q=urn:d)", "<q:k/>",
            HEAD LIST EMPTY
            " <q:e xmlns:q='urn:d' xmlns='' uri='c'><e/><q:k/></q:e> " TAIL,
            true},
    };

    check_changes(rows, sizeof(rows) / sizeof(rows[0]));
}

#define WITH_A(tag) IN_LIST(tag "<m:p>x</m:p></e >\n\t" B)

static void puts_attributes(void)
{
    static const struct changed rows[] = {
        {"g/l/e[1]/@uri", "z", WITH_A("<e uri='z' m:n=\"1\">"), false},
        {"g/l/e[1]/@uri", "it's", WITH_A("<e uri=\"it's\" m:n=\"1\">"), false},
        {"g/l/e[1]/@x:n?xmlns(x=" M ")", "\"&amp;&#10;\"",
            WITH_A("<e uri='a' m:n='\"&amp;&#10;\"'>"), false},
        {"g/l/e[1]/@k", "", WITH_A("<e uri='a' m:n=\"1\" k=\"\">"), true},
        {"g/l/e[1]/@x:k?xmlns(x=" M ")", "2>1",
            WITH_A("<e uri='a' m:n=\"1\" m:k=\"2>1\">"), true},
        {"g/l/e[1]/@xml:lang", "en",
            WITH_A("<e uri='a' m:n=\"1\" xml:lang=\"en\">"), true},
        {"g/z/@k", "v", HEAD LIST " <z k=\"v\" />" OTHER TAIL, true},
    };

    check_changes(rows, sizeof(rows) / sizeof(rows[0]));
}

static void deletes_and_leaves_the_white_space(void)
{
    static const struct changed rows[] = {
        {"g/l/e[@uri='b']", NULL, IN_LIST(A "\n\t"), false},
        {"g/l/e[@uri='a']", NULL, IN_LIST("\n\t" B), false},
        {"g/l", NULL, HEAD " \n" EMPTY OTHER TAIL, false},
        {"g/l/e[1]/@uri", NULL, WITH_A("<e  m:n=\"1\">"), false},
        {"g/l/e[1]/@x:n?xmlns(x=" M ")", NULL, WITH_A("<e uri='a' >"), false},
    };

    check_changes(rows, sizeof(rows) / sizeof(rows[0]));
}

static void what_is_not_there_cannot_be_deleted(void)
{
    static const char *const nodes[] = {
        "g/l/e[@uri='c']", "g/l/e", "g/x/y", "g/l/@k", "g/x/@k", "h"};

    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;

        CU_ASSERT_EQUAL(
            change(WHOLE, nodes[i], NULL, &arena).err, MU_E_NOT_FOUND);
    }
}

/* XC-05: what RFC 4825 clause 11 has a name for. */
static void refuses_by_the_names_of_the_standard(void)
{
    static const struct {
        const char *node, *body;
        enum xml_xcap_error_kind kind;
        size_t ancestor;
    } rows[] = {
        {"g/l/e[1]", "", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "text", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<e", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<e/><e/>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<e/>x", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<!-- --><e/>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "</w><w><e/>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "</l><l>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<e/></w><!--", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<?xml version='1.0'?><e/>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<!DOCTYPE e><e/>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<e>&a;</e>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<k:e/>", XML_XCAP_NOT_XML_FRAG, 0},
        {"g/l/e[1]", "<e>\xff</e>", XML_XCAP_NOT_UTF8, 0},
        {"g/l/e[1]/@a", "<", XML_XCAP_NOT_XML_ATT_VALUE, 0},
        {"g/l/e[1]/@a", "&", XML_XCAP_NOT_XML_ATT_VALUE, 0},
        {"g/l/e[1]/@a", "&b;", XML_XCAP_NOT_XML_ATT_VALUE, 0},
        {"g/l/e[1]/@a", "'\"", XML_XCAP_NOT_XML_ATT_VALUE, 0},
        {"g/l/e[1]/@a", "\x01", XML_XCAP_NOT_XML_ATT_VALUE, 0},
        {"g/l/e[1]/@a", "\xff", XML_XCAP_NOT_UTF8, 0},
        {"g/x/y", "<y/>", XML_XCAP_NO_PARENT, 1},
        {"h/x/y", "<y/>", XML_XCAP_NO_PARENT, 0},
        {"g/l/e/y", "<y/>", XML_XCAP_NO_PARENT, 2},
        {"g/x/y/z", "<z/>", XML_XCAP_NO_PARENT, 1},
        {"g/l/x/@a", "b", XML_XCAP_NO_PARENT, 2},
        {"g/l/e/@a", "b", XML_XCAP_NO_PARENT, 2},
        {"h", "<h/>", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[1]", "<e xmlns='urn:x'/>", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[1]", "<k/>", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[4]", "<e/>", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e", "<e/>", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[@uri='c']", "<e uri='d'/>", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[@uri='a']", "<e uri='b'/>", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[@uri='a']/@uri", "b", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[1]/@x:a?xmlns(x=urn:none)", "b", XML_XCAP_CANNOT_INSERT, 0},
        {"g/l/e[1]/@\xc2\xa0", "b", XML_XCAP_CANNOT_INSERT, 0},
        {"g", NULL, XML_XCAP_CANNOT_DELETE, 0},
        {"g/l/e[1]", NULL, XML_XCAP_CANNOT_DELETE, 0},
        {"g/l/*[1]", NULL, XML_XCAP_CANNOT_DELETE, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct outcome o = change(WHOLE, rows[i].node, rows[i].body, &arena);

        CU_ASSERT_EQUAL(o.err, MU_E_DENIED);
        if (o.why.kind != rows[i].kind)
            (void)fprintf(stderr, "%s: %s\n", rows[i].node,
                xml_xcap_error_name(o.why.kind));
        CU_ASSERT_EQUAL(o.why.kind, rows[i].kind);
        CU_ASSERT_EQUAL(o.why.ancestor, rows[i].ancestor);
        CU_ASSERT_PTR_NOT_NULL(o.why.why);
    }
}

/* The last of two may be deleted by its position: nothing takes its place. */
static void the_last_may_go_by_position(void)
{
    static const struct changed row = {
        "g/l/e[2]", NULL, IN_LIST(A "\n\t"), false};

    check_changes(&row, 1);
}

#define GROUP_HEAD                                                             \
    "<group xmlns='urn:oma:xml:poc:list-service'"                              \
    " xmlns:mcpttgi='urn:3gpp:ns:mcpttGroupInfo:1.0'>\n"                       \
    " <list-service uri='sip:inc-0042@g'>\n  <list>\n"                         \
    "   <entry uri='sip:a@x'/>"
#define GROUP_TAIL "\n  </list>\n </list-service>\n</group>\n"
#define NEWCOMER                                                               \
    "<entry uri=\"sip:new@x\"><mcpttgi:user-priority>5"                        \
    "</mcpttgi:user-priority></entry>"

/* The addresses of the notes' examples http/08 and http/10: a member comes,
 * the group is still one, and he goes without a trace. */
static void a_member_comes_and_goes(void)
{
    static const struct xml_xcap_usage groups = {
        XML_XCAP_AUID_GROUPS, XML_GROUP_NS};
    const struct span before = span_str(GROUP_HEAD GROUP_TAIL);
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_changed with, without;
    struct xml_xcap_refusal why;
    struct xml_group_fault fault;
    struct xml_xcap_uri uri;
    struct xml_group group;

    mu_arena_init(&arena, XML_XCAP_EDIT_ARENA);
    CU_ASSERT_EQUAL_FATAL(
        xml_xcap_uri_read(&arena, &groups, 1,
            span_str("/org.openmobilealliance.groups/users/sip:xui@x/g/~~/"
                     "group/list-service%5b@uri=%22sip:inc-0042@g%22%5d/list/"
                     "entry%5b@uri=%22sip:new@x%22%5d"),
            &uri),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_xcap_put(before, &uri, span_str(NEWCOMER), &arena, &why, &with),
        MU_OK);
    CU_ASSERT(with.created);
    CU_ASSERT(span_eq(with.text, span_str(GROUP_HEAD NEWCOMER GROUP_TAIL)));
    CU_ASSERT_EQUAL_FATAL(
        xml_group_read(with.text, XML_GROUP_REFUSE, &arena, &group, &fault),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(group.entry_count, 2);
    CU_ASSERT_EQUAL(group.entries[1].priority, 5);
    CU_ASSERT_EQUAL_FATAL(
        xml_xcap_delete(with.text, &uri, &arena, &why, &without), MU_OK);
    CU_ASSERT(span_eq(without.text, before));
}

static void a_comment_does_not_end_where_it_begins(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span out;

    CU_ASSERT_EQUAL_FATAL(
        get("<g xmlns='urn:d'><!--> <a/> --><a>x</a></g>", "g/a", &arena, &out),
        MU_OK);
    CU_ASSERT(span_eq(out, span_str("<a>x</a>")));
}

static void write_members(struct buf *b, unsigned count)
{
    buf_text(b, "<g xmlns='urn:d' xmlns:m='urn:m'><l>");
    for (unsigned i = 0; i < count; i++) {
        buf_text(b, "<e uri='sip:member.");
        buf_number(b, i);
        buf_text(b, "@mc.muster.example'><m:name>A long name of a member, "
                    "longer than most people have one, to reach four "
                    "mebibytes in ten thousand entries; and then some more "
                    "of it, because this was not enough by far, and here is "
                    "the rest of what is needed to come near to the limit "
                    "that the server has for a body of a request, so there"
                    "</m:name><m:p>5</m:p></e>\n");
    }
    buf_text(b, "</l></g>");
}

/* RB-01: one member of ten thousand, in a document near the limit. */
static void edits_a_large_document_at_once(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf b = {.len = 0};
    const struct mu_clock *clock = mu_clock_system();
    struct outcome o;
    uint64_t start;

    write_members(&b, 10000);
    buf_add(&b, (struct span){(const uint8_t *)"", 1});
    CU_ASSERT_FATAL(b.len > 3500000 && b.len < XML_XCAP_DOCUMENT_MAX);
    start = mu_clock_mono_ms(clock);
    o = change((const char *)b.p, "g/l/e[@uri='sip:n@x']", "<e uri='sip:n@x'/>",
        &arena);
    CU_ASSERT(mu_clock_mono_ms(clock) - start < 5000);
    CU_ASSERT_EQUAL(o.err, MU_OK);
    CU_ASSERT_EQUAL(
        o.changed.text.len, b.len - 1 + strlen("<e uri='sip:n@x'/>"));
}

static void refuses_to_grow_beyond_a_limit(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena, deep;
    MU_CLEANUP(buf_clear) struct buf b = {.len = 0};
    MU_CLEANUP(buf_clear) struct buf levels = {.len = 0};

    buf_text(&b, "<e>");
    while (b.len < XML_XCAP_DOCUMENT_MAX - 30)
        buf_text(&b, "                    ");
    buf_text(&b, "</e>");
    buf_add(&b, (struct span){(const uint8_t *)"", 1});
    CU_ASSERT_EQUAL(change(WHOLE, "g/l/e[3]", (const char *)b.p, &arena).err,
        MU_E_NO_SPACE);
    for (unsigned i = 0; i < XML_XCAP_DEPTH_MAX - 1; i++)
        buf_text(&levels, "<e>");
    for (unsigned i = 0; i < XML_XCAP_DEPTH_MAX - 1; i++)
        buf_text(&levels, "</e>");
    buf_add(&levels, (struct span){(const uint8_t *)"", 1});
    CU_ASSERT_EQUAL(
        change(WHOLE, "g/l/e[3]", (const char *)levels.p, &deep).err,
        MU_E_NO_SPACE);
}

static void survives_every_failing_allocation(void)
{
    for (unsigned n = 1;; n++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena, own;
        struct xml_xcap_changed changed;
        struct xml_xcap_refusal why;
        struct xml_xcap_uri uri;
        enum mu_err err;

        mu_arena_init(&own, 1 << 16);
        CU_ASSERT_EQUAL_FATAL(read_uri("g/z/k", &own, &uri), MU_OK);
        mu_arena_init(&arena, XML_XCAP_EDIT_ARENA);
        mu_alloc_fail_nth(n);
        err = xml_xcap_put(span_str(WHOLE), &uri, span_str("<k a='&lt;'/>"),
            &arena, &why, &changed);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
}

CU_TestInfo xml_xcap_edit_tests[] = {
    {"gets what a selector selects", gets_what_a_selector_selects},
    {"XC-04 puts elements where they belong", puts_elements_where_they_belong},
    {"XC-04 puts attributes", puts_attributes},
    {"XC-04 deletes and leaves the white space",
        deletes_and_leaves_the_white_space},
    {"what is not there cannot be deleted",
        what_is_not_there_cannot_be_deleted},
    {"XC-05 refuses by the names of the standard",
        refuses_by_the_names_of_the_standard},
    {"the last may go by position", the_last_may_go_by_position},
    {"XC-04 a member comes and goes", a_member_comes_and_goes},
    {"a comment does not end where it begins",
        a_comment_does_not_end_where_it_begins},
    {"RB-01 edits a large document at once", edits_a_large_document_at_once},
    {"RB-01 refuses to grow beyond a limit", refuses_to_grow_beyond_a_limit},
    {"survives every failing allocation", survives_every_failing_allocation},
    CU_TEST_INFO_NULL,
};
