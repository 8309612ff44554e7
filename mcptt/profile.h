/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - crypto sessions and SRTP policies of 3GPP key messages (TS
 * 33.180 clauses E.1.3, E.2.2, E.3.2 and E.4.2).
 *
 * A message with an empty CS ID map and no SP payload means the default
 * profile of its kind of key: AES-128-GCM, a salt of 12 octets, no key
 * derivation rate; for a GMK also the rollover counter in every packet (RCCm3
 * of RFC 4771). Saying so in the message is an option: then an entry of a
 * GENERIC-ID map names the crypto session and an SP payload the policy.
 */
#ifndef MCPTT_PROFILE_H
#define MCPTT_PROFILE_H

#include "mcptt/key_id.h"
#include "mikey/msg.h"

/* How a message states its profile. */
enum mcptt_profile_form {
    MCPTT_PROFILE_DEFAULT = 0, /* empty map, no SP: the shortest, our choice */
    /* GENERIC-ID map and SP. Its SPI shows the key identifier in clear. */
    MCPTT_PROFILE_STATED = 1,
    /* The same, with the ROC transmission rate as RFC 4771 writes it, in two
     * octets; deployed products write one. */
    MCPTT_PROFILE_STATED_ROC_16 = 2
};

/* Octets that the stated form needs, for the spans of a message to borrow. */
struct mcptt_profile_room {
    uint8_t map[32];
    uint8_t params[40];
};

/*
 * Sets the map and the policies of a message that is to be written. key_id is
 * the key's identifier and guk_id what the receiver sees of it (the same for
 * kinds other than GMK); both are SPI in the stated form (clause 7.4.2).
 *
 * Returns MU_OK; MU_E_UNSUPPORTED for a stated profile of a kind that has no
 * crypto session in the table (SPK, MKFC, MSCCK).
 */
MU_MUST_CHECK enum mu_err mcptt_profile_set(struct mikey_msg *msg,
    enum mcptt_profile_form form, const struct mcptt_mki *mki,
    struct mcptt_profile_room *room);

/*
 * The key identifier that a GENERIC-ID map of a received message states for
 * the key: of an SPI of eight octets the first four when the last four are the
 * CSB ID, of an SPI of four octets those, when they are the CSB ID.
 *
 * Returns MU_OK with *out set; MU_E_NOT_FOUND when no SPI says one;
 * MU_E_MALFORMED when SPIs contradict the CSB ID or one another.
 */
MU_MUST_CHECK enum mu_err mcptt_profile_key_id(
    const struct mikey_hdr *hdr, struct mcptt_key_id *out);

#endif
