/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_error.h"

#include <assert.h>

#include "xml/writer.h"

#define PHRASE_MAX 256

static const char *const names[XML_XCAP_ERRORS] = {
    [XML_XCAP_NOT_WELL_FORMED] = "not-well-formed",
    [XML_XCAP_NOT_XML_FRAG] = "not-xml-frag",
    [XML_XCAP_NO_PARENT] = "no-parent",
    [XML_XCAP_SCHEMA_VALIDATION] = "schema-validation-error",
    [XML_XCAP_NOT_XML_ATT_VALUE] = "not-xml-att-value",
    [XML_XCAP_CANNOT_INSERT] = "cannot-insert",
    [XML_XCAP_CANNOT_DELETE] = "cannot-delete",
    [XML_XCAP_UNIQUENESS] = "uniqueness-failure",
    [XML_XCAP_CONSTRAINT] = "constraint-failure",
    [XML_XCAP_NOT_UTF8] = "not-utf-8",
};

const char *xml_xcap_error_name(enum xml_xcap_error_kind kind)
{
    assert(kind < XML_XCAP_ERRORS);
    return names[kind];
}

static void write_phrase(struct xml_writer *x, struct span phrase)
{
    char text[PHRASE_MAX];
    size_t len = phrase.len < sizeof(text) ? phrase.len : sizeof(text);

    if (len == 0)
        return;
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(phrase.p[i] >= ' ' && phrase.p[i] < 0x7f ? phrase.p[i]
                                                                  : '?');
    xml_attribute_span(x, "phrase", (struct span){(const uint8_t *)text, len});
}

/* The field that is taken, and what is not. */
static void write_exists(struct xml_writer *x, const struct xml_xcap_error *in)
{
    xml_open(x, "exists");
    xml_attribute_span(x, "field", in->field);
    for (size_t i = 0; i < in->alt_count; i++)
        xml_leaf(x, "alt-value", in->alts[i]);
    xml_end(x);
}

enum mu_err xml_xcap_error_write(struct wr *w, const struct xml_xcap_error *in)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_open(&x, "xcap-error");
    xml_attribute_text(&x, "xmlns", XML_XCAP_ERROR_NS);
    xml_open(&x, xml_xcap_error_name(in->kind));
    write_phrase(&x, in->phrase);
    if (in->kind == XML_XCAP_NO_PARENT)
        xml_leaf_optional(&x, "ancestor", in->ancestor);
    if (in->kind == XML_XCAP_UNIQUENESS)
        write_exists(&x, in);
    xml_end(&x);
    xml_end(&x);
    return xml_writer_close(&x);
}
