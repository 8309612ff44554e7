/* SPDX-License-Identifier: Apache-2.0 */
/*
 * imsg.h - sign and open one I_MESSAGE (RFC 6509 clauses 2.1 and 2.2).
 *
 * Here the two halves of this folder meet: the payload codecs on one side,
 * SAKKE and ECCSI on the other. What the identities, keys and extensions mean
 * is the caller's (mcptt/message.h, mcptt/incoming.h); here are octets only.
 *
 * Wrapping and signing are two steps. The Encapsulated Data is made before, in
 * batches, by mikey_sakke_encapsulate(), and may be used again for a retry;
 * the signature covers the timestamp and is made anew for each send.
 */
#ifndef MIKEY_IMSG_H
#define MIKEY_IMSG_H

#include "base/rng.h"
#include "mikey/eccsi.h"
#include "mikey/msg.h"
#include "mikey/sakke.h"

/* Beside the bits of enum mikey_tolerance, in the same word. */
enum mikey_imsg_tolerance {
    /* Some products sign without the two octets of S type and length. Their
     * signature is tried when the right one does not verify. */
    MIKEY_ALLOW_SHORT_COVERAGE = 1 << 16
};

/*
 * Writes and signs the message. The signature covers all from HDR to the two
 * octets of S type and length (RFC 3830 clause 6.5).
 *
 *   w       at its start: what stands in it is what is signed
 *   msg     every payload but SIGN, which is not looked at
 *   signer  the initiator
 *   rng     for the hedged nonce
 *
 * Returns MU_OK; MU_E_NO_SPACE; what mikey_eccsi_sign() returns. After a
 * failure what w holds is of no use.
 */
MU_MUST_CHECK enum mu_err mikey_imsg_sign(struct wr *w,
    const struct mikey_msg *msg, const struct mikey_eccsi_signer *signer,
    const struct mu_rng *rng);

/* What opens a message. */
struct mikey_imsg_keys {
    const struct mikey_eccsi_kms *initiator_kms;
    struct span initiator_id; /* identifier octets in the message's period */
    const struct mikey_sakke_user *user; /* who opens it */
    unsigned tolerance;                  /* bits of enum mikey_imsg_tolerance */
};

/*
 * Opens a message that mikey_msg_read() has read: first the signature, then the
 * decapsulation (RFC 6509 clause 2.2.2), for that is the order of their costs,
 * and a stranger must not make us work with a key. Who the two identities are
 * is the caller's to determine; no identity payload is looked at.
 *
 *   sakke  msg->sakke, or the payload of its SAKKE-to-self extension when the
 *          user is the initiator
 *
 * Returns MU_OK or, whatever may be wrong, MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err mikey_imsg_open(const struct mikey_msg *msg,
    const struct mikey_sakke_pl *sakke, const struct mikey_imsg_keys *keys,
    struct mikey_ssv *out);

#endif
