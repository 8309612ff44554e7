/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/group_doc.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xml/group_model.h"
#include "xml/group_schema.h"
#include "xml/parse.h"
#include "xml/utf8.h"
#include "xml/xcap_tree.h"

/* Completes a fault that names an element: the phrase says where and what. */
static enum mu_err blame(struct xml_group_fault *fault,
    enum xml_group_fault_kind kind, const char *what)
{
    char where[72];

    fault->kind = kind;
    (void)snprintf(where, sizeof(where), "%.71s", fault->at.path);
    if (fault->at.line > 0)
        (void)snprintf(fault->phrase, sizeof(fault->phrase), "line %u: %s%s%s",
            fault->at.line, where, where[0] != '\0' ? " " : "", what);
    else
        (void)snprintf(fault->phrase, sizeof(fault->phrase), "%s%s%s", where,
            where[0] != '\0' ? " " : "", what);
    return fault->at.err;
}

static enum mu_err parse(
    struct span text, struct xml_group_fault *fault, xmlDoc **out)
{
    static const struct xml_limits limits = {
        XML_GROUP_OCTETS_MAX, XML_XCAP_ELEMENTS_MAX, XML_XCAP_DEPTH_MAX};
    enum mu_err err = xml_parse(&limits, text, &fault->at, out);

    if (err == MU_OK)
        return MU_OK;
    (void)blame(fault, XML_GROUP_NOT_WELL_FORMED, fault->at.why);
    if (err == MU_E_UNSUPPORTED || !xml_is_utf8(text))
        fault->kind = XML_GROUP_NOT_UTF8;
    return err == MU_E_UNSUPPORTED ? MU_E_MALFORMED : err;
}

static enum mu_err check_schema(xmlDoc *doc, struct xml_group_fault *fault)
{
    char message[XML_SCHEMA_MESSAGE];

    if (xml_group_schema_check(doc, &fault->at, message) == MU_OK)
        return MU_OK;
    return blame(
        fault, XML_GROUP_SCHEMA, message[0] != '\0' ? message : fault->at.why);
}

/* Next in document order; NULL at the end. */
static const xmlNode *next_node(const xmlNode *n)
{
    if (n->type == XML_ELEMENT_NODE && n->children != NULL)
        return n->children;
    while (n->next == NULL) {
        n = n->parent;
        if (n->type != XML_ELEMENT_NODE)
            return NULL;
    }
    return n->next;
}

static bool is_unknown(const xmlNode *n)
{
    return n->type == XML_ELEMENT_NODE && n->ns != NULL &&
           strcmp((const char *)n->ns->href, XML_GROUP_NS_MCPTTGI) == 0 &&
           !xml_group_knows((const char *)n->name);
}

/* RFC 4825 clause 8.2.5: who advertises a name space refuses what is not in
 * its schema; who does not may keep it. */
static enum mu_err count_unknown(xmlDoc *doc, enum xml_group_unknown unknown,
    struct xml_group_fault *fault, unsigned *out)
{
    *out = 0;
    for (const xmlNode *n = xmlDocGetRootElement(doc); n != NULL;
         n = next_node(n)) {
        if (!is_unknown(n))
            continue;
        ++*out;
        if (unknown == XML_GROUP_KEEP)
            continue;
        (void)xml_fault_at(&fault->at, MU_E_MALFORMED, "is unknown", n);
        return blame(fault, XML_GROUP_SCHEMA, "is unknown");
    }
    return MU_OK;
}

static enum mu_err make_model(xmlDoc *doc, struct mu_arena *arena,
    struct xml_group_fault *fault, struct xml_group *out)
{
    if (xml_group_model(doc, arena, &fault->at, out) == MU_OK)
        return MU_OK;
    return blame(fault, XML_GROUP_CONSTRAINT, fault->at.why);
}

static int compare(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.p, b.p, len) : 0;

    if (order != 0 || a.len == b.len)
        return order;
    return a.len < b.len ? -1 : 1;
}

/* Equal URIs stay in document order, so that a fault names the later one. */
static int compare_entries(const void *a, const void *b)
{
    const struct xml_group_entry *x = *(const struct xml_group_entry *const *)a;
    const struct xml_group_entry *y = *(const struct xml_group_entry *const *)b;
    int order = compare(x->uri, y->uri);

    if (order != 0)
        return order;
    return x < y ? -1 : x > y;
}

static enum mu_err sort_entries(struct mu_arena *arena, struct xml_group *group)
{
    const struct xml_group_entry **sorted =
        mu_arena_alloc(arena, group->entry_count, sizeof(void *));

    TRY(mu_arena_err(arena));
    for (size_t i = 0; i < group->entry_count; i++)
        sorted[i] = &group->entries[i];
    qsort(sorted, group->entry_count, sizeof(void *), compare_entries);
    group->by_uri = sorted;
    return MU_OK;
}

/* A fault of the document as a whole, which has no place but in its phrase. */
static enum mu_err refuse(struct xml_group_fault *fault, const char *rule)
{
    (void)xml_fault_whole(&fault->at, MU_E_MALFORMED, rule, 0);
    return blame(fault, XML_GROUP_CONSTRAINT, rule);
}

static enum mu_err check_entries(
    const struct xml_group *group, struct xml_group_fault *fault)
{
    uint64_t required = 0;

    for (size_t i = 1; i < group->entry_count; i++) {
        if (!span_eq(group->by_uri[i - 1]->uri, group->by_uri[i]->uri))
            continue;
        (void)refuse(fault, "two entries have one URI");
        (void)snprintf(fault->phrase, sizeof(fault->phrase),
            "entry %td has the URI of entry %td",
            group->by_uri[i] - group->entries + 1,
            group->by_uri[i - 1] - group->entries + 1);
        return MU_E_MALFORMED;
    }
    if (xml_group_find(group, group->uri) != NULL)
        return refuse(fault, "the group is a member of itself");
    for (size_t i = 0; i < group->entry_count; i++)
        required += group->entries[i].required;
    if (required > group->max_participants)
        return refuse(fault,
            "more required members than on-network-max-participant-count");
    return MU_OK;
}

/* At most XML_GROUP_CONSTITUENTS_MAX of them, so each with each. */
static enum mu_err check_constituents(
    const struct xml_group *group, struct xml_group_fault *fault)
{
    if (!group->temporary)
        return MU_OK;
    if (group->constituent_count < 2)
        return refuse(fault, "a temporary group of fewer than two groups");
    for (size_t i = 0; i < group->constituent_count; i++) {
        if (span_eq(group->constituents[i], group->uri))
            return refuse(fault, "a temporary group is part of itself");
        for (size_t j = 0; j < i; j++)
            if (span_eq(group->constituents[i], group->constituents[j]))
                return refuse(fault, "a constituent group is named twice");
    }
    return MU_OK;
}

enum mu_err xml_group_read(struct span text, enum xml_group_unknown unknown,
    struct mu_arena *arena, struct xml_group *out,
    struct xml_group_fault *fault)
{
    MU_CLEANUP(xml_parse_free) xmlDoc *doc = NULL;
    struct xml_group group;
    unsigned count = 0;

    *fault = (struct xml_group_fault){.kind = XML_GROUP_NOT_WELL_FORMED};
    TRY(parse(text, fault, &doc));
    TRY(check_schema(doc, fault));
    TRY(count_unknown(doc, unknown, fault, &count));
    TRY(make_model(doc, arena, fault, &group));
    TRY(sort_entries(arena, &group));
    TRY(check_entries(&group, fault));
    TRY(check_constituents(&group, fault));
    group.unknown = count;
    *out = group;
    return MU_OK;
}

static int compare_key(const void *key, const void *element)
{
    const struct xml_group_entry *e =
        *(const struct xml_group_entry *const *)element;

    return compare(*(const struct span *)key, e->uri);
}

const struct xml_group_entry *xml_group_find(
    const struct xml_group *group, struct span uri)
{
    const struct xml_group_entry *const *found;

    if (group->by_uri != NULL) {
        found = bsearch(&uri, group->by_uri, group->entry_count, sizeof(void *),
            compare_key);
        return found != NULL ? *found : NULL;
    }
    for (size_t i = 0; i < group->entry_count; i++)
        if (span_eq(group->entries[i].uri, uri))
            return &group->entries[i];
    return NULL;
}

static bool holds(
    const struct xml_group_rule *rule, struct span uri, bool is_member)
{
    if (rule->list_member && !is_member)
        return false;
    if (rule->id.len > 0)
        return span_eq(rule->id, uri);
    return rule->list_member || rule->many;
}

bool xml_group_may_get_list(const struct xml_group *group, struct span uri)
{
    bool is_member = xml_group_find(group, uri) != NULL;

    for (size_t i = 0; i < group->rule_count; i++)
        if (group->rules[i].may_get_list &&
            holds(&group->rules[i], uri, is_member))
            return true;
    return false;
}
