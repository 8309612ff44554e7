/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/writer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "xml/utf8.h"

void xml_writer_init(struct xml_writer *x, struct wr *w)
{
    *x = (struct xml_writer){.w = w, .err = MU_OK};
}

static void put(struct xml_writer *x, const char *text)
{
    wr_span(x->w, span_str(text));
}

static void end_tag(struct xml_writer *x)
{
    if (x->in_tag)
        put(x, ">");
    x->in_tag = false;
}

void xml_open(struct xml_writer *x, const char *name)
{
    assert(x->depth < XML_WRITER_DEPTH);
    end_tag(x);
    x->open[x->depth++] = name;
    put(x, "<");
    put(x, name);
    x->in_tag = true;
}

/* Never "<a/>": Canonical XML clause 1.1 has no empty element tags. */
void xml_end(struct xml_writer *x)
{
    assert(x->depth > 0);
    end_tag(x);
    put(x, "</");
    put(x, x->open[--x->depth]);
    put(x, ">");
}

/* NULL where the octet stands for itself (Canonical XML clause 2.3). */
static const char *escape(uint8_t c, bool in_attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '\r':
        return "&#xD;";
    case '>':
        return in_attribute ? NULL : "&gt;";
    case '"':
        return in_attribute ? "&quot;" : NULL;
    case '\t':
        return in_attribute ? "&#x9;" : NULL;
    case '\n':
        return in_attribute ? "&#xA;" : NULL;
    default:
        return NULL;
    }
}

static void put_escaped(
    struct xml_writer *x, struct span text, bool in_attribute)
{
    while (text.len > 0) {
        const char *reference = escape(text.p[0], in_attribute);
        size_t len = xml_char_len(text);

        if (len == 0) {
            x->err = MU_E_MALFORMED;
            return;
        }
        if (reference != NULL)
            put(x, reference);
        else
            wr_span(x->w, (struct span){text.p, len});
        text.p += len;
        text.len -= len;
    }
}

void xml_attribute_span(
    struct xml_writer *x, const char *name, struct span value)
{
    assert(x->in_tag);
    put(x, " ");
    put(x, name);
    put(x, "=\"");
    put_escaped(x, value, true);
    put(x, "\"");
}

void xml_attribute_text(
    struct xml_writer *x, const char *name, const char *value)
{
    xml_attribute_span(x, name, span_str(value));
}

/* The digits of a number, and a NUL. */
#define DIGITS 21

void xml_attribute_number(
    struct xml_writer *x, const char *name, uint64_t value)
{
    char digits[DIGITS];

    (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
    xml_attribute_text(x, name, digits);
}

static void time_text(uint64_t unix_s, char text[MU_TIME_TEXT])
{
    const uint64_t last_s = MU_TIME_MAX_MS / 1000;

    mu_time_write((unix_s < last_s ? unix_s : last_s) * 1000, text);
    (void)memcpy(strchr(text, '.'), "Z", 2); /* the fraction is ".000" */
}

void xml_attribute_time(struct xml_writer *x, const char *name, uint64_t unix_s)
{
    char text[MU_TIME_TEXT];

    time_text(unix_s, text);
    xml_attribute_text(x, name, text);
}

void xml_characters(struct xml_writer *x, struct span text)
{
    end_tag(x);
    put_escaped(x, text, false);
}

void xml_verbatim(struct xml_writer *x, struct span xml)
{
    end_tag(x);
    wr_span(x->w, xml);
}

void xml_leaf(struct xml_writer *x, const char *name, struct span text)
{
    xml_open(x, name);
    xml_characters(x, text);
    xml_end(x);
}

void xml_leaf_optional(struct xml_writer *x, const char *name, struct span text)
{
    if (text.len > 0)
        xml_leaf(x, name, text);
}

void xml_leaf_number(struct xml_writer *x, const char *name, uint64_t value)
{
    char digits[DIGITS];

    (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
    xml_leaf(x, name, span_str(digits));
}

void xml_leaf_time(struct xml_writer *x, const char *name, uint64_t unix_s)
{
    char text[MU_TIME_TEXT];

    time_text(unix_s, text);
    xml_leaf(x, name, span_str(text));
}

void xml_hex(struct xml_writer *x, struct span octets)
{
    char text[MU_HEX_LEN(XML_LEAF_OCTETS_MAX)];

    assert(octets.len <= XML_LEAF_OCTETS_MAX);
    mu_hex_write(octets, text);
    xml_verbatim(x, span_str(text));
    mu_wipe(text, sizeof(text)); /* of a key, perhaps */
}

void xml_base64(struct xml_writer *x, struct span octets)
{
    char text[MU_BASE64_LEN(XML_LEAF_OCTETS_MAX)];

    assert(octets.len <= XML_LEAF_OCTETS_MAX);
    mu_base64_write(octets, text);
    xml_verbatim(x, span_str(text));
}

enum mu_err xml_writer_close(const struct xml_writer *x)
{
    assert(x->depth == 0 || x->err != MU_OK || x->w->err != MU_OK);
    return x->err != MU_OK ? x->err : x->w->err;
}
