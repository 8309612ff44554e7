/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_error.h"

#include "tests/suites.h"
#include "xml/xcap_caps.h"

#define BODY(in)                                                               \
    "<xcap-error xmlns=\"urn:ietf:params:xml:ns:xcap-error\">" in              \
    "</xcap-error>"

static void check_written(const struct xml_xcap_error *in, const char *text)
{
    uint8_t room[1024];
    struct span out;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL_FATAL(xml_xcap_error_write(&w, in), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT(span_eq(out, span_str(text)));
}

static void writes_each_kind_with_its_data(void)
{
    const struct span alts[] = {span_str("sip:h@x"), span_str("a&b")};

    check_written(&(struct xml_xcap_error){.kind = XML_XCAP_CONSTRAINT,
                      .phrase = span_str("a \"b\"\n\xff")},
        BODY("<constraint-failure phrase=\"a &quot;b&quot;??\">"
             "</constraint-failure>"));
    check_written(&(struct xml_xcap_error){.kind = XML_XCAP_NOT_UTF8},
        BODY("<not-utf-8></not-utf-8>"));
    check_written(&(struct xml_xcap_error){.kind = XML_XCAP_NO_PARENT,
                      .ancestor = span_str("https://h/u/g/~~/a"),
                      .field = span_str("x")},
        BODY("<no-parent><ancestor>https://h/u/g/~~/a</ancestor></no-parent>"));
    check_written(&(struct xml_xcap_error){.kind = XML_XCAP_UNIQUENESS,
                      .field = span_str("group/list-service/@uri"),
                      .ancestor = span_str("x"),
                      .alts = alts,
                      .alt_count = 2},
        BODY("<uniqueness-failure><exists field=\"group/list-service/@uri\">"
             "<alt-value>sip:h@x</alt-value><alt-value>a&amp;b</alt-value>"
             "</exists></uniqueness-failure>"));
}

static void names_all_ten(void)
{
    static const char *const names[] = {"not-well-formed", "not-xml-frag",
        "no-parent", "schema-validation-error", "not-xml-att-value",
        "cannot-insert", "cannot-delete", "uniqueness-failure",
        "constraint-failure", "not-utf-8"};

    CU_ASSERT_EQUAL_FATAL(sizeof(names) / sizeof(names[0]), XML_XCAP_ERRORS);
    for (int i = 0; i < XML_XCAP_ERRORS; i++)
        CU_ASSERT_STRING_EQUAL(
            xml_xcap_error_name((enum xml_xcap_error_kind)i), names[i]);
}

static void refuses_what_is_no_text(void)
{
    const struct xml_xcap_error bad = {
        .kind = XML_XCAP_NO_PARENT, .ancestor = span_str("\xff")};
    uint8_t room[256];
    struct wr w;

    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL(xml_xcap_error_write(&w, &bad), MU_E_MALFORMED);
    wr_init(&w, room, 20);
    CU_ASSERT_EQUAL(xml_xcap_error_write(&w,
                        &(struct xml_xcap_error){.kind = XML_XCAP_NOT_UTF8}),
        MU_E_NO_SPACE);
}

static void writes_the_capabilities(void)
{
    static const char *const auids[] = {"xcap-caps", "a&b", NULL};
    static const char *const namespaces[] = {"urn:n", NULL};
    uint8_t room[512];
    struct span out;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL_FATAL(xml_xcap_caps_write(&w, auids, namespaces), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT(span_eq(out,
        span_str("<xcap-caps xmlns=\"urn:ietf:params:xml:ns:xcap-caps\"><auids>"
                 "<auid>xcap-caps</auid><auid>a&amp;b</auid></auids>"
                 "<namespaces><namespace>urn:n</namespace></namespaces>"
                 "</xcap-caps>")));
}

CU_TestInfo xml_xcap_error_tests[] = {
    {"writes each kind with its data", writes_each_kind_with_its_data},
    {"names all ten", names_all_ten},
    {"refuses what is no text", refuses_what_is_no_text},
    {"writes the capabilities", writes_the_capabilities},
    CU_TEST_INFO_NULL,
};
