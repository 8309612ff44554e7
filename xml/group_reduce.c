/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_reduce.c - a group document without its list (xml/group_doc.h): the
 * text minus ranges of it, so that nothing else can change.
 */
#include "xml/group_doc.h"

#include <string.h>

#include "xml/xcap_tree.h"

/* What is left of the text grows in out; kept up to at, of which all before
 * was looked at. */
struct cutting {
    const struct xml_xcap_tree *tree;
    size_t at;
    size_t aside; /* the next one */
    struct wr w;
};

static void keep_to(struct cutting *c, size_t to)
{
    if (to > c->at)
        wr_span(&c->w, (struct span){c->tree->text.p + c->at, to - c->at});
}

static void cut(struct cutting *c, struct xml_range range)
{
    if (range.from < c->at)
        return; /* in what was cut already */
    keep_to(c, range.from);
    c->at = range.to;
}

/* The XML declaration looks like a processing instruction and is none. */
static bool is_declaration(const struct cutting *c, struct xml_range range)
{
    static const struct span begins = {(const uint8_t *)"<?xml", 5};
    struct span aside = xml_xcap_octets(c->tree, range);

    return aside.len > 5 && span_eq((struct span){aside.p, 5}, begins) &&
           strchr(" \t\r\n", aside.p[5]) != NULL;
}

/* Asides before an offset; they and elements come in document order. */
static void cut_asides(struct cutting *c, size_t before)
{
    for (; c->aside < c->tree->aside_count; c->aside++) {
        struct xml_range aside = c->tree->asides[c->aside];

        if (aside.from >= before)
            return;
        if (!is_declaration(c, aside))
            cut(c, aside);
    }
}

static const struct xml_xcap_element *next_element(
    const struct xml_xcap_element *e, bool inside)
{
    if (inside && e->first != NULL)
        return e->first;
    while (e != NULL && e->next == NULL)
        e = e->parent;
    return e != NULL ? e->next : NULL;
}

/* Wherever it stands: in an extension it would be a list of members, too. */
static void cut_lists(struct cutting *c)
{
    const struct xml_xcap_name list = {
        span_str(XML_GROUP_NS), span_str("list")};
    const struct xml_xcap_element *e = c->tree->root;

    while (e != NULL) {
        bool is_list = xml_xcap_name_eq(&e->name, &list);

        if (is_list) {
            cut_asides(c, e->whole.from);
            cut(c, e->whole);
        }
        e = next_element(e, !is_list);
    }
}

enum mu_err xml_group_without_list(
    struct span text, struct mu_arena *arena, struct span *out)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena scratch;
    struct xml_xcap_tree tree;
    struct cutting c = {.tree = &tree};
    struct xml_fault fault;
    uint8_t *octets;

    mu_arena_init(&scratch, XML_XCAP_TREE_ARENA);
    TRY(xml_xcap_tree_read(text, &scratch, &fault, &tree));
    octets = mu_arena_alloc(arena, text.len, 1);
    TRY(mu_arena_err(arena));
    wr_init(&c.w, octets, text.len);
    cut_lists(&c);
    cut_asides(&c, text.len);
    keep_to(&c, text.len);
    return wr_close(&c.w, out);
}
