/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_sub.h - one member's subscription, as the subscriber has it: its dialog,
 * and a state machine that asks, refreshes, and asks anew (RFC 6665 clause
 * 4.1). Inside of ue/sip.h only, whose agent it speaks by and which hands it
 * what comes.
 */
#ifndef UE_SIP_SUB_H
#define UE_SIP_SUB_H

#include "sip/agent.h"
#include "ue/sip.h"

struct ue_sip_sub;

/*
 *   index  its number: in the low 32 bits of what its requests have as id, and
 *          in its Call-ID
 *
 * config, agent and member are borrowed. MU_OK or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_sip_sub_new(const struct ue_sip_config *config,
    struct sip_agent *agent, struct ue_member *member, size_t index,
    struct ue_sip_sub **out);
void ue_sip_sub_free(struct ue_sip_sub *sub); /* NULL is fine */

struct ue_member *ue_sip_sub_member(const struct ue_sip_sub *sub);

/* Subscribes in a new dialog, whatever there was before. */
void ue_sip_sub_start(struct ue_sip_sub *sub);

/* The number in a Call-ID of ours; false for another's. */
bool ue_sip_sub_index(struct span call_id, uint64_t *index);
/* Whether it is of the present dialog. */
bool ue_sip_sub_is_called(const struct ue_sip_sub *sub, struct span call_id);

/* What became of a request with its index; of an old dialog's nothing comes. */
void ue_sip_sub_outcome(
    struct ue_sip_sub *sub, const struct sip_outcome *outcome);
/* Takes a NOTIFY; the status to answer it with. */
unsigned ue_sip_sub_notify(
    struct ue_sip_sub *sub, const struct sip_request *request);

/* Tells the user of the program, with the status of the last answer. */
void ue_sip_sub_report(
    const struct ue_sip_sub *sub, const char *name, const char *why);

#endif
