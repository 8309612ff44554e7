/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group_doc.h - what a group document says (TS 24.481 clause 7.2; notes
 * gms-protocol 1.2 and 1.3).
 *
 * The document's text is kept octet for octet by whoever stores it; this is
 * what the server needs to know of it: who is in the group, who may see the
 * list, whether the group is to be keyed. Everything else stays text.
 *
 * Reading has two parts: the schema of our own (xml/schema/group.xsd), then
 * the model. Pure; threads may read at the same time. xml_group_init() once in
 * main, after xml_init().
 */
#ifndef XML_GROUP_DOC_H
#define XML_GROUP_DOC_H

#include "base/arena.h"
#include "mcptt/ident.h"
#include "xml/fault.h"

#define XML_GROUP_MEMBERS_MAX      10000 /* these are ours */
#define XML_GROUP_CONSTITUENTS_MAX 64
#define XML_GROUP_RULES_MAX        1000 /* identities in rules */
#define XML_GROUP_OCTETS_MAX       (4u << 20)
#define XML_GROUP_ARENA            ((size_t)32 << 20) /* enough for all that */
#define XML_GROUP_NS               "urn:oma:xml:poc:list-service"
#define XML_GROUP_TYPE             "application/vnd.oma.poc.groups+xml"

MU_MUST_CHECK enum mu_err xml_group_init(void);
void xml_group_cleanup(void);

struct xml_group_entry {
    struct span uri;          /* MC service ID, verbatim */
    struct span display_name; /* empty: none */
    struct span type;         /* participant-type; empty: none */
    unsigned priority;        /* user-priority 0..255; absent: 0 */
    bool required, receive_only;
    struct span mcvideo_id, mcdata_id; /* of the same person; empty: none */
};

/*
 * An identity, or every member, or everyone, and what its rule lets it do. A
 * rule is left out when it never holds, or under conditions that we do not
 * know (RFC 4745 clause 7): rights are given by what is understood.
 */
struct xml_group_rule {
    struct span id;    /* cp:one; empty: is-list-member or cp:many */
    bool list_member;  /* and he must be in the list */
    bool many;         /* whoever it is, also of a rule without conditions */
    bool may_get_list; /* on-network-allow-getting-member-list */
    bool may_initiate, may_join, may_emergency, may_peril, may_alert;
};

struct xml_group {
    struct span uri; /* list-service/@uri */
    struct span display_name, owner;
    const struct xml_group_entry *entries; /* in document order */
    size_t entry_count;
    const struct xml_group_entry *const *by_uri; /* sorted; NULL: search all */
    const struct xml_group_rule *rules;
    size_t rule_count;
    bool has_list;
    bool disabled;                   /* on-network-disabled */
    bool temporary;                  /* on-network-temporary */
    const struct span *constituents; /* of a temporary group */
    size_t constituent_count;
    struct span regrouped_into;           /* on-network-regrouped; empty: not */
    bool is_mcptt, is_mcvideo, is_mcdata; /* enabler and medium */
    /* Absent means true (TS 24.481 clause 7.2.8). */
    bool protect_media, protect_floor, protect_video, protect_data;
    bool invite_members;       /* prearranged; else chat */
    unsigned priority;         /* on-network-group-priority */
    uint64_t max_participants; /* UINT64_MAX: not said */
    unsigned unknown;          /* mcpttgi elements that we do not know */
};

enum xml_group_unknown {
    XML_GROUP_KEEP,  /* unknown mcpttgi elements are stored and counted */
    XML_GROUP_REFUSE /* and refused by the schema (RFC 4825 clause 8.2.5) */
};

/* What is wrong, as RFC 4825 clause 11 tells it. */
enum xml_group_fault_kind {
    XML_GROUP_NOT_WELL_FORMED, /* also DOCTYPE, limits */
    XML_GROUP_NOT_UTF8,
    XML_GROUP_SCHEMA,    /* schema-validation-error */
    XML_GROUP_CONSTRAINT /* constraint-failure: rules of ours */
};
struct xml_group_fault {
    enum xml_group_fault_kind kind;
    struct xml_fault at; /* element and line, where there is one */
    char phrase[160];    /* for people: the rule and the value's place */
};

/*
 * Reads and validates a document. Constraints checked here are those that the
 * document alone can break: two entries of one URI, the group itself as a
 * member, more required members than the maximum, priority out of range, a
 * temporary group of fewer than two constituents, more than one list-service.
 *
 *   arena  holds all of *out
 *   fault  set on failure
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE beyond a limit;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_group_read(struct span text,
    enum xml_group_unknown unknown, struct mu_arena *arena,
    struct xml_group *out, struct xml_group_fault *fault);

/* The entry of that URI; NULL when it is not a member. */
const struct xml_group_entry *xml_group_find(
    const struct xml_group *group, struct span uri);

/* Whether the rules let that identity see the list (clause 7.2.12.1). */
bool xml_group_may_get_list(const struct xml_group *group, struct span uri);

/*
 * The document as those see it who may not get the list (clauses 6.3.16 and
 * 7.2.12.1): the text without `list`, and without comments and processing
 * instructions, which may hold anything; all else octet for octet. Rules stay,
 * and so do the identities that they name: they say who may do what, not who
 * is a member. Node selectors of such a reader are applied to this text.
 *
 *   text  a document that xml_group_read() accepted
 *   out   in the arena; untouched on failure
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_group_without_list(
    struct span text, struct mu_arena *arena, struct span *out);

/* What a control room says of a new group; texts empty: left out. */
struct xml_group_template {
    struct span uri, display_name, owner;
    const struct xml_group_entry *entries;
    size_t entry_count;
    bool incident; /* emergency and peril flags, both timeouts, priority 200 */
    bool protect;  /* protect-media and floor control */
    unsigned priority;
    uint64_t max_participants; /* 0: not said */
};
/* Writes a whole document that xml_group_read() accepts. Errors of wr. */
MU_MUST_CHECK enum mu_err xml_group_write(
    struct wr *w, const struct xml_group_template *in);

#endif
