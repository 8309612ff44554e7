/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/mcptt_info.h"

#include "xml/c14n.h"
#include "xml/value.h"
#include "xml/writer.h"

#define NS XML_MCPTT_INFO_NS

struct reading {
    struct mu_arena *arena;
    struct xml_mcptt_info info;
};

/* Clients differ on which member of the choice carries the token; its @type
 * says whether it is one in clear. */
static enum mu_err on_token(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_text(e, r->arena, XML_MCPTT_TOKEN_MAX, &r->info.token);
}

static enum mu_err take_encrypted(
    struct reading *r, const struct xml_element *e)
{
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical data = {NULL, 0};
    enum mu_err err = xml_canonical_child(e, &data);

    if (err == MU_E_NOT_FOUND)
        return xml_refuse(e, MU_E_MALFORMED, "is encrypted and empty");
    TRY(err);
    r->info.encrypted = true;
    r->info.token = (struct span){NULL, 0};
    r->info.data = mu_arena_copy(r->arena, xml_canonical_span(&data));
    return mu_arena_err(r->arena);
}

static enum mu_err after_token(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct span type = xml_attribute(e, NULL, "type");

    if (span_eq(type, span_str("Encrypted")))
        return take_encrypted(r, e);
    if (type.len > 0 && !span_eq(type, span_str("Normal")))
        return xml_refuse(e, MU_E_MALFORMED, "has another type");
    return MU_OK;
}

static const struct xml_rule rules[] = {
    {NULL, "mcpttinfo", NULL, 0, 0, NULL, NULL},
    {"mcpttinfo", "mcptt-Params", NULL, 0, 1, NULL, NULL},
    {"mcptt-Params", "mcptt-access-token", NULL, 0, 1, NULL, after_token},
    {"mcptt-access-token", "mcpttString", NULL, 0, 1, on_token, NULL},
    {"mcptt-access-token", "mcpttURI", NULL, 0, 1, on_token, NULL},
};

static const struct xml_table table = {.ns = NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true,
    .skip_unknown = true,
    .limits = {.octets = 1U << 17, .elements = 1024, .depth = 16}};

enum mu_err xml_mcptt_info_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_mcptt_info *out)
{
    struct reading r = {.arena = arena};

    TRY(xml_read(&table, text, &r, fault));
    *out = r.info;
    return MU_OK;
}

enum mu_err xml_mcptt_info_write(struct wr *w, const struct xml_mcptt_info *in)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_open(&x, "mcpttinfo");
    xml_attribute_text(&x, "xmlns", NS);
    xml_open(&x, "mcptt-Params");
    xml_open(&x, "mcptt-access-token");
    xml_attribute_text(&x, "type", "Normal");
    xml_leaf(&x, "mcpttString", in->token);
    xml_end(&x);
    xml_end(&x);
    xml_end(&x);
    return xml_writer_close(&x);
}
