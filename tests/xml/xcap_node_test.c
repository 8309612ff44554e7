/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_node.h"

#include "tests/suites.h"

static const struct xml_xcap_usage usage = {"a", "urn:d"};

#define DOC                                                                    \
    "<g xmlns=\"urn:d\" xmlns:k=\"urn:k\" xmlns:o=\"urn:o\">"                  \
    "<k:list xmlns:o=\"urn:o2\"><o:x n=\"a&amp;b\">1</o:x></k:list>"           \
    "<e xmlns=\"\"/></g>"

static enum mu_err node(const char *selector, struct buf *out)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_uri uri;

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(
        xml_xcap_uri_read(&arena, &usage, 1, span_str(selector), &uri), MU_OK);
    return xml_xcap_node(span_str(DOC), &uri, out);
}

static void is(const char *selector, const char *want)
{
    MU_CLEANUP(buf_clear) struct buf out = {0};

    CU_ASSERT_EQUAL(node(selector, &out), MU_OK);
    CU_ASSERT(span_eq(buf_span(&out), span_str(want)));
}

#define K "?xmlns(k=urn:k)xmlns(o=urn:o2)"

static void an_element_carries_what_is_in_scope(void)
{
    is("a/global/d/~~/g/k:list" K,
        "<k:list xmlns=\"urn:d\" xmlns:k=\"urn:k\" xmlns:o=\"urn:o2\">"
        "<o:x n=\"a&amp;b\">1</o:x></k:list>");
}

/* The nearest declaration of a prefix is the one that holds. */
static void the_nearest_declaration_counts(void)
{
    is("a/global/d/~~/g/k:list/o:x" K,
        "<o:x xmlns:o=\"urn:o2\" xmlns=\"urn:d\" xmlns:k=\"urn:k\""
        " n=\"a&amp;b\">1</o:x>");
}

static void an_attribute_is_its_value(void)
{
    is("a/global/d/~~/g/k:list/o:x/@n" K, "a&b");
}

static void what_is_not_there_is_not_found(void)
{
    MU_CLEANUP(buf_clear) struct buf out = {0};

    CU_ASSERT_EQUAL(node("a/global/d/~~/g/none", &out), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        node("a/global/d/~~/g/k:list/@none" K, &out), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        node("a/global/d/~~/g/namespace::*", &out), MU_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(out.len, 0);
}

CU_TestInfo xml_xcap_node_tests[] = {
    {"an element carries what is in scope",
        an_element_carries_what_is_in_scope},
    {"the nearest declaration counts", the_nearest_declaration_counts},
    {"an attribute is its value", an_attribute_is_its_value},
    {"what is not there is not found", what_is_not_there_is_not_found},
    CU_TEST_INFO_NULL,
};
