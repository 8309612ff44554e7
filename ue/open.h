/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open.h - one key message from a member's key document, from its octets to
 * the key (mcptt/incoming.h has the order of RFC 3830 and RFC 6509).
 *
 * In three parts, as the middle one takes a pairing's time:
 *
 *     ue_opening_begin()  reads it, finds whose it claims to be and which keys
 *                         it takes; the loop then asks the replay cache
 *     ue_opening_run()    identities, signature, key; on a worker
 *     what it says then goes to the member's keystore, by the loop
 *
 * A message of a key document is good for the whole key period of its
 * timestamp (DESIGN section 4): it lies there until the member comes.
 */
#ifndef UE_OPEN_H
#define UE_OPEN_H

#include "mcptt/incoming.h"
#include "mcptt/replay.h"
#include "ue/cause.h"
#include "ue/keystore.h"
#include "ue/period.h"
#include "xml/gktp.h"

#define UE_WHY_MAX     160
#define UE_PERIODS_MAX KMS_PERIODS_MAX

/* A member, as messages to it see it. Borrowed for the call. */
struct ue_identity {
    struct span uri;
    struct span gms;               /* the only one whose messages are taken */
    const struct kms_keyset *keys; /* its certificates */
    const struct ue_period *const *periods;
    size_t period_count;
};

/* The one that a time is in, in seconds since 1900; NULL: none of his. */
const struct ue_period *ue_identity_period(
    const struct ue_identity *who, uint64_t t_s);

/*
 * One message on its way. It borrows the period, for whose life the member
 * cares, and has a reference to the certificate of the sender's KMS.
 */
struct ue_opening {
    uint8_t octets[XML_GKTP_MESSAGE_MAX]; /* what in borrows */
    size_t len;
    struct mcptt_incoming in;
    struct mcptt_replay_message replay;
    struct mcptt_id uri, group;
    const struct ue_period *period;
    struct kms_cert *sender; /* the certificate of its KMS */
    struct mcptt_identifier sender_id;
    bool any_receiver; /* do not look whom it is for, as a thief would not */

    enum mu_err err;      /* of run */
    enum ue_cause cause;  /* of any failure */
    char why[UE_WHY_MAX]; /* and for people */
    struct ue_key key;
    bool revoked;
    uint8_t sha256[32]; /* of the octets, when it has opened */
};

/* Wipes; on the thread that began it, and after every begin. */
void ue_opening_clear(struct ue_opening *opening);

/*
 * Reads a message for a group.
 *
 *   who    the member
 *   now_s  Unix time, for the era of its timestamp alone
 *   out    set in every case: cause and why on failure
 *
 * Returns MU_OK; the errors of mcptt_incoming_read(); MU_E_DENIED when it is
 * not by the member's GMS; MU_E_NOT_FOUND without a certificate of its KMS, or
 * without keys of its key period.
 */
MU_MUST_CHECK enum mu_err ue_opening_begin(struct ue_opening *out,
    const struct ue_identity *who, struct span group, struct span message,
    uint64_t now_s);

/* Sets err, and cause and why or what the message says. Thread-safe as a
 * function. */
void ue_opening_run(struct ue_opening *opening);

#endif
