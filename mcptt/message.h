/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h - build the key messages of TS 33.180: one I_MESSAGE that carries
 * one key to one receiver (clauses 5.2.2, 5.7.1 and E.1 to E.6).
 *
 * What differs from member to member is the CSB ID (GUK-ID), the encapsulated
 * key, the key parameters' octets and the signature; GMK, GMK-ID and RAND are
 * the same for all members, or their SRTP keys would differ (clause 7.4.2).
 *
 * A retry, and a message for a new key period or a new identity, is built
 * anew, with a timestamp of its own; never is a message passed on to another
 * identity (RFC 6509 clause 2.3).
 */
#ifndef MCPTT_MESSAGE_H
#define MCPTT_MESSAGE_H

#include "mcptt/key_params.h"
#include "mcptt/profile.h"
#include "mikey/imsg.h"

#define MCPTT_RAND_LEN 16

/* Enough for any message with the limits of mcptt/ident.h and key_params.h. */
#define MCPTT_MESSAGE_MAX 8192

/* One end of a message. */
struct mcptt_party {
    struct span uri; /* its MC service ID or server URI; empty: not stated */
    struct span kms; /* KmsUri of its KMS; empty: not stated */
    struct span id;  /* identifier in the period of the timestamp (uid.h) */
    bool hidden;     /* send the UID in place of the URI (clause E.7) */
};

struct mcptt_message {
    const struct mcptt_key *key;
    struct mcptt_key_id key_id;  /* its tag is the key's kind */
    enum mikey_id_scheme scheme; /* of both identifiers */
    struct mcptt_party initiator, responder;
    uint64_t ntp;         /* a timestamp of this message's own (mikey/ntp.h) */
    uint64_t now_s;       /* the same moment in Unix seconds */
    struct span rand;     /* MCPTT_RAND_LEN octets, the same for every member */
    struct span sed;      /* the key encapsulated to responder.id, under the KMS
                             of the responder (clause 5.2.2) */
    struct span self_sed; /* the same to initiator.id under its KMS, for
                             SAKKE-to-self (clause E.5); empty: none */
    const struct mcptt_key_params *params; /* NULL: none */
    enum mcptt_profile_form profile;
};

/*
 * The CSB ID of a message: for a GMK the GUK-ID of the receiver, by its clear
 * URI even when that is hidden (clause 5.2.3), else the key identifier.
 *
 * Returns MU_OK; MU_E_STATE when key_id's tag is not the key's kind; errors of
 * mcptt_guk_id_derive().
 */
MU_MUST_CHECK enum mu_err mcptt_message_csb_id(const struct mcptt_key *key,
    struct mcptt_key_id key_id, struct span receiver, struct mcptt_key_id *out);

/*
 * Writes and signs a message.
 *
 *   signer  the initiator's, made for in->initiator.id
 *   rng     for the signature's nonce and the IV of the key parameters
 *   w       at its start, with room for MCPTT_MESSAGE_MAX octets
 *
 * Returns MU_OK; MU_E_MALFORMED when a field is not what its comment says;
 * MU_E_STATE, MU_E_UNSUPPORTED as above and of mcptt_profile_set();
 * MU_E_NO_SPACE; MU_E_CRYPTO. After a failure what w holds is of no use.
 */
MU_MUST_CHECK enum mu_err mcptt_message_build(struct wr *w,
    const struct mcptt_message *in, const struct mikey_eccsi_signer *signer,
    const struct mu_rng *rng);

#endif
