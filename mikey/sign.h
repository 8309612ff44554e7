/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.h - the signature payload, SIGN (RFC 3830 clause 6.5). It has no next
 * payload octet: it ends the message.
 */
#ifndef MIKEY_SIGN_H
#define MIKEY_SIGN_H

#include "base/bytes.h"
#include "mikey/codes.h"

#define MIKEY_SIGN_HEAD_LEN  2 /* octets before the signature, covered by it */
#define MIKEY_SIGN_ECCSI_LEN 129 /* r, s, PVT (RFC 6507 clause 3.3) */

struct mikey_sign {
    uint8_t type;          /* enum mikey_sign_type, 0..15 */
    struct span signature; /* 0..4095 octets, borrowed */
};

/*
 * Faults: MU_E_MALFORMED at "s_type_len" for an ECCSI signature that has not
 * MIKEY_SIGN_ECCSI_LEN octets.
 */
void mikey_sign_read(struct rd *r, struct mikey_sign *out);
void mikey_sign_write(struct wr *w, const struct mikey_sign *in);

/*
 * The two octets before an ECCSI signature, `20 81`: the last ones that it
 * covers (RFC 3830 clause 5.2).
 */
void mikey_sign_eccsi_head_write(struct wr *w);

#endif
