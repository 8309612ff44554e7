/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/writer.h"

#include <string.h>

#include "tests/suites.h"

struct text {
    uint8_t b[512];
    struct wr w;
    struct xml_writer x;
};

static void start(struct text *t)
{
    wr_init(&t->w, t->b, sizeof(t->b));
    xml_writer_init(&t->x, &t->w);
}

static bool became(struct text *t, const char *expected)
{
    struct span out = {NULL, 0};

    return xml_writer_close(&t->x) == MU_OK && wr_close(&t->w, &out) == MU_OK &&
           span_eq(out, span_str(expected));
}

static void writes_elements_in_elements(void)
{
    struct text t;

    start(&t);
    xml_open(&t.x, "a");
    xml_attribute_text(&t.x, "xmlns", "urn:x");
    xml_open(&t.x, "b");
    xml_end(&t.x);
    xml_leaf(&t.x, "p:c", span_str("text"));
    xml_leaf_optional(&t.x, "d", span_str(""));
    xml_leaf_number(&t.x, "n", UINT64_MAX);
    xml_verbatim(&t.x, span_str("<e/>"));
    xml_end(&t.x);
    CU_ASSERT(became(&t, "<a xmlns=\"urn:x\"><b></b><p:c>text</p:c>"
                         "<n>18446744073709551615</n><e/></a>"));
}

/* Canonical XML 1.0 clause 2.3. */
static void escapes_as_canonical_xml_does(void)
{
    struct text t;

    start(&t);
    xml_open(&t.x, "a");
    xml_attribute_text(&t.x, "v", "<&>\"'\t\n\r");
    xml_characters(&t.x, span_str("<&>\"'\t\n\r]]>"));
    xml_end(&t.x);
    CU_ASSERT(became(&t, "<a v=\"&lt;&amp;>&quot;'&#x9;&#xA;&#xD;\">"
                         "&lt;&amp;&gt;\"'\t\n&#xD;]]&gt;</a>"));
}

static void passes_characters_of_every_length(void)
{
    struct text t;

    start(&t);
    xml_leaf(&t.x, "a", span_str("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91"));
    CU_ASSERT(became(&t, "<a>A\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91</a>"));
}

static void refuses_what_is_no_character(void)
{
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {
        {"\0", 1},               /* no Char of XML at all */
        {"a\x01", 2},            /* nor any other control */
        {"\xef\xbf\xbe", 3},     /* U+FFFE */
        {"\xed\xa0\x80", 3},     /* a surrogate */
        {"\xc0\xbc", 2},         /* '<' in two octets */
        {"\xe0\x80\xbc", 3},     /* and in three */
        {"\xc3", 1},             /* cut off */
        {"\xf0\x9f\x94", 3},     /* cut off */
        {"\x80", 1},             /* begins in the middle */
        {"\xff", 1},             /* never in UTF-8 */
        {"\xf5\x80\x80\x80", 4}, /* beyond U+10FFFF */
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct text t;

        start(&t);
        xml_leaf(
            &t.x, "a", (struct span){(const uint8_t *)bad[i].text, bad[i].len});
        CU_ASSERT_EQUAL(xml_writer_close(&t.x), MU_E_MALFORMED);
    }
}

static void writes_times_in_whole_seconds(void)
{
    struct text t;

    start(&t);
    xml_leaf_time(&t.x, "t", 1763906625);
    xml_leaf_time(&t.x, "t", UINT64_MAX);
    CU_ASSERT(
        became(&t, "<t>2025-11-23T14:03:45Z</t><t>9999-12-31T23:59:59Z</t>"));
}

static void writes_octets_as_hex_and_base64(void)
{
    struct text t;

    start(&t);
    xml_open(&t.x, "a");
    xml_hex(&t.x, span_str("\x01\xab"));
    xml_base64(&t.x, span_str("\x01\xab"));
    xml_end(&t.x);
    CU_ASSERT(became(&t, "<a>01abAas=</a>"));
}

static void says_when_there_is_no_space(void)
{
    struct text t;

    start(&t);
    t.w.cap = 6;
    xml_leaf(&t.x, "a", span_str("b"));
    CU_ASSERT_EQUAL(xml_writer_close(&t.x), MU_E_NO_SPACE);
}

static void counts_without_a_buffer(void)
{
    struct span out = {NULL, 0};
    struct xml_writer x;
    struct wr w;

    wr_init(&w, NULL, SIZE_MAX);
    xml_writer_init(&x, &w);
    xml_leaf(&x, "a", span_str("b&c"));
    CU_ASSERT_EQUAL(xml_writer_close(&x), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT_EQUAL(out.len, strlen("<a>b&amp;c</a>"));
}

CU_TestInfo xml_writer_tests[] = {
    {"writes elements in elements", writes_elements_in_elements},
    {"escapes as canonical XML does", escapes_as_canonical_xml_does},
    {"passes characters of every length", passes_characters_of_every_length},
    {"refuses what is no character", refuses_what_is_no_character},
    {"writes times in whole seconds", writes_times_in_whole_seconds},
    {"writes octets as hex and base64", writes_octets_as_hex_and_base64},
    {"says when there is no space", says_when_there_is_no_space},
    {"counts without a buffer", counts_without_a_buffer},
    CU_TEST_INFO_NULL,
};
