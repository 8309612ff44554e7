/* SPDX-License-Identifier: Apache-2.0 */
/*
 * srtp.h - SRTP and SRTCP keys from an MCPTT key (TS 33.180 clauses 7.4 and
 * E.1.3; RFC 3830 clause 4.1.3 with PRF-HMAC-SHA-256).
 *
 * What protects a stream follows from the key, an identifier, the RAND of the
 * message that carried the key, and the number of the crypto session. For
 * group media the identifier is the sender's GUK-ID, so that every member can
 * compute every other's keys (clause 7.4.2); otherwise it is that of the key.
 *
 * The profile is AEAD_AES_128_GCM (RFC 7714): a master key of 16 octets and a
 * master salt of 12. Where the SRTP key derivation wants 14 octets of salt,
 * two zero octets are appended on the right (erratum to RFC 7714), which is
 * the SRTP library's part.
 */
#ifndef MCPTT_SRTP_H
#define MCPTT_SRTP_H

#include "mcptt/key_id.h"

SECRET_TYPE(mcptt_srtp_key, 16);
SECRET_TYPE(mcptt_srtp_salt, 12);

struct mcptt_srtp {
    struct mcptt_srtp_key key;
    struct mcptt_srtp_salt salt;
};

/* Wipes both; for MU_CLEANUP. */
void mcptt_srtp_clear(struct mcptt_srtp *s);

/* The crypto sessions (table E.1.3-1). */
enum mcptt_cs_id {
    MCPTT_CS_MCPTT_PRIVATE_INITIATOR = 0, /* PCK */
    MCPTT_CS_MCPTT_PRIVATE_RECEIVER = 1,
    MCPTT_CS_MCVIDEO_PRIVATE_INITIATOR = 2,
    MCPTT_CS_MCVIDEO_PRIVATE_RECEIVER = 3,
    MCPTT_CS_MCPTT_GROUP = 4, /* GMK */
    MCPTT_CS_MCVIDEO_GROUP = 5,
    MCPTT_CS_MCPTT_SRTCP_CSK = 6,
    MCPTT_CS_MCPTT_SRTCP_MUSIK = 7,
    MCPTT_CS_MCVIDEO_SRTCP_CSK = 8,
    MCPTT_CS_MCVIDEO_SRTCP_MUSIK = 9,
    MCPTT_CS_IDS
};

/* A name for people, "MCPTT group call"; "unknown" for anything else. */
const char *mcptt_cs_id_name(unsigned cs_id);

/* The kind of key that the table has for a crypto session below MCPTT_CS_IDS.
 */
enum mcptt_key_kind mcptt_cs_id_kind(enum mcptt_cs_id cs_id);

struct mcptt_srtp_source {
    const struct mcptt_key *key; /* of any kind; read, not kept */
    struct mcptt_key_id csb_id;  /* the sender's GUK-ID, or the key's own */
    struct span rand;            /* RAND payload of the message */
    uint8_t cs_id;               /* any; enum mcptt_cs_id has those in use */
};

/*
 * Derives master key and master salt. Pure; the time taken does not depend on
 * the key.
 *
 * Returns MU_OK; MU_E_MALFORMED when RAND is longer than its length field
 * allows; MU_E_CRYPTO if the HMAC fails. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mcptt_srtp_derive(
    const struct mcptt_srtp_source *source, struct mcptt_srtp *out);

#endif
