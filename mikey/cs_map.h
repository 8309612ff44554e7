/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cs_map.h - one entry of the CS ID map, which names the crypto sessions of a
 * bundle and their policies: SRTP-ID (RFC 3830 clause 6.1.1) and GENERIC-ID
 * (RFC 6043 clause 6.1.1). The empty map has no entries (RFC 4563).
 */
#ifndef MIKEY_CS_MAP_H
#define MIKEY_CS_MAP_H

#include "base/bytes.h"
#include "mikey/codes.h"

/*
 * Spans borrow the input of the reader. An SRTP-ID entry has one policy, ssrc
 * and roc; its CS ID is its place in the map, counted from one, so the reader
 * leaves cs_id 0 and the writer does not look at it.
 */
struct mikey_cs {
    uint8_t cs_id;
    uint8_t prot_type;        /* enum mikey_prot_type */
    bool s;                   /* session data holds ROC and SEQ as well */
    bool session;             /* SRTP session data present: ssrc ... are set */
    struct span policies;     /* policy numbers, one octet each, 0..127 */
    struct span session_data; /* of protocols other than SRTP */
    struct span spi;          /* 0..255 octets */
    uint32_t ssrc, roc;
    uint16_t seq;
};

/*
 * map_type is MIKEY_MAP_SRTP_ID or MIKEY_MAP_GENERIC_ID. Faults: MU_E_MALFORMED
 * at "session_len" when SRTP session data is neither absent, nor 4 octets with
 * S clear, nor 10 octets with S set.
 */
void mikey_cs_read(
    struct rd *r, enum mikey_map_type map_type, struct mikey_cs *out);
void mikey_cs_write(
    struct wr *w, enum mikey_map_type map_type, const struct mikey_cs *in);

#endif
