/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_facts.h - what the audit log says, in the order in which gms/verify.h
 * asks for it: who was a holder when, who was excluded, which keys were made.
 */
#ifndef GMS_VERIFY_FACTS_H
#define GMS_VERIFY_FACTS_H

#include "base/keyring.h"
#include "gms/audit_read.h"
#include "mcptt/key_id.h"

enum gms_fact_kind {
    GMS_FACT_ADDED,
    GMS_FACT_REMOVED,
    GMS_FACT_EXCLUDED,
    GMS_FACT_ADMITTED,
    GMS_FACT_GIVEN /* to a server that asked for a key of its own */
};

/* One member in one record. */
struct gms_fact {
    struct span group, member;
    enum gms_fact_kind kind;
    uint64_t ms;             /* when, Unix */
    uint64_t line;           /* of the audit log, from 1 */
    uint64_t epoch;          /* EXCLUDED, ADMITTED */
    struct mcptt_key_id key; /* GIVEN */
    bool done;               /* EXCLUDED: the vault's log has it, too */
};

/* All facts of one member of one group, the oldest first. */
struct gms_fact_story {
    struct gms_fact *at;
    size_t count;
    bool excluded; /* by the vault's log, as far as it was read */
    uint64_t from; /* and from which epoch on */
};

struct gms_fact_key {
    struct mcptt_key_id id;
    struct span group;
    uint64_t epoch, line;
};

/* What the vault said its log's head was. */
struct gms_fact_head {
    struct mu_chain_head head;
    uint64_t line;
};

/* Everything is to be sealed under that KEK from then on. */
struct gms_fact_kek {
    struct mu_kek_id id;
    uint64_t ms;
};

/* Lines whose changes did not happen. */
struct gms_fact_range {
    uint64_t first, last;
};

/* Of one group, by the line of its record. */
struct gms_fact_group {
    struct span uri;
    uint64_t line;
};

struct gms_facts {
    struct mu_arena arena;
    struct mu_arena_list facts;   /* struct gms_fact, by group, member, line */
    struct mu_arena_list stories; /* struct gms_fact_story, in that order */
    struct mu_arena_list groups;  /* struct gms_fact_group: created, by URI */
    struct mu_arena_list keys;    /* struct gms_fact_key, by line */
    struct mu_arena_list heads;   /* struct gms_fact_head, by number */
    struct mu_arena_list keks;    /* struct gms_fact_kek, by line */
    struct mu_arena_list undone;  /* struct gms_fact_range */
    uint64_t lost;                /* records that the log says it lacks */
};

void gms_facts_init(struct gms_facts *facts);
void gms_facts_clear(struct gms_facts *facts);

/* Takes a record. MU_OK; MU_E_MALFORMED for a field that is not what it should
 * be; MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err gms_facts_add(struct gms_facts *facts,
    const struct gms_audit_record *record, uint64_t ms, uint64_t line);

/* After the last one: leaves out what was undone and brings the rest in order.
 * MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err gms_facts_close(struct gms_facts *facts);

/* NULL when there is none. */
struct gms_fact_story *gms_facts_story(
    const struct gms_facts *facts, struct span group, struct span member);

bool gms_facts_has_group(const struct gms_facts *facts, struct span group);

#endif
