/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/group_doc.h"

#include "tests/suites.h"
#include "xml/xcap_edit.h"

#define HEAD "<?xml version='1.0' encoding=\"UTF-8\"?>\n"
#define OPEN                                                                   \
    "<group xmlns='urn:oma:xml:poc:list-service' xmlns:l='urn:oma:xml:poc:"    \
    "list-service'>\n  <list-service uri='sip:g@x'>\n    "
#define CLOSE "\n  </list-service >\n</group>\n"
#define LIST  "<list ><!-- c --><entry uri='sip:a@x'/><?p q?></list>"

static void cuts_the_list_and_what_may_hold_anything(void)
{
    static const struct {
        const char *text, *reduced;
    } rows[] = {
        {HEAD OPEN LIST CLOSE, HEAD OPEN CLOSE},
        {OPEN LIST CLOSE, OPEN CLOSE},
        {OPEN CLOSE, OPEN CLOSE},
        {HEAD "<!-- sip:a@x -->" OPEN "<!-- a -->" LIST "<?pump seven?>" CLOSE
              "<!-- b -->",
            HEAD OPEN CLOSE},
        {OPEN "<l:list><l:entry uri='sip:a@x'/></l:list>" CLOSE, OPEN CLOSE},
        {OPEN "<list/><x xmlns='urn:x'><list>kept</list>" LIST "</x>" CLOSE,
            OPEN "<x xmlns='urn:x'><list>kept</list>"
                 "<list ><entry uri='sip:a@x'/></list></x>" CLOSE},
        {OPEN "<x:x xmlns:x='urn:x'>" LIST "<![CDATA[<!-- t -->]]></x:x>" CLOSE,
            OPEN "<x:x xmlns:x='urn:x'><![CDATA[<!-- t -->]]></x:x>" CLOSE},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct span out;

        mu_arena_init(&arena, 1 << 16);
        CU_ASSERT_EQUAL_FATAL(
            xml_group_without_list(span_str(rows[i].text), &arena, &out),
            MU_OK);
        CU_ASSERT(span_eq(out, span_str(rows[i].reduced)));
    }
}

/* XC-08: no selector finds an entry in what such a reader is given. */
static void no_selector_finds_a_member(void)
{
    static const char *const nodes[] = {"group/list-service/list",
        "group/list-service/list/entry", "group/list-service/list/entry[1]",
        "group/list-service/*[1]", "group/list-service/*/*", "*/*/*",
        "group/list-service/list/entry[@uri='sip:a@x']",
        "group/list-service/list/entry[@uri='sip:a@x']/@uri",
        "group/list-service/list/entry/namespace::*"};
    const struct xml_xcap_usage usage = {"u", XML_GROUP_NS};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_uri uri;
    struct span text;

    mu_arena_init(&arena, 1 << 22);
    CU_ASSERT_EQUAL_FATAL(
        xml_group_without_list(span_str(OPEN LIST CLOSE), &arena, &text),
        MU_OK);
    for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
        const struct span pieces[] = {
            span_str("u/global/d/~~/"), span_str(nodes[i])};
        uint8_t target[256];
        struct xml_fault fault;
        struct span whole, out;
        struct wr w;

        wr_init(&w, target, sizeof(target));
        wr_span(&w, pieces[0]);
        wr_span(&w, pieces[1]);
        CU_ASSERT_EQUAL_FATAL(wr_close(&w, &whole), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            xml_xcap_uri_read(&arena, &usage, 1, whole, &uri), MU_OK);
        CU_ASSERT_EQUAL(
            xml_xcap_get(text, &uri, &arena, &fault, &out), MU_E_NOT_FOUND);
    }
}

static void refuses_what_is_no_xml(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span out;

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL(
        xml_group_without_list(span_str("<a>"), &arena, &out), MU_E_MALFORMED);
}

CU_TestInfo xml_group_reduce_tests[] = {
    {"cuts the list and what may hold anything",
        cuts_the_list_and_what_may_hold_anything},
    {"XC-08 no selector finds a member", no_selector_finds_a_member},
    {"refuses what is no XML", refuses_what_is_no_xml},
    CU_TEST_INFO_NULL,
};
