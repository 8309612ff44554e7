/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sp.h - the security policy payload, SP (RFC 3830 clause 6.10): a numbered
 * policy of one protocol, as a list of parameters (type, length, value).
 */
#ifndef MIKEY_SP_H
#define MIKEY_SP_H

#include "base/bytes.h"
#include "mikey/codes.h"

struct mikey_sp {
    uint8_t next;
    uint8_t policy_no;
    uint8_t prot_type;  /* enum mikey_prot_type */
    struct span params; /* validated; 0..65535 octets, borrowed */
};

struct mikey_sp_param {
    uint8_t type;      /* enum mikey_srtp_param for SRTP */
    struct span value; /* 0..255 octets, borrowed */
};

/*
 * Faults: MU_E_MALFORMED at "param_len" when a parameter of SRTP that the
 * registry knows has not one octet (the ROC transmission rate: one or two), and
 * at "srtp_param", "tesla_param" or "param_type" when one is given twice.
 */
void mikey_sp_read(struct rd *r, struct mikey_sp *out);
void mikey_sp_write(struct wr *w, const struct mikey_sp *in);

/* One parameter; prot_type chooses the names that a trace sees. */
void mikey_sp_param_read(
    struct rd *r, uint8_t prot_type, struct mikey_sp_param *out);
void mikey_sp_param_write(struct wr *w, const struct mikey_sp_param *in);

/*
 * The value of a parameter as a number, most significant octet first, or
 * absent when the policy does not give it. Parameters over 4 octets are none.
 */
uint32_t mikey_sp_number(
    const struct mikey_sp *sp, uint8_t type, uint32_t absent);

#endif
