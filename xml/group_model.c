/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/group_model.h"

#include <libxml/tree.h>
#include <string.h>

#include "xml/group_schema.h"
#include "xml/value.h"
#include "xml/xcap_tree.h"

#define PRIORITY_MAX 255

/* A service whose enabler stands above. */
enum service {
    SERVICE_OTHER,
    SERVICE_MCPTT,
    SERVICE_MCVIDEO,
    SERVICE_MCDATA
};

struct reading {
    struct mu_arena *arena;
    struct xml_group *out;
    struct mu_arena_list entries, rules, constituents;
    struct xml_group_entry *entry; /* the one being read */
    uint64_t oma_max;              /* max-participant-count */
    enum service service;
    bool in_temporary; /* constituents here are of this group */
    /* The rule being read: its actions, then whom it is for. */
    struct xml_group_rule rule;
    struct mu_arena_list ones; /* of struct span */
    bool identity, applies;
};

/* A text that may be empty. */
static enum mu_err read_text(
    struct reading *r, const struct xml_element *e, struct span *out)
{
    if (xml_text(e).len == 0)
        return MU_OK;
    return xml_value_string(e, r->arena, out);
}

/* An identity in an attribute that the schema demands. */
static enum mu_err read_identity(struct reading *r, const struct xml_element *e,
    const char *name, struct span *out)
{
    struct span value = xml_attribute(e, NULL, name);

    if (mcptt_id_check(value) != MU_OK)
        return xml_refuse(e, MU_E_MALFORMED, "names no identity");
    *out = mu_arena_copy(r->arena, value);
    return mu_arena_err(r->arena);
}

static enum mu_err read_priority(const struct xml_element *e, unsigned *out)
{
    uint64_t value = 0;

    TRY(xml_value_number(e, &value));
    if (value > PRIORITY_MAX)
        return xml_refuse(e, MU_E_MALFORMED, "is out of the range 0 to 255");
    *out = (unsigned)value;
    return MU_OK;
}

/* Booleans that are kept as they stand: which element, which field. */
struct flag {
    const char *name;
    size_t offset;
};

static enum mu_err read_flag(const struct flag *flags, size_t count, void *base,
    const struct xml_element *e)
{
    const char *name = (const char *)xml_element_node(e)->name;

    for (size_t i = 0; i < count; i++)
        if (strcmp(flags[i].name, name) == 0)
            return xml_value_boolean(
                e, (bool *)(void *)((char *)base + flags[i].offset));
    return MU_OK;
}

static enum mu_err on_group_flag(void *to, const struct xml_element *e)
{
    static const struct flag flags[] = {
        {"protect-media", offsetof(struct xml_group, protect_media)},
        {"protect-floor-control-signalling",
            offsetof(struct xml_group, protect_floor)},
        {"mcvideo-protect-media", offsetof(struct xml_group, protect_video)},
        {"mcdata-protect-media", offsetof(struct xml_group, protect_data)},
        {"on-network-invite-members",
            offsetof(struct xml_group, invite_members)},
    };
    struct reading *r = to;

    return read_flag(flags, sizeof(flags) / sizeof(flags[0]), r->out, e);
}

static enum mu_err on_action(void *to, const struct xml_element *e)
{
    static const struct flag flags[] = {
        {"on-network-allow-getting-member-list",
            offsetof(struct xml_group_rule, may_get_list)},
        {"allow-initiate-conference",
            offsetof(struct xml_group_rule, may_initiate)},
        {"join-handling", offsetof(struct xml_group_rule, may_join)},
        {"allow-MCPTT-emergency-call",
            offsetof(struct xml_group_rule, may_emergency)},
        {"allow-imminent-peril-call",
            offsetof(struct xml_group_rule, may_peril)},
        {"allow-MCPTT-emergency-alert",
            offsetof(struct xml_group_rule, may_alert)},
    };
    struct reading *r = to;

    return read_flag(flags, sizeof(flags) / sizeof(flags[0]), &r->rule, e);
}

static enum mu_err enter_service_list(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    if (r->out->uri.p != NULL)
        return xml_refuse(e, MU_E_MALFORMED, "is one too many");
    return read_identity(r, e, "uri", &r->out->uri);
}

static enum mu_err on_display_name(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_text(r, e, &r->out->display_name);
}

static enum mu_err on_owner(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_text(r, e, &r->out->owner);
}

static enum mu_err on_group_priority(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_priority(e, &r->out->priority);
}

static enum mu_err on_max(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->out->max_participants);
}

static enum mu_err on_oma_max(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->oma_max);
}

static enum mu_err on_disabled(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->out->disabled = true;
    return MU_OK;
}

static enum mu_err enter_list(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->out->has_list = true;
    return MU_OK;
}

static enum mu_err enter_entry(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    if (r->entries.len == XML_GROUP_MEMBERS_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "is one member too many");
    r->entry = mu_arena_list_add(r->arena, &r->entries, sizeof(*r->entry));
    if (r->entry == NULL)
        return mu_arena_err(r->arena);
    return read_identity(r, e, "uri", &r->entry->uri);
}

static enum mu_err on_entry_name(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_text(r, e, &r->entry->display_name);
}

static enum mu_err on_user_priority(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_priority(e, &r->entry->priority);
}

static enum mu_err on_type(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_text(r, e, &r->entry->type);
}

/* Extensions may stand inside the two marks, so they are entered as containers
 * of anyExt, whose content nobody looks at. */
static enum mu_err enter_required(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->entry->required = true;
    return MU_OK;
}

static enum mu_err enter_receive_only(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->entry->receive_only = true;
    return MU_OK;
}

static enum mu_err on_mcvideo_id(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_identity(r, e, "uri", &r->entry->mcvideo_id);
}

static enum mu_err on_mcdata_id(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_identity(r, e, "uri", &r->entry->mcdata_id);
}

static enum mu_err enter_temporary(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    (void)e;
    r->out->temporary = r->in_temporary = true;
    return MU_OK;
}

static enum mu_err leave_temporary(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->in_temporary = false;
    return MU_OK;
}

static enum mu_err enter_regrouped(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return read_identity(
        r, e, "temporary-MCPTT-group-ID", &r->out->regrouped_into);
}

static enum mu_err on_constituent(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct span *id;

    if (!r->in_temporary)
        return MU_OK;
    if (r->constituents.len == XML_GROUP_CONSTITUENTS_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "is one group too many");
    if (mcptt_id_check(xml_text(e)) != MU_OK)
        return xml_refuse(e, MU_E_MALFORMED, "names no identity");
    id = mu_arena_list_add(r->arena, &r->constituents, sizeof(*id));
    return id != NULL ? xml_value_string(e, r->arena, id)
                      : mu_arena_err(r->arena);
}

/* MCData has several enablers (sds, fd, ...) and no medium to look for. */
static enum mu_err enter_service(void *to, const struct xml_element *e)
{
    static const struct span mcdata = {
        (const uint8_t *)"urn:urn-7:3gpp-service.ims.icsi.mcdata", 38};
    struct span enabler = xml_attribute(e, NULL, "enabler");
    struct reading *r = to;

    r->service = SERVICE_OTHER;
    if (span_eq(enabler, span_str("urn:urn-7:3gpp-service.ims.icsi.mcptt")))
        r->service = SERVICE_MCPTT;
    else if (span_eq(
                 enabler, span_str("urn:urn-7:3gpp-service.ims.icsi.mcvideo")))
        r->service = SERVICE_MCVIDEO;
    else if (enabler.len >= mcdata.len &&
             span_eq((struct span){enabler.p, mcdata.len}, mcdata))
        r->out->is_mcdata = true;
    return MU_OK;
}

static enum mu_err enter_speech(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    (void)e;
    if (r->service == SERVICE_MCPTT)
        r->out->is_mcptt = true;
    return MU_OK;
}

static enum mu_err enter_video(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    (void)e;
    if (r->service == SERVICE_MCVIDEO)
        r->out->is_mcvideo = true;
    return MU_OK;
}

static enum mu_err enter_rule(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    (void)e;
    r->rule = (struct xml_group_rule){.many = false};
    r->ones = (struct mu_arena_list){NULL, 0, 0};
    r->identity = false;
    r->applies = true;
    return MU_OK;
}

static bool is_element(const xmlNode *n, const char *ns, const char *name)
{
    return n->ns != NULL && strcmp((const char *)n->ns->href, ns) == 0 &&
           strcmp((const char *)n->name, name) == 0;
}

/* All conditions must hold, so one that we do not know keeps the rule off. */
static enum mu_err enter_conditions(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    for (xmlNode *n = xml_element_node(e)->children; n != NULL; n = n->next)
        if (n->type == XML_ELEMENT_NODE &&
            !is_element(n, XML_GROUP_NS_CP, "identity") &&
            !is_element(n, XML_GROUP_NS, "is-list-member"))
            r->applies = false;
    return MU_OK;
}

static enum mu_err enter_list_member(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->rule.list_member = true;
    return MU_OK;
}

static enum mu_err enter_identity(void *to, const struct xml_element *e)
{
    (void)e;
    ((struct reading *)to)->identity = true;
    return MU_OK;
}

/* What stands inside narrows the condition in ways that we do not know. */
static bool is_narrowed(const struct xml_element *e)
{
    for (const xmlNode *n = xml_element_node(e)->children; n != NULL;
         n = n->next)
        if (n->type == XML_ELEMENT_NODE)
            return true;
    return false;
}

static enum mu_err enter_one(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct span *id;

    if (is_narrowed(e))
        return MU_OK;
    id = mu_arena_list_add(r->arena, &r->ones, sizeof(*id));
    return id != NULL ? read_identity(r, e, "id", id) : mu_arena_err(r->arena);
}

static enum mu_err enter_many(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    if (!is_narrowed(e) && xml_attribute(e, NULL, "domain").p == NULL)
        r->rule.many = true;
    return MU_OK;
}

static enum mu_err add_rule(
    struct reading *r, const struct xml_element *e, struct span id, bool many)
{
    struct xml_group_rule *rule;

    if (r->rules.len == XML_GROUP_RULES_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "is for one identity too many");
    rule = mu_arena_list_add(r->arena, &r->rules, sizeof(*rule));
    if (rule == NULL)
        return mu_arena_err(r->arena);
    *rule = r->rule;
    rule->id = id;
    rule->many = many;
    return MU_OK;
}

/* An identity is one of several; is-list-member holds besides. */
static enum mu_err leave_rule(void *to, const struct xml_element *e)
{
    const struct span nobody = {NULL, 0};
    struct reading *r = to;
    const struct span *ones = r->ones.at;

    if (!r->applies)
        return MU_OK;
    if (!r->identity)
        return add_rule(r, e, nobody, !r->rule.list_member);
    if (r->rule.many)
        return add_rule(r, e, nobody, true);
    for (size_t i = 0; i < r->ones.len; i++)
        TRY(add_rule(r, e, ones[i], false));
    return MU_OK;
}

#define LS      "list-service"
#define MANY    XML_MANY
#define RL      XML_GROUP_NS_RL
#define CP      XML_GROUP_NS_CP
#define OXE     XML_GROUP_NS_OXE
#define XDM     XML_GROUP_NS_XDM /* what some products write for OXE */
#define MCPTTGI XML_GROUP_NS_MCPTTGI

/* clang-format off */
static const struct xml_rule rules[] = {
    {NULL, "group", NULL, 0, 1, NULL, NULL},
    {"group", LS, NULL, 1, MANY, enter_service_list, NULL},
    {LS, "display-name", NULL, 0, 1, on_display_name, NULL},
    {LS, "list", NULL, 0, 1, enter_list, NULL},
    {LS, "max-participant-count", NULL, 0, 1, on_oma_max, NULL},
    {LS, "supported-services", OXE, 0, 1, NULL, NULL},
    {LS, "supported-services", XDM, 0, 1, NULL, NULL},
    {LS, "ruleset", CP, 0, 1, NULL, NULL},
    {LS, "owner", MCPTTGI, 0, 1, on_owner, NULL},
    {LS, "on-network-disabled", MCPTTGI, 0, 1, on_disabled, NULL},
    {LS, "on-network-temporary", MCPTTGI, 0, 1, enter_temporary,
        leave_temporary},
    {LS, "on-network-regrouped", MCPTTGI, 0, 1, enter_regrouped, NULL},
    {LS, "on-network-group-priority", MCPTTGI, 0, 1, on_group_priority, NULL},
    {LS, "on-network-max-participant-count", MCPTTGI, 0, 1, on_max, NULL},
    {LS, "on-network-invite-members", MCPTTGI, 0, 1, on_group_flag, NULL},
    {LS, "protect-media", MCPTTGI, 0, 1, on_group_flag, NULL},
    {LS, "protect-floor-control-signalling", MCPTTGI, 0, 1, on_group_flag,
        NULL},
    {LS, "mcvideo-protect-media", MCPTTGI, 0, 1, on_group_flag, NULL},
    {LS, "mcdata-protect-media", MCPTTGI, 0, 1, on_group_flag, NULL},
    {"on-network-temporary", "constituent-MCPTT-group-IDs", MCPTTGI, 0, 1,
        NULL, NULL},
    {"on-network-regrouped", "constituent-MCPTT-group-IDs", MCPTTGI, 0, 1,
        NULL, NULL},
    {"constituent-MCPTT-group-IDs", "constituent-MCPTT-group-ID", MCPTTGI, 0,
        MANY, on_constituent, NULL},
    {"on-network-disabled", "anyExt", MCPTTGI, 0, MANY, NULL, NULL},
    {"list", "entry", NULL, 0, MANY, enter_entry, NULL},
    {"entry", "display-name", RL, 0, 1, on_entry_name, NULL},
    {"entry", "user-priority", MCPTTGI, 0, 1, on_user_priority, NULL},
    {"entry", "participant-type", MCPTTGI, 0, 1, on_type, NULL},
    {"entry", "on-network-required", MCPTTGI, 0, 1, enter_required, NULL},
    {"entry", "on-network-recvonly", MCPTTGI, 0, 1, enter_receive_only, NULL},
    {"entry", "mcvideo-mcvideo-id", MCPTTGI, 0, 1, on_mcvideo_id, NULL},
    {"entry", "mcdata-mcdata-id", MCPTTGI, 0, 1, on_mcdata_id, NULL},
    {"on-network-required", "anyExt", MCPTTGI, 0, MANY, NULL, NULL},
    {"on-network-recvonly", "anyExt", MCPTTGI, 0, MANY, NULL, NULL},
    {"supported-services", "service", OXE, 0, MANY, enter_service, NULL},
    {"supported-services", "service", XDM, 0, MANY, enter_service, NULL},
    {"service", "group-media", OXE, 0, 1, NULL, NULL},
    {"service", "group-media", XDM, 0, 1, NULL, NULL},
    {"group-media", "mcptt-speech", MCPTTGI, 0, 1, enter_speech, NULL},
    {"group-media", "mcvideo-video-media", MCPTTGI, 0, 1, enter_video, NULL},
    {"mcptt-speech", "anyExt", MCPTTGI, 0, MANY, NULL, NULL},
    {"mcvideo-video-media", "anyExt", MCPTTGI, 0, MANY, NULL, NULL},
    {"ruleset", "rule", CP, 0, MANY, enter_rule, leave_rule},
    {"rule", "conditions", CP, 0, 1, enter_conditions, NULL},
    {"rule", "actions", CP, 0, 1, NULL, NULL},
    {"conditions", "is-list-member", NULL, 0, 1, enter_list_member, NULL},
    {"conditions", "identity", CP, 0, 1, enter_identity, NULL},
    {"identity", "one", CP, 0, MANY, enter_one, NULL},
    {"identity", "many", CP, 0, MANY, enter_many, NULL},
    {"one", "anyExt", MCPTTGI, 0, MANY, NULL, NULL},
    {"many", "except", CP, 0, MANY, NULL, NULL},
    {"actions", "allow-initiate-conference", NULL, 0, 1, on_action, NULL},
    {"actions", "allow-initiate-conference", CP, 0, 1, on_action, NULL},
    {"actions", "join-handling", NULL, 0, 1, on_action, NULL},
    {"actions", "join-handling", CP, 0, 1, on_action, NULL},
    {"actions", "on-network-allow-getting-member-list", MCPTTGI, 0, 1,
        on_action, NULL},
    {"actions", "allow-MCPTT-emergency-call", MCPTTGI, 0, 1, on_action, NULL},
    {"actions", "allow-imminent-peril-call", MCPTTGI, 0, 1, on_action, NULL},
    {"actions", "allow-MCPTT-emergency-alert", MCPTTGI, 0, 1, on_action, NULL},
};
/* clang-format on */

static const struct xml_table table = {
    .ns = XML_GROUP_NS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true,
    .skip_unknown = true,
    .limits = {.depth = XML_XCAP_DEPTH_MAX},
};

enum mu_err xml_group_model(xmlDoc *doc, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_group *out)
{
    /* What absence means: TS 24.481 clause 7.2.8. */
    struct xml_group group = {
        .max_participants = UINT64_MAX,
        .protect_media = true,
        .protect_floor = true,
        .protect_video = true,
        .protect_data = true,
    };
    struct reading r = {.arena = arena, .out = &group, .oma_max = UINT64_MAX};

    TRY(xml_read_tree(&table, doc, &r, fault));
    group.entries = r.entries.at;
    group.entry_count = r.entries.len;
    group.rules = r.rules.at;
    group.rule_count = r.rules.len;
    group.constituents = r.constituents.at;
    group.constituent_count = r.constituents.len;
    if (group.max_participants == UINT64_MAX)
        group.max_participants = r.oma_max;
    *out = group;
    return MU_OK;
}
