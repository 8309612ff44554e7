/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits of a document's text. The input is a document, a node selector and a
 * body, with a line "--" between them.
 *
 *  - our lexer sees the tree that libxml2 sees: elements, attributes, values;
 *  - what is put comes back in a GET, what is deleted does not;
 *  - every octet outside the node is the one that was there before.
 */
#include <libxml/tree.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "xml/library.h"
#include "xml/xcap_edit.h"

#define CUT       "\n--\n"
#define ARENA_MAX ((size_t)64 << 20)

static const struct xml_xcap_usage usage = {"u", "urn:d"};

/* What stands before the next cut; rest moves behind it. */
static struct span next_part(struct span *rest)
{
    const size_t len = strlen(CUT);
    struct span part = *rest;

    for (size_t i = 0; i + len <= rest->len; i++) {
        if (memcmp(rest->p + i, CUT, len) != 0)
            continue;
        part.len = i;
        rest->p += i + len;
        rest->len -= i + len;
        return part;
    }
    rest->p += rest->len;
    rest->len = 0;
    return part;
}

static bool begins_with(struct span text, struct span what)
{
    return text.len >= what.len &&
           span_eq((struct span){text.p, what.len}, what);
}

static bool ends_with(struct span text, struct span what)
{
    return text.len >= what.len &&
           span_eq((struct span){text.p + text.len - what.len, what.len}, what);
}

static void check_name(
    const struct xml_xcap_name *name, const xmlNs *ns, const xmlChar *local)
{
    fuzz_demand(span_eq(name->local, span_str((const char *)local)));
    fuzz_demand(span_eq(name->ns,
        span_str(
            ns != NULL && ns->href != NULL ? (const char *)ns->href : "")));
}

static void check_attributes(const struct xml_xcap_element *e, xmlNode *node)
{
    xmlAttr *theirs = node->properties;

    for (const struct xml_xcap_attribute *a = e->attributes; a != NULL;
         a = a->next) {
        xmlChar *value;

        if (a->declaration)
            continue;
        if (theirs == NULL)
            abort();
        check_name(&a->name, theirs->ns, theirs->name);
        value = xmlNodeListGetString(node->doc, theirs->children, 1);
        fuzz_demand(span_eq(
            a->value, span_str(value != NULL ? (const char *)value : "")));
        xmlFree(value);
        theirs = theirs->next;
    }
    fuzz_demand(theirs == NULL);
}

static xmlNode *first_element(xmlNode *n)
{
    while (n != NULL && n->type != XML_ELEMENT_NODE)
        n = n->next;
    return n;
}

/* At most XML_XCAP_DEPTH_MAX deep. */
/* NOLINTNEXTLINE(misc-no-recursion): bounded by the parser's limit */
static void check_element(const struct xml_xcap_element *e, xmlNode *node)
{
    xmlNode *theirs = first_element(node->children);

    check_name(&e->name, node->ns, node->name);
    check_attributes(e, node);
    for (const struct xml_xcap_element *c = e->first; c != NULL; c = c->next) {
        if (theirs == NULL)
            abort();
        fuzz_demand(c->parent == e);
        fuzz_demand(c->whole.from >= e->content.from);
        fuzz_demand(c->whole.to <= e->content.to);
        check_element(c, theirs);
        theirs = first_element(theirs->next);
    }
    fuzz_demand(theirs == NULL);
}

static void check_tree(struct span text)
{
    static const struct xml_limits limits = {
        XML_XCAP_DOCUMENT_MAX, XML_XCAP_ELEMENTS_MAX, XML_XCAP_DEPTH_MAX};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(xml_parse_free) xmlDoc *doc = NULL;
    struct xml_xcap_tree tree;
    struct xml_fault fault;
    enum mu_err err;

    mu_arena_init(&arena, ARENA_MAX);
    err = xml_xcap_tree_read(text, &arena, &fault, &tree);
    if (xml_parse(&limits, text, &fault, &doc) != MU_OK) {
        fuzz_demand(err != MU_OK);
        return;
    }
    if (err == MU_E_NO_SPACE)
        return;
    fuzz_demand(err == MU_OK);
    check_element(tree.root, xmlDocGetRootElement(doc));
}

/* Of the changed text, at the node that was put. */
static struct xml_range place_of(
    const struct xml_xcap_tree *tree, const struct xml_xcap_uri *uri)
{
    const struct xml_xcap_element *e = xml_xcap_select(tree, uri, uri->steps);

    fuzz_demand(e != NULL);
    if (uri->kind == XML_XCAP_AT_ELEMENT)
        return e->whole;
    return xml_xcap_attribute_of(e, &uri->attribute)->whole;
}

/*
 * Before and behind the node the old text and the new are the same. Into an
 * empty tag "<a/>" there came "<a>" before it and "</a>" behind it. A new
 * attribute has a blank before it.
 */
static void check_rest(
    struct span old, struct span text, const struct xml_xcap_uri *uri)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_tree tree;
    struct span before, behind;
    struct xml_fault fault;
    struct xml_range place;

    mu_arena_init(&arena, ARENA_MAX);
    fuzz_demand(xml_xcap_tree_read(text, &arena, &fault, &tree) == MU_OK);
    place = place_of(&tree, uri);
    before = (struct span){text.p, place.from};
    behind = (struct span){text.p + place.to, text.len - place.to};
    if (begins_with(old, before) && ends_with(old, behind) &&
        before.len + behind.len <= old.len)
        return;
    before.len--; /* ">", or the blank */
    fuzz_demand(begins_with(old, before));
    if (uri->kind == XML_XCAP_AT_ATTRIBUTE) {
        fuzz_demand(ends_with(old, behind));
        return;
    }
    fuzz_demand(old.p[before.len] == '/' && old.p[before.len + 1] == '>');
    while (behind.p[0] != '>') {
        behind.p++;
        behind.len--;
    }
    fuzz_demand(ends_with(old, behind));
    fuzz_demand(before.len + 1 + behind.len == old.len);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trim(struct span body)
{
    while (body.len > 0 && is_blank(body.p[0])) {
        body.p++;
        body.len--;
    }
    while (body.len > 0 && is_blank(body.p[body.len - 1]))
        body.len--;
    return body;
}

static void check_put(
    struct span text, const struct xml_xcap_uri *uri, struct span body)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_changed changed, again;
    struct xml_xcap_refusal why;
    struct xml_fault fault;
    struct span got;
    enum mu_err err;

    mu_arena_init(&arena, ARENA_MAX);
    err = xml_xcap_put(text, uri, body, &arena, &why, &changed);
    fuzz_demand(err != MU_E_DENIED || why.why != NULL);
    if (err != MU_OK)
        return;
    fuzz_demand(xml_xcap_get(changed.text, uri, &arena, &fault, &got) == MU_OK);
    fuzz_demand(
        span_eq(got, uri->kind == XML_XCAP_AT_ELEMENT ? trim(body) : body));
    check_rest(text, changed.text, uri);
    check_tree(changed.text);
    /* Idempotent (RFC 4825 clause 8.2). */
    if (xml_xcap_put(changed.text, uri, body, &arena, &why, &again) != MU_OK)
        return; /* beyond the arena */
    fuzz_demand(!again.created && span_eq(again.text, changed.text));
}

static void check_delete(struct span text, const struct xml_xcap_uri *uri)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_changed changed;
    struct xml_xcap_refusal why;
    struct xml_fault fault;
    struct span got, old;

    mu_arena_init(&arena, ARENA_MAX);
    if (xml_xcap_delete(text, uri, &arena, &why, &changed) != MU_OK)
        return;
    fuzz_demand(xml_xcap_get(text, uri, &arena, &fault, &old) == MU_OK);
    fuzz_demand(xml_xcap_get(changed.text, uri, &arena, &fault, &got) ==
                MU_E_NOT_FOUND);
    if (uri->kind == XML_XCAP_AT_ELEMENT)
        fuzz_demand(changed.text.len + old.len == text.len);
    check_tree(changed.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span rest = {data, size};
    struct span text = next_part(&rest), node = next_part(&rest);
    struct xml_xcap_uri uri;
    static bool started;

    if (!started)
        fuzz_demand(xml_init() == MU_OK);
    started = true;
    check_tree(text);
    mu_arena_init(&arena, ARENA_MAX);
    if (xml_xcap_uri_read(&arena, &usage, 1, node, &uri) != MU_OK ||
        uri.steps == 0)
        return 0;
    if (uri.kind != XML_XCAP_AT_NAMESPACES) {
        check_put(text, &uri, rest);
        check_delete(text, &uri);
    }
    return 0;
}
