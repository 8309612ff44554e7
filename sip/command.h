/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - what the loop orders from the agent's thread, with copies of all
 * its texts. Inside the folder only.
 */
#ifndef SIP_COMMAND_H
#define SIP_COMMAND_H

#include "sip/message.h"

struct sip_event;

enum sip_order {
    SIP_ORDER_ANSWER,
    SIP_ORDER_ASK,
    SIP_ORDER_STOP
};

struct sip_command {
    enum sip_order order;
    uint64_t request; /* to be answered */
    struct sip_answer answer;
    struct sip_ask ask;
    struct sip_event *outcome; /* of the ask; NULL: somebody else has it */
    struct mu_arena arena;     /* of the texts */
};

/* room: octets of its texts. NULL: no memory. */
struct sip_command *sip_command_new(enum sip_order order, size_t room);
void sip_command_free(struct sip_command *command); /* not NULL */

/* MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err sip_command_answer(uint64_t request,
    const struct sip_answer *answer, struct sip_command **out);
/* As above, and errors of sip_dialog_copy(). Without an outcome yet. */
MU_MUST_CHECK enum mu_err sip_command_ask(
    const struct sip_ask *ask, struct sip_command **out);

#endif
