/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_write.c - the document of a new group (xml/group_doc.h): the elements
 * in the order of notes 1.2, since some clients validate strictly, and the
 * flags and timeouts of an incident (acceptance row EM-01).
 */
#include "xml/group_doc.h"
#include "xml/group_schema.h"
#include "xml/writer.h"

#define INCIDENT_PRIORITY 200

static void write_mark(struct xml_writer *x, const char *name)
{
    xml_open(x, name);
    xml_end(x);
}

static void write_text(struct xml_writer *x, const char *name, const char *text)
{
    xml_leaf(x, name, span_str(text));
}

static void write_person(
    struct xml_writer *x, const char *name, struct span uri)
{
    if (uri.len == 0)
        return;
    xml_open(x, name);
    xml_attribute_span(x, "uri", uri);
    xml_end(x);
}

static void write_entry(struct xml_writer *x, const struct xml_group_entry *e)
{
    xml_open(x, "entry");
    xml_attribute_span(x, "uri", e->uri);
    xml_leaf_optional(x, "rl:display-name", e->display_name);
    if (e->priority != 0)
        xml_leaf_number(x, "mcpttgi:user-priority", e->priority);
    xml_leaf_optional(x, "mcpttgi:participant-type", e->type);
    if (e->required)
        write_mark(x, "mcpttgi:on-network-required");
    if (e->receive_only)
        write_mark(x, "mcpttgi:on-network-recvonly");
    write_person(x, "mcpttgi:mcvideo-mcvideo-id", e->mcvideo_id);
    write_person(x, "mcpttgi:mcdata-mcdata-id", e->mcdata_id);
    xml_end(x);
}

/* Without it the document is no MCPTT group's (notes 1.3). */
static void write_service(struct xml_writer *x)
{
    xml_open(x, "oxe:supported-services");
    xml_open(x, "oxe:service");
    xml_attribute_text(x, "enabler", "urn:urn-7:3gpp-service.ims.icsi.mcptt");
    xml_open(x, "oxe:group-media");
    write_mark(x, "mcpttgi:mcptt-speech");
    xml_end(x);
    xml_end(x);
    xml_end(x);
}

/* Members may talk, and in an incident raise an emergency. */
static void write_member_rule(struct xml_writer *x, bool incident)
{
    xml_open(x, "cp:rule");
    xml_attribute_text(x, "id", "members");
    xml_open(x, "cp:conditions");
    write_mark(x, "is-list-member");
    xml_end(x);
    xml_open(x, "cp:actions");
    write_text(x, "allow-initiate-conference", "true");
    write_text(x, "join-handling", "true");
    if (incident) {
        write_text(x, "mcpttgi:allow-MCPTT-emergency-call", "true");
        write_text(x, "mcpttgi:allow-imminent-peril-call", "true");
        write_text(x, "mcpttgi:allow-MCPTT-emergency-alert", "true");
    }
    xml_end(x);
    xml_end(x);
}

/* The owner alone sees the list. */
static void write_owner_rule(struct xml_writer *x, struct span owner)
{
    if (owner.len == 0)
        return;
    xml_open(x, "cp:rule");
    xml_attribute_text(x, "id", "owner");
    xml_open(x, "cp:conditions");
    xml_open(x, "cp:identity");
    xml_open(x, "cp:one");
    xml_attribute_span(x, "id", owner);
    xml_end(x);
    xml_end(x);
    xml_end(x);
    xml_open(x, "cp:actions");
    write_text(x, "mcpttgi:on-network-allow-getting-member-list", "true");
    xml_end(x);
    xml_end(x);
}

static void write_extensions(
    struct xml_writer *x, const struct xml_group_template *in)
{
    unsigned priority =
        in->priority == 0 && in->incident ? INCIDENT_PRIORITY : in->priority;

    xml_leaf_optional(x, "mcpttgi:owner", in->owner);
    if (priority != 0)
        xml_leaf_number(x, "mcpttgi:on-network-group-priority", priority);
    if (in->max_participants != 0)
        xml_leaf_number(x, "mcpttgi:on-network-max-participant-count",
            in->max_participants);
    write_text(x, "mcpttgi:on-network-invite-members", "true");
    if (in->incident) {
        write_text(x,
            "mcpttgi:on-network-in-progress-emergency-state-"
            "cancellation-timeout",
            "PT30M");
        write_text(x,
            "mcpttgi:on-network-in-progress-imminent-peril-state-"
            "cancellation-timeout",
            "PT15M");
    }
    write_text(x, "mcpttgi:protect-media", in->protect ? "true" : "false");
    write_text(x, "mcpttgi:protect-floor-control-signalling",
        in->protect ? "true" : "false");
}

static void open_group(struct xml_writer *x)
{
    xml_open(x, "group");
    xml_attribute_text(x, "xmlns", XML_GROUP_NS);
    xml_attribute_text(x, "xmlns:rl", XML_GROUP_NS_RL);
    xml_attribute_text(x, "xmlns:cp", XML_GROUP_NS_CP);
    xml_attribute_text(x, "xmlns:oxe", XML_GROUP_NS_OXE);
    xml_attribute_text(x, "xmlns:mcpttgi", XML_GROUP_NS_MCPTTGI);
}

enum mu_err xml_group_write(struct wr *w, const struct xml_group_template *in)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    open_group(&x);
    xml_open(&x, "list-service");
    xml_attribute_span(&x, "uri", in->uri);
    xml_leaf_optional(&x, "display-name", in->display_name);
    xml_open(&x, "list");
    for (size_t i = 0; i < in->entry_count; i++)
        write_entry(&x, &in->entries[i]);
    xml_end(&x);
    write_service(&x);
    xml_open(&x, "cp:ruleset");
    write_member_rule(&x, in->incident);
    write_owner_rule(&x, in->owner);
    xml_end(&x);
    write_extensions(&x, in);
    xml_end(&x);
    xml_end(&x);
    return xml_writer_close(&x);
}
