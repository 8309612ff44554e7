/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h - one member in one group: looks at its key document again and
 * again, opens what is new in it, and knows which key counts.
 */
#ifndef UE_GROUP_H
#define UE_GROUP_H

#include "ue/env.h"
#include "ue/faults.h"
#include "ue/open.h"
#include "ue/provision.h"

struct ue_group;

struct ue_group_config {
    struct ue_env *env;
    const struct ue_provision *provision; /* the member's keys */
    struct mcptt_replay *replay;          /* and what it has had */
    struct span member, group;            /* URIs; copied */
    const char *bearer;                   /* access token; borrowed */
    struct ue_faults *faults; /* its clock is the member's; as well */
    /* After the first document (or the answer that there is none) was dealt
     * with, and again after each one that was new; may be NULL. */
    void (*on_settled)(void *ctx);
    void *ctx;
};

/* Returns MU_OK; MU_E_MALFORMED for a URI; MU_E_NO_SPACE for an address that
 * is too long; MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err ue_group_new(
    const struct ue_group_config *config, struct ue_group **out);
/* After the pool. NULL is fine. */
void ue_group_free(struct ue_group *group);

/* Looks after in_ms, and then every env->poll_ms; MU_E_NO_MEMORY. Before it
 * nothing happens; again, it looks earlier. */
MU_MUST_CHECK enum mu_err ue_group_watch(
    struct ue_group *group, uint64_t in_ms);

/*
 * Takes a document that did not come from the GMS, as if it had.
 *
 *   any_receiver  try also what is not addressed to the member
 */
void ue_group_take(
    struct ue_group *group, struct span document, bool any_receiver);

/* The member's clock was set: other keys may count now. */
void ue_group_clock_set(struct ue_group *group);

/* Forgets all but keys and looks, as who has been switched off. */
void ue_group_restart(struct ue_group *group);

/* Takes a message that came without a document and may be of another group: a
 * key that is not this group's is no fault. */
void ue_group_offer(struct ue_group *group, struct span message);

/* What it is called, what the GMS answered last (0: nothing yet), and the keys:
 * borrowed until the loop turns. */
struct span ue_group_uri(const struct ue_group *group);
unsigned ue_group_status(const struct ue_group *group);
uint64_t ue_group_now_s(const struct ue_group *group); /* by its clock */
const struct ue_keystore *ue_group_keys(const struct ue_group *group);
/* Why the last message that was refused was, in a word and in a sentence; none
 * was: UE_CAUSE_NONE, empty. */
enum ue_cause ue_group_cause(const struct ue_group *group);
const char *ue_group_why(const struct ue_group *group);

#endif
