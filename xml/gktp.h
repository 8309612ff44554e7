/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gktp.h - the group key transport payloads document (TS 24.481 clause 7.7;
 * notes gms-protocol 2.3): the I_MESSAGEs that one member should have of one
 * group.
 *
 *     <GKTPs xmlns="urn:3gpp:ns:mcpttGKTP:1.0">
 *       <GMK-GKTPs>
 *         <GKTP id="0a1b2c3d" activationtime="...">hex of the message</GKTP>
 *         <on-network-regrouped-GKTPs temporary-MCPTT-group-ID="sip:...">
 *           <GKTP id="...">...</GKTP>
 *
 * MKFC-GKTPs has the same form. Written in lower-case hex, read in either
 * case. Messages are ciphertext: nothing here is wiped. Pure.
 */
#ifndef XML_GKTP_H
#define XML_GKTP_H

#include "base/arena.h"
#include "xml/fault.h"

#define XML_GKTP_NS          "urn:3gpp:ns:mcpttGKTP:1.0"
#define XML_GKTP_AUID        "org.3gpp.MCPTT-GKTP" /* the usual one */
#define XML_GKTP_MAX         256                   /* of a document; ours */
#define XML_GKTP_MESSAGE_MAX 4096                  /* octets of a message */

enum xml_gktp_kind {
    XML_GKTP_GMK,
    XML_GKTP_MKFC
};

struct xml_gktp {
    enum xml_gktp_kind kind;
    struct span id; /* 1..255 octets of UTF-8; what it says is the caller's */
    struct span temporary_group; /* the key is of that one; empty: of this */
    uint64_t activation_s;       /* Unix time; 0: left out */
    struct span message;         /* 1..XML_GKTP_MESSAGE_MAX octets */
};

/*
 * Writes a document. GKTPs of the group itself stand first, then those of each
 * temporary group, in the order given; those of one temporary group need not
 * stand together in keys.
 *
 * Returns MU_OK; MU_E_MALFORMED for a text that is no UTF-8 or a length out of
 * range; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err xml_gktp_write(
    struct wr *w, const struct xml_gktp *keys, size_t count);

/*
 * Reads a document, in its order; texts and messages lie in the arena. Unknown
 * elements of other name spaces and anyExt are skipped.
 *
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE beyond a limit; MU_E_NO_MEMORY.
 * The results are untouched on failure.
 */
MU_MUST_CHECK enum mu_err xml_gktp_read(struct span text,
    struct mu_arena *arena, struct xml_fault *fault,
    const struct xml_gktp **keys, size_t *count);

#endif
