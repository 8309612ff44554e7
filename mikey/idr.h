/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idr.h - identities: ID (RFC 3830 clause 6.7) and IDR, an identity with a role
 * (RFC 6043 clause 6.6). MIKEY-SAKKE names initiator, responder and their two
 * KMSs by IDR (RFC 6509 clause 4.4); TS 33.180 clause E.7 adds the roles of
 * hidden identities, whose data is a UID.
 */
#ifndef MIKEY_IDR_H
#define MIKEY_IDR_H

#include "base/bytes.h"
#include "mikey/codes.h"

#define MIKEY_UID_LEN 32 /* octets in roles 8 and 9 */

struct mikey_idr {
    uint8_t next;
    uint8_t role;   /* enum mikey_id_role; 0 in ID */
    uint8_t type;   /* enum mikey_id_type */
    struct span id; /* 1..65535 octets, borrowed */
};

/* Faults: MU_E_MALFORMED at "id_len" for an identity without octets. */
void mikey_id_read(struct rd *r, struct mikey_idr *out);
void mikey_id_write(struct wr *w, const struct mikey_idr *in);
void mikey_idr_read(struct rd *r, struct mikey_idr *out);
void mikey_idr_write(struct wr *w, const struct mikey_idr *in);

/*
 * Whether octets can be an identity's URI: well-formed UTF-8 (RFC 3629 clause
 * 4: shortest form, no surrogates), at least one character, none of it a blank
 * or a control (U+0000 to U+0020 and U+007F to U+00A0). So it can be shown on
 * a terminal and in JSON. Not a syntax check: TS 33.180 takes URIs octet for
 * octet, and deployed identities lack even the scheme. It does tell a text from
 * a UID.
 */
bool mikey_id_is_text(struct span id);

#endif
