/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_edit.h"

#include <stdio.h>

#include "xml/writer.h"
#include "xml/xcap_edit.h"

#define NS_LISTS   "urn:ietf:params:xml:ns:resource-lists"
#define NS_MCPTTGI "urn:3gpp:ns:mcpttGroupInfo:1.0"
#define ENTRY_MAX  8192

static struct xml_xcap_step step(const char *name)
{
    return (struct xml_xcap_step){
        .name = {.ns = span_str(XML_GROUP_NS), .local = span_str(name)}};
}

/* group/list-service/list/entry[@uri=...]: what XCAP would call him. */
static void select_entry(struct xml_xcap_uri *at, struct span uri)
{
    *at = (struct xml_xcap_uri){.kind = XML_XCAP_AT_ELEMENT, .steps = 4};
    at->step[0] = step("group");
    at->step[1] = step("list-service");
    at->step[2] = step("list");
    at->step[3] = step("entry");
    at->step[3].has_attribute = true;
    at->step[3].attribute.local = span_str("uri");
    at->step[3].value = uri;
}

/* Children declare what they use: the document may have other prefixes. */
static void write_child(
    struct xml_writer *x, const char *name, struct span text)
{
    xml_open(x, name);
    xml_attribute_text(x, "xmlns:g", NS_MCPTTGI);
    xml_characters(x, text);
    xml_end(x);
}

static void write_entry(struct xml_writer *x, const struct xml_group_entry *who)
{
    char priority[12];

    (void)snprintf(priority, sizeof(priority), "%u", who->priority);
    xml_open(x, "entry");
    xml_attribute_text(x, "xmlns", XML_GROUP_NS);
    xml_attribute_span(x, "uri", who->uri);
    if (who->display_name.len > 0) {
        xml_open(x, "rl:display-name");
        xml_attribute_text(x, "xmlns:rl", NS_LISTS);
        xml_characters(x, who->display_name);
        xml_end(x);
    }
    if (who->priority > 0)
        write_child(x, "g:user-priority", span_str(priority));
    if (who->type.len > 0)
        write_child(x, "g:participant-type", who->type);
    if (who->required)
        write_child(x, "g:on-network-required", (struct span){NULL, 0});
    if (who->receive_only)
        write_child(x, "g:on-network-recvonly", (struct span){NULL, 0});
    xml_end(x);
}

static enum mu_err make_entry(
    const struct xml_group_entry *who, struct mu_arena *arena, struct span *out)
{
    uint8_t *text = mu_arena_alloc(arena, ENTRY_MAX, 1);
    struct xml_writer x;
    struct wr w;

    if (text == NULL)
        return mu_arena_err(arena);
    wr_init(&w, text, ENTRY_MAX);
    xml_writer_init(&x, &w);
    write_entry(&x, who);
    TRY(xml_writer_close(&x));
    return wr_close(&w, out);
}

enum mu_err gms_edit_entry(
    struct span text, struct span uri, struct mu_arena *arena, struct span *out)
{
    struct xml_xcap_uri at;
    struct xml_fault fault;

    select_entry(&at, uri);
    return xml_xcap_get(text, &at, arena, &fault, out);
}

enum mu_err gms_edit_restore(struct span text, struct span uri,
    struct span entry, struct mu_arena *arena, struct span *out)
{
    struct xml_xcap_refusal why = {0};
    struct xml_xcap_changed changed;
    struct xml_xcap_uri at;
    enum mu_err err;

    select_entry(&at, uri);
    err = xml_xcap_put(text, &at, entry, arena, &why, &changed);
    if (err == MU_E_DENIED && why.kind == XML_XCAP_NO_PARENT)
        return MU_E_STATE;
    TRY(err);
    *out = changed.text;
    return MU_OK;
}

enum mu_err gms_edit_add(struct span text, const struct xml_group_entry *who,
    struct mu_arena *arena, struct span *out)
{
    struct span entry = {NULL, 0};

    TRY(make_entry(who, arena, &entry));
    return gms_edit_restore(text, who->uri, entry, arena, out);
}

enum mu_err gms_edit_remove(
    struct span text, struct span uri, struct mu_arena *arena, struct span *out)
{
    struct xml_xcap_refusal why;
    struct xml_xcap_changed changed;
    struct xml_xcap_uri at;

    select_entry(&at, uri);
    TRY(xml_xcap_delete(text, &at, arena, &why, &changed));
    *out = changed.text;
    return MU_OK;
}
