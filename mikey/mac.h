/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mac.h - payloads that end in a MAC: KEMAC, encrypted key data (RFC 3830
 * clause 6.2), and V, verification (clause 6.9). SAKKE messages have neither;
 * the codecs serve the other data types and the explanation of messages.
 */
#ifndef MIKEY_MAC_H
#define MIKEY_MAC_H

#include "base/bytes.h"
#include "mikey/codes.h"

struct mikey_kemac {
    uint8_t next;
    uint8_t encr_alg;      /* registry kemac_encr_alg */
    struct span encr_data; /* 0..65535 octets, borrowed */
    uint8_t mac_alg;       /* registry kemac_mac_alg */
    struct span mac;       /* 0, 20 or 32 octets by mac_alg, borrowed */
};

struct mikey_v {
    uint8_t next;
    uint8_t auth_alg; /* registry kemac_mac_alg */
    struct span mac;  /* 0, 20 or 32 octets by auth_alg, borrowed */
};

/* Faults: MU_E_UNSUPPORTED at "mac_alg" or "auth_alg": its length is unknown.
 */
void mikey_kemac_read(struct rd *r, struct mikey_kemac *out);
void mikey_kemac_write(struct wr *w, const struct mikey_kemac *in);
void mikey_v_read(struct rd *r, struct mikey_v *out);
void mikey_v_write(struct wr *w, const struct mikey_v *in);

#endif
