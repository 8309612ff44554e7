/* SPDX-License-Identifier: Apache-2.0 */
/*
 * incoming.h - receive the key messages of TS 33.180.
 *
 * In the order of RFC 3830 clause 5.3 and RFC 6509 clause 2.2.2:
 *
 *   1. mcptt_incoming_read()    form; says who, whose KMS and when
 *   2. the replay cache         time window and repetition (mcptt/replay.h)
 *   3. the receiver's policy on the initiator; its KMS and keys are looked up
 *   4. mcptt_incoming_open()    identities, signature, then the key
 *   5. the message enters the replay cache, the key the receiver's store
 *
 * Nothing that step 1 says is to be believed before step 4.
 */
#ifndef MCPTT_INCOMING_H
#define MCPTT_INCOMING_H

#include "mcptt/key_params.h"
#include "mcptt/uid.h"
#include "mikey/imsg.h"

/* One end, as the message states it. Spans borrow the message. */
struct mcptt_stated {
    struct span uri; /* clear identity; empty when hidden or not stated */
    struct span uid; /* hidden identity, 32 octets; empty when clear */
    struct span kms; /* KmsUri; empty when not stated */
};

struct mcptt_incoming {
    struct mikey_msg msg;
    struct mcptt_stated initiator, responder;
    /* By the tag of the CSB ID; MCPTT_KINDS when the tag is unassigned or the
     * message is of RFC 6509's own scheme, whose CSB IDs have no tag. */
    enum mcptt_key_kind kind;
    struct mcptt_key_id csb_id; /* the GUK-ID when the kind is GMK */
};

/*
 * Reads a message.
 *
 *   in         borrowed by *out for as long as that is used
 *   tolerance  bits of enum mikey_tolerance
 *   out        set on success, untouched on failure
 *   fault      set on failure; may be NULL
 *
 * Errors of mikey_msg_read().
 */
MU_MUST_CHECK enum mu_err mcptt_incoming_read(struct span in,
    unsigned tolerance, struct mcptt_incoming *out, struct mikey_fault *fault);

/* Identifier octets of one end. */
struct mcptt_identifier {
    uint8_t b[MCPTT_TEL_ID_MAX];
    size_t len;
};

/*
 * The identifier of one end in the period of the message's own timestamp,
 * whatever the receiver's clock says (TS 33.180 clause F.2.1, RFC 6509 clause
 * 3.3). A hidden end states it; for a clear one it is derived.
 *
 *   stated       &in->initiator or &in->responder
 *   rule         of the certificate of that end's KMS; the tel scheme does not
 *                look at it
 *   near_unix_s  the receiver's clock, for the NTP era alone
 *
 * Returns MU_OK; MU_E_NOT_FOUND when the message does not state that end or
 * its KMS; MU_E_MALFORMED when its URI is none of the scheme's; other errors
 * of mcptt_uid_derive_at(). *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mcptt_incoming_identifier(
    const struct mcptt_incoming *in, const struct mcptt_stated *stated,
    const struct mcptt_period_rule *rule, int64_t near_unix_s,
    struct mcptt_identifier *out);

/* Who opens, and with what. All is borrowed for the call. */
struct mcptt_opener {
    struct mikey_imsg_keys keys;
    struct span id;  /* the opener's identifier: that of keys.user */
    struct span uri; /* the opener's MC service ID; empty when not known */
    /* bits of enum mcptt_key_params_tolerance */
    unsigned params_tolerance;
};

struct mcptt_opened {
    struct mcptt_key key; /* its kind is in->kind */
    /* From the GUK-ID and the opener's URI; without that, what the CS ID map
     * says. The latter is as good as the initiator's word. */
    struct mcptt_key_id key_id;
    bool key_id_known;
    bool has_params;
    struct mcptt_key_params params; /* borrows plain, below */
    struct mcptt_key_params_plain plain;
};

/* Wipes the key; for MU_CLEANUP. */
void mcptt_opened_clear(struct mcptt_opened *opened);

/*
 * Opens a message as its receiver.
 *
 * Before anything costly, identities: the message must name the opener, by
 * opener->uri in clear or opener->id hidden, and a hidden initiator must be
 * keys.initiator_id (TS 33.180 clauses 5.2.6 and E.7). When the initiator is
 * hidden, the caller learns his URI from the SIP message around, derives the
 * UID from it, and that is the initiator_id to give here.
 *
 *   out    set on success, else wiped; do not copy it, params point into it
 *   fault  set on failure; may be NULL
 *
 * Returns MU_OK; MU_E_DENIED when the message is for or by somebody else;
 * MU_E_CRYPTO for whatever is wrong with signature, encapsulation or tag;
 * MU_E_MALFORMED for contradictions inside, and errors of
 * mcptt_key_params_open().
 */
MU_MUST_CHECK enum mu_err mcptt_incoming_open(const struct mcptt_incoming *in,
    const struct mcptt_opener *opener, struct mcptt_opened *out,
    struct mikey_fault *fault);

/*
 * The same for the initiator, who recovers his own key from a SAKKE-to-self
 * extension (clause E.5). MU_E_NOT_FOUND when there is none. opener->uri is
 * still the URI of the receiver, which the GUK-ID was made for.
 */
MU_MUST_CHECK enum mu_err mcptt_incoming_open_self(
    const struct mcptt_incoming *in, const struct mcptt_opener *opener,
    struct mcptt_opened *out, struct mikey_fault *fault);

/*
 * The same as mcptt_incoming_open() with bare values and no look at identity
 * payloads: for tools that explain a message, not for receivers.
 */
MU_MUST_CHECK enum mu_err mcptt_incoming_open_bare(
    const struct mcptt_incoming *in, const struct mcptt_opener *opener,
    struct mcptt_opened *out, struct mikey_fault *fault);

#endif
