/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outgoing.h - from answers and asks (sip/message.h) to sofia-sip's calls.
 * Inside the folder only, in the agent's thread.
 */
#ifndef SIP_OUTGOING_H
#define SIP_OUTGOING_H

#include "sip/agent.h"

/* The magic of sofia-sip's callbacks, before its headers. */
struct sip_asked;
struct sip_command;
#define SU_ROOT_MAGIC_T      struct sip_agent
#define SU_MSG_ARG_T         struct sip_command *
#define SU_TIMER_ARG_T       struct sip_asked
#define NTA_LEG_MAGIC_T      struct sip_agent
#define NTA_OUTGOING_MAGIC_T struct sip_asked

#include <sofia-sip/nta.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/su_wait.h>

#include "sip/way.h"

/* What nta_agent_create() takes for "no port yet". */
#define SIP_NO_URL                                                             \
    ((url_string_t *)-1) /* NOLINT(performance-no-int-to-ptr)                  \
                          */

/* Opens a port; *port is the one bound. MU_OK, MU_E_MALFORMED, MU_E_IO. */
MU_MUST_CHECK enum mu_err sip_outgoing_listen(nta_agent_t *nta,
    const struct sip_listen *listen, const struct sip_agent_config *config,
    uint16_t *port);

/* Answers and lets go of irq; user is that of our Contact. What cannot be
 * answered times out at the peer. */
void sip_outgoing_answer(nta_agent_t *nta, nta_incoming_t *irq,
    const char *user, const struct sip_answer *answer);

/* Who hears what became of a request, and who we are in it. */
struct sip_reply_to {
    nta_response_f *callback;
    struct sip_asked *asked;
    const char *user; /* of our Contact */
};

/* What was sent: to be destroyed by the caller, and whether it went over UDP.
 */
struct sip_sent {
    nta_outgoing_t *orq;
    bool by_datagram;
};

/* Sends; on success the callback is called once with a final status, or more
 * often before. MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err sip_outgoing_ask(nta_agent_t *nta, nta_leg_t *leg,
    const struct sip_ask *ask, const struct sip_reply_to *to,
    struct sip_sent *out);

#endif
