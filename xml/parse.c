/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/parse.h"

#include <assert.h>
#include <libxml/parser.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "xml/library.h"

/* Nothing is substituted, loaded or fetched: no NOENT, DTDLOAD or HUGE. */
#define OPTIONS                                                                \
    (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |               \
        XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES)

/*
 * libxml2 compares each attribute of a tag with all before it: 80,000 of them
 * in one tag take 13 s. A raw '<' cannot stand in a value, so counting the
 * equal signs outside quotes from each '<' on is exact for start tags.
 */
struct tag {
    bool inside;
    uint8_t quote;
    unsigned attributes;
};

static void tag_step(struct tag *t, uint8_t c)
{
    if (c == '<')
        *t = (struct tag){.inside = true};
    else if (!t->inside)
        return;
    else if (t->quote != 0)
        t->quote = c == t->quote ? 0 : t->quote;
    else if (c == '"' || c == '\'')
        t->quote = c;
    else if (c == '=')
        t->attributes++;
    else if (c == '>' || (c == '!' && t->attributes == 0))
        t->inside = false;
}

/*
 * What can be seen before parsing. Without NUL, and with '<' first, the
 * parser can guess no encoding but one that extends ASCII; check_encoding()
 * then sees which one the document declares.
 */
static enum mu_err check_octets(
    const struct xml_limits *limits, struct span text, struct xml_fault *fault)
{
    struct tag tag = {false, 0, 0};
    size_t at = 0;

    if (text.len > limits->octets)
        return xml_fault_whole(fault, MU_E_NO_SPACE, "too many octets", 0);
    if (text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    if (text.len == at || (text.p[at] != '<' && text.p[at] > ' '))
        return xml_fault_whole(fault, MU_E_MALFORMED, "is not XML", 0);
    for (; at < text.len; at++) {
        if (text.p[at] == 0)
            return xml_fault_whole(fault, MU_E_UNSUPPORTED, "is not UTF-8", 0);
        tag_step(&tag, text.p[at]);
        if (tag.attributes > XML_ATTRIBUTES_MAX)
            return xml_fault_whole(
                fault, MU_E_NO_SPACE, "too many attributes", 0);
    }
    return MU_OK;
}

/* Stops at the DOCTYPE itself, before anything in it is read. */
static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *public_id,
    const xmlChar *system_id)
{
    xmlParserCtxt *parser = ctx;
    bool *seen = parser->_private;

    (void)name;
    (void)public_id;
    (void)system_id;
    *seen = true;
    xmlStopParser(parser);
}

static enum mu_err explain(
    const xmlParserCtxt *parser, bool doctype, struct xml_fault *fault)
{
    unsigned line =
        parser->lastError.line > 0 ? (unsigned)parser->lastError.line : 0;

    if (doctype)
        return xml_fault_whole(fault, MU_E_MALFORMED, "has a DOCTYPE", 0);
    return xml_fault_whole(fault, MU_E_MALFORMED, "is not well-formed", line);
}

static enum mu_err check_encoding(const xmlDoc *doc, struct xml_fault *fault)
{
    const char *name = (const char *)doc->encoding;

    if (name == NULL || strcasecmp(name, "UTF-8") == 0 ||
        strcasecmp(name, "US-ASCII") == 0)
        return MU_OK;
    return xml_fault_whole(fault, MU_E_UNSUPPORTED, "is not UTF-8", 1);
}

/* Next in document order; *depth follows. NULL at the end. */
static const xmlNode *next_node(const xmlNode *n, unsigned *depth)
{
    if (n->type == XML_ELEMENT_NODE && n->children != NULL) {
        (*depth)++;
        return n->children;
    }
    while (n->next == NULL) {
        n = n->parent;
        if (n->type != XML_ELEMENT_NODE)
            return NULL;
        (*depth)--;
    }
    return n->next;
}

static enum mu_err check_size(
    const struct xml_limits *limits, const xmlDoc *doc, struct xml_fault *fault)
{
    unsigned depth = 1, elements = 0;

    for (const xmlNode *n = xmlDocGetRootElement(doc); n != NULL;
         n = next_node(n, &depth)) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        if (depth > limits->depth)
            return xml_fault_at(
                fault, MU_E_NO_SPACE, "is nested too deeply", n);
        if (++elements > limits->elements)
            return xml_fault_at(fault, MU_E_NO_SPACE, "is one too many", n);
    }
    return MU_OK;
}

static void free_parser(xmlParserCtxt **parser)
{
    xmlFreeParserCtxt(*parser);
}

void xml_parse_free(xmlDoc **doc)
{
    xmlFreeDoc(*doc);
}

enum mu_err xml_parse(const struct xml_limits *limits, struct span text,
    struct xml_fault *fault, xmlDoc **out)
{
    MU_CLEANUP(free_parser) xmlParserCtxt *parser = NULL;
    MU_CLEANUP(xml_parse_free) xmlDoc *doc = NULL;
    bool doctype = false;

    TRY(check_octets(limits, text, fault));
    assert(limits->octets <= INT_MAX);
    (void)xml_starved();
    parser = xmlNewParserCtxt();
    if (parser == NULL)
        return xml_fault_whole(fault, MU_E_NO_MEMORY, "out of memory", 0);
    parser->_private = &doctype;
    parser->sax->internalSubset = on_doctype;
    parser->sax->comment = NULL;
    parser->sax->processingInstruction = NULL;
    doc = xmlCtxtReadMemory(
        parser, (const char *)text.p, (int)text.len, NULL, NULL, OPTIONS);
    if (xml_starved())
        return xml_fault_whole(fault, MU_E_NO_MEMORY, "out of memory", 0);
    if (doc == NULL || doctype || parser->nsWellFormed != 1)
        return explain(parser, doctype, fault);
    TRY(check_encoding(doc, fault));
    TRY(check_size(limits, doc, fault));
    *out = doc;
    doc = NULL;
    return MU_OK;
}
