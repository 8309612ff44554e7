/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcptt_info.h - the mcptt-info body of a SIP request (TS 24.379 annex F.1), as
 * far as a group management server reads it: the access token that says who
 * subscribes.
 */
#ifndef XML_MCPTT_INFO_H
#define XML_MCPTT_INFO_H

#include "base/arena.h"
#include "xml/fault.h"

#define XML_MCPTT_INFO_NS   "urn:3gpp:ns:mcpttInfo:1.0"
#define XML_MCPTT_INFO_TYPE "application/vnd.3gpp.mcptt-info+xml"
#define XML_MCPTT_TOKEN_MAX 16384 /* characters; ours */

struct xml_mcptt_info {
    struct span token; /* mcptt-access-token; empty: absent */
    bool encrypted;    /* type="Encrypted": xenc:EncryptedData inside, and */
    struct span data;  /* its canonical octets, for xml/mcptt_token.h; token is
                          empty then */
};

/*
 * Unknown elements are skipped, since the body serves all of MCPTT.
 *
 *   arena  holds all of *out
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_mcptt_info_read(struct span text,
    struct mu_arena *arena, struct xml_fault *fault,
    struct xml_mcptt_info *out);

/* In clear, as mcpttString of type Normal. Returns as xml_writer_close(). */
MU_MUST_CHECK enum mu_err xml_mcptt_info_write(
    struct wr *w, const struct xml_mcptt_info *in);

#endif
