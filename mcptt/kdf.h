/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kdf.h - what TS 33.180 annex F.1 derives with the KDF of TS 33.220 annex B.
 *
 *     KDF(K, S) = HMAC-SHA-256(K, S),  S = FC | P0 | L0 | P1 | L1 ...
 *
 * with one octet FC that says what for, and two octets of length after each
 * parameter. Of the 32 octets the last are taken. These derivations are not
 * those of SRTP keys, which MIKEY makes (mcptt/srtp.h).
 *
 * All are pure and take a time that does not depend on the key. They return
 * MU_OK; MU_E_MALFORMED when an identity is not of 1..MCPTT_ID_MAX octets;
 * MU_E_STATE when the key is of the wrong kind; MU_E_CRYPTO if the HMAC
 * fails. Results are untouched on failure.
 */
#ifndef MCPTT_KDF_H
#define MCPTT_KDF_H

#include "mcptt/key_id.h"

/* Signalling confidentiality and integrity keys, and the key under which key
 * parameters and other protected payloads travel. */
SECRET_TYPE(mcptt_sig_conf_key, 16);
SECRET_TYPE(mcptt_sig_int_key, 16);
SECRET_TYPE(mcptt_dpck, 16);

/*
 * The User Salt (clause F.1.3, FC 0x50), 28 bits: GMK-ID xor GUK-ID of that
 * user, hence not a secret to those who see both.
 */
MU_MUST_CHECK enum mu_err mcptt_kdf_user_salt(
    const struct mcptt_gmk *gmk, struct span user, uint32_t *salt);

/*
 * The keys that protect XML and other signalling between a client and a server
 * or between servers (clause F.1.4).
 *
 *   xpk   a CSK or an SPK
 *   user  the MC service ID of the client, or the server's identity
 */
struct mcptt_xpk_use {
    const struct mcptt_key *xpk;
    struct mcptt_key_id xpk_id;
    struct span user;
};

/* FC 0x51 and FC 0x52. */
MU_MUST_CHECK enum mu_err mcptt_kdf_sig_conf(
    const struct mcptt_xpk_use *use, struct mcptt_sig_conf_key *out);
MU_MUST_CHECK enum mu_err mcptt_kdf_sig_int(
    const struct mcptt_xpk_use *use, struct mcptt_sig_int_key *out);

/*
 * The DPCK from a DPPK (clause F.1.5, FC 0x53). For the key parameters of a
 * message the DPPK is the key that the message carries and its identifier is
 * the message's CSB ID (clause E.6.1), the GUK-ID for a GMK.
 */
MU_MUST_CHECK enum mu_err mcptt_kdf_dpck(const struct mcptt_key *dppk,
    struct mcptt_key_id dppk_id, struct mcptt_dpck *out);

#endif
