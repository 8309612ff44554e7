/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_keys.h - keys that come by SIP: in the xcap-diff of a NOTIFY, as parts
 * beside it, or as a SIP MESSAGE (notes gms-protocol 2.3: xcap-inline,
 * mikey-part, message), and what is to be said of those that are another KMS's
 * (TS 33.180 clause 5.2.8).
 *
 * A part's octets are the message's own: sip/agent.h has undone a transfer
 * encoding, if there was one.
 */
#ifndef UE_SIP_KEYS_H
#define UE_SIP_KEYS_H

#include "base/buf.h"
#include "sip/message.h"
#include "ue/member.h"

#define UE_SIP_MIKEY_TYPE "application/mikey"

/* How many key messages a request has as parts. */
size_t ue_sip_parts(const struct sip_request *request);

/*
 * Whether a message says that it was made for a user of another KMS than kms.
 * One that does not read, or does not say so, is not: what is wrong with it is
 * found when it is opened.
 */
bool ue_sip_is_elsewhere(struct span message, struct span kms);

/*
 * Takes what a request brings: content goes to the group that it is of, a part
 * is offered to all groups, for whose it is, is known when it is open. A key
 * document that changed is fetched, unless there is a part for each one that
 * did: those are what is new in it.
 *
 * Returns the status to answer with: 200; 400; 415; 488 when something in it is
 * for another KMS, and then nothing was taken.
 */
unsigned ue_sip_take(const struct ue_env *env, const struct ue_member *member,
    const struct sip_request *request);

/* The body of a 488: a KMS redirect response that names the member's KMS. An
 * error is the buffer's. */
void ue_sip_redirect(const struct ue_member *member, struct buf *out);

#endif
