/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incoming.h - from sofia-sip's parsed messages to events (sip/agent.h). Inside
 * the folder only: sofia-sip's headers go no further.
 */
#ifndef SIP_INCOMING_H
#define SIP_INCOMING_H

#include <sofia-sip/sip.h>

#include "sip/agent.h"

/* Octets that one event may hold beside the message's own. */
#define SIP_EVENT_ROOM (64U << 10)

/*
 * Makes the event of a request.
 *
 *   msg     the message, for its source and size
 *   status  set on failure: what to answer
 *
 * Returns MU_OK; MU_E_MALFORMED (400); MU_E_NO_SPACE (413) for too many parts,
 * routes or texts too long; MU_E_UNSUPPORTED (415) for a transfer encoding that
 * we do not know; MU_E_NO_MEMORY (500).
 */
MU_MUST_CHECK enum mu_err sip_incoming_request(msg_t *msg, sip_t const *sip,
    const struct sip_agent_config *config, struct sip_event **out,
    unsigned *status);

/* The event of an outcome to come, with room for an answer of max octets; NULL:
 * no memory. Then nothing can be lost for want of memory any more. */
struct sip_event *sip_outcome_new(uint64_t id, size_t max);
/* sip is NULL when there was no answer. */
void sip_outcome_fill(
    struct sip_event *event, unsigned status, sip_t const *sip);

#endif
