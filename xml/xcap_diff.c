/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_diff.h"

#include "xml/c14n.h"
#include "xml/value.h"
#include "xml/writer.h"

/*
 * Names of our own. With a prefix where elements of other documents stand in
 * between: one that is in no name space would fall into a default of ours.
 * Without one elsewhere, which more clients read.
 */
struct names {
    const char *declaration, *root, *document, *not_changed, *element,
        *attribute;
};

static const struct names plain = {"xmlns", "xcap-diff", "document",
    "body-not-changed", "element", "attribute"};
static const struct names prefixed = {"xmlns:d", "d:xcap-diff", "d:document",
    "d:body-not-changed", "d:element", "d:attribute"};

static const struct names *names_for(const struct xml_xcap_diff *in)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->items[i].kind == XML_XCAP_ELEMENT)
            return &prefixed;
    return &plain;
}

static void put_optional(
    struct xml_writer *x, const char *name, struct span value)
{
    if (value.len > 0)
        xml_attribute_span(x, name, value);
}

static void put_document(struct xml_writer *x, const struct names *names,
    const struct xml_xcap_item *item)
{
    xml_open(x, names->document);
    put_optional(x, "previous-etag", item->previous_etag);
    put_optional(x, "new-etag", item->new_etag);
    xml_attribute_span(x, "sel", item->sel);
    if (item->body_not_changed) {
        xml_open(x, names->not_changed);
        xml_end(x);
    }
    xml_end(x);
}

static void put_node(struct xml_writer *x, const struct names *names,
    const struct xml_xcap_item *item)
{
    bool is_element = item->kind == XML_XCAP_ELEMENT;

    xml_open(x, is_element ? names->element : names->attribute);
    xml_attribute_span(x, "sel", item->sel);
    if (item->gone)
        xml_attribute_text(x, "exists", "false");
    else if (is_element && item->content.len > 0)
        xml_verbatim(x, item->content);
    else
        xml_characters(x, item->content);
    xml_end(x);
}

enum mu_err xml_xcap_diff_write(struct wr *w, const struct xml_xcap_diff *in)
{
    const struct names *names = names_for(in);
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_open(&x, names->root);
    xml_attribute_text(&x, names->declaration, XML_XCAP_DIFF_NS);
    xml_attribute_span(&x, "xcap-root", in->root);
    for (size_t i = 0; i < in->count; i++)
        if (in->items[i].kind == XML_XCAP_DOCUMENT)
            put_document(&x, names, &in->items[i]);
        else
            put_node(&x, names, &in->items[i]);
    xml_end(&x);
    return xml_writer_close(&x);
}

struct reading {
    struct mu_arena *arena;
    struct mu_arena_list items;
    struct xml_xcap_item *item; /* the one being read */
    struct span root;
};

static enum mu_err copy_attribute(struct reading *r,
    const struct xml_element *e, const char *name, struct span *out)
{
    struct span value = xml_attribute(e, NULL, name);

    if (value.len > XML_XCAP_SEL_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "has too long an attribute");
    if (value.len == 0)
        return MU_OK;
    *out = mu_arena_copy(r->arena, value);
    return out->p != NULL ? MU_OK : mu_arena_err(r->arena);
}

static enum mu_err on_root(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    TRY(copy_attribute(r, e, "xcap-root", &r->root));
    if (r->root.len == 0)
        return xml_refuse(e, MU_E_MALFORMED, "has no xcap-root");
    return MU_OK;
}

static enum mu_err add_item(struct reading *r, const struct xml_element *e,
    enum xml_xcap_item_kind kind)
{
    if (r->items.len == XML_XCAP_ITEMS_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "is one too many");
    r->item = mu_arena_list_add(r->arena, &r->items, sizeof(*r->item));
    if (r->item == NULL)
        return mu_arena_err(r->arena);
    r->item->kind = kind;
    TRY(copy_attribute(r, e, "sel", &r->item->sel));
    if (r->item->sel.len == 0)
        return xml_refuse(e, MU_E_MALFORMED, "has no sel");
    return MU_OK;
}

static enum mu_err on_document(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    TRY(add_item(r, e, XML_XCAP_DOCUMENT));
    TRY(copy_attribute(r, e, "previous-etag", &r->item->previous_etag));
    TRY(copy_attribute(r, e, "new-etag", &r->item->new_etag));
    if (r->item->previous_etag.len == 0 && r->item->new_etag.len == 0)
        return xml_refuse(e, MU_E_MALFORMED, "has no tag");
    return MU_OK;
}

static enum mu_err on_not_changed(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    (void)e;
    r->item->body_not_changed = true;
    return MU_OK;
}

static enum mu_err add_node(struct reading *r, const struct xml_element *e,
    enum xml_xcap_item_kind kind)
{
    struct span exists = xml_attribute(e, NULL, "exists");

    TRY(add_item(r, e, kind));
    r->item->gone =
        span_eq(exists, span_str("false")) || span_eq(exists, span_str("0"));
    return MU_OK;
}

/* Comes when the element has been skipped: what is in it is not ours. */
static enum mu_err on_element(void *to, const struct xml_element *e)
{
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical content = {NULL, 0};
    struct reading *r = to;
    enum mu_err err;

    TRY(add_node(r, e, XML_XCAP_ELEMENT));
    err = xml_canonical_child(e, &content);
    if (err == MU_E_NOT_FOUND)
        return MU_OK;
    TRY(err);
    r->item->content = mu_arena_copy(r->arena, xml_canonical_span(&content));
    return r->item->content.p != NULL ? MU_OK : mu_arena_err(r->arena);
}

static enum mu_err on_attribute(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    TRY(add_node(r, e, XML_XCAP_ATTRIBUTE));
    r->item->content = mu_arena_copy(r->arena, xml_text(e));
    return r->item->content.p != NULL ? MU_OK : mu_arena_err(r->arena);
}

static const struct xml_rule rules[] = {
    {NULL, "xcap-diff", NULL, 0, 0, on_root, NULL},
    {"xcap-diff", "document", NULL, 0, XML_MANY, on_document, NULL},
    {"document", "body-not-changed", NULL, 0, 1, NULL, on_not_changed},
    {"xcap-diff", "element", NULL, 0, XML_MANY, NULL, on_element},
    {"xcap-diff", "attribute", NULL, 0, XML_MANY, on_attribute, NULL},
};

static const struct xml_table table = {.ns = XML_XCAP_DIFF_NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true,
    .skip_unknown = true,
    .limits = {.octets = 4U << 20, .elements = 65536, .depth = 24}};

enum mu_err xml_xcap_diff_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_xcap_diff *out)
{
    struct reading r = {.arena = arena};

    TRY(xml_read(&table, text, &r, fault));
    out->root = r.root;
    out->items = r.items.at;
    out->count = r.items.len;
    return MU_OK;
}
