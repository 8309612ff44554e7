/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prf.h - the key derivation function of MIKEY (RFC 3830 clauses 4.1.2 to
 * 4.1.4; the HMAC-SHA-256 variant is RFC 6043 clause 6.1).
 *
 * A key is derived from a TGK (in a SAKKE message the SSV, RFC 6509) and a
 * label that says what the key is for:
 *
 *     label = constant (32) || CS ID (8) || CSB ID (32) || RAND
 *
 * The constant stands for the use. RAND goes in without its length.
 */
#ifndef MIKEY_PRF_H
#define MIKEY_PRF_H

#include "base/bytes.h"

/* What the derived key is for; chooses the constant of the label. */
enum mikey_prf_use {
    MIKEY_PRF_TEK,  /* traffic encryption key; for SRTP the master key */
    MIKEY_PRF_AUTH, /* authentication key */
    MIKEY_PRF_ENCR, /* encryption key; never an SRTP key */
    MIKEY_PRF_SALT, /* salt; for SRTP the master salt */
    MIKEY_PRF_MESSAGE_ENCR, /* the last three: of the message itself, from an */
    MIKEY_PRF_MESSAGE_AUTH, /* envelope or pre-shared key (clause 4.1.4),     */
    MIKEY_PRF_MESSAGE_SALT, /* with CS ID MIKEY_PRF_MESSAGE_CS_ID            */
    MIKEY_PRF_USES
};

#define MIKEY_PRF_MESSAGE_CS_ID 0xff
#define MIKEY_PRF_RAND_MAX      255 /* its length field has eight bits */

struct mikey_prf_label {
    enum mikey_prf_use use;
    uint8_t cs_id;
    uint32_t csb_id;
    struct span rand; /* 0..MIKEY_PRF_RAND_MAX octets */
};

/*
 * Derives len octets into out.
 *
 *   func   an enum mikey_prf_func as the header has it (mikey/codes.h)
 *   inkey  the TGK, at least one octet, any length; secret; read, not kept
 *   out    len octets, any number; a secret. Wiped when the HMAC fails,
 *          untouched by the other failures
 *
 * Pure; the time taken depends on lengths only. Returns MU_OK;
 * MU_E_UNSUPPORTED for another PRF; MU_E_MALFORMED when inkey is empty or
 * RAND too long; MU_E_CRYPTO if the HMAC fails.
 */
MU_MUST_CHECK enum mu_err mikey_prf(uint8_t func, struct span inkey,
    const struct mikey_prf_label *label, uint8_t *out, size_t len);

#endif
