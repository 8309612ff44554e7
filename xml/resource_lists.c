/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/resource_lists.h"

#include "xml/reader.h"
#include "xml/writer.h"

#define NS "urn:ietf:params:xml:ns:resource-lists"

struct reading {
    struct mu_arena *arena;
    struct mu_arena_list uris;
};

static enum mu_err on_entry(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct span uri = xml_attribute(e, NULL, "uri");
    struct span *entry;

    if (uri.len == 0)
        return xml_refuse(e, MU_E_MALFORMED, "has no uri");
    if (uri.len > XML_RESOURCE_URI_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "has too long a uri");
    if (r->uris.len == XML_RESOURCE_URIS_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "is one too many");
    entry = mu_arena_list_add(r->arena, &r->uris, sizeof(*entry));
    if (entry == NULL)
        return mu_arena_err(r->arena);
    *entry = mu_arena_copy(r->arena, uri);
    return mu_arena_err(r->arena);
}

/* RFC 5875 clause 4.4: a subscription's list is flat. */
static enum mu_err on_indirect(void *to, const struct xml_element *e)
{
    (void)to;
    return xml_refuse(e, MU_E_UNSUPPORTED, "is not for a subscription");
}

static const struct xml_rule rules[] = {
    {NULL, "resource-lists", NULL, 0, 0, NULL, NULL},
    {"resource-lists", "list", NULL, 0, XML_MANY, NULL, NULL},
    {"list", "display-name", NULL, 0, 1, NULL, NULL},
    {"list", "entry", NULL, 0, XML_MANY, NULL, on_entry},
    {"list", "entry-ref", NULL, 0, XML_MANY, NULL, on_indirect},
    {"list", "external", NULL, 0, XML_MANY, NULL, on_indirect},
};

static const struct xml_table table = {.ns = NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true,
    .limits = {.octets = 1U << 20, .elements = 2048, .depth = 8}};

enum mu_err xml_resource_lists_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_resource_lists *out)
{
    struct reading r = {.arena = arena};

    TRY(xml_read(&table, text, &r, fault));
    out->uris = r.uris.at;
    out->count = r.uris.len;
    return MU_OK;
}

enum mu_err xml_resource_lists_write(
    struct wr *w, const struct xml_resource_lists *in)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_open(&x, "resource-lists");
    xml_attribute_text(&x, "xmlns", NS);
    xml_open(&x, "list");
    for (size_t i = 0; i < in->count; i++) {
        xml_open(&x, "entry");
        xml_attribute_span(&x, "uri", in->uris[i]);
        xml_end(&x);
    }
    xml_end(&x);
    xml_end(&x);
    return xml_writer_close(&x);
}
