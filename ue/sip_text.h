/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_text.h - the texts of a member's subscription: what its SUBSCRIBE
 * carries, and the key document that a NOTIFY's content stands for. Pure.
 */
#ifndef UE_SIP_TEXT_H
#define UE_SIP_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "ue/csk.h"
#include "ue/gms_client.h"

#define UE_SIP_BODY_TYPE "multipart/mixed;boundary=muster"
/* The node of a key document that holds the group's keys. */
#define UE_SIP_NODE "/~~/GKTPs/GMK-GKTPs"

/* Where group documents are read (notes gms-protocol 1.1). */
#define UE_SIP_GROUPS "org.openmobilealliance.groups/global/byGroupID/"

/*
 * The selector of a member's keys of one group: the path (ue/gms_client.h)
 * without its first segment, which is the XCAP root.
 *
 *   node  of the keys in it, not of the document
 *
 * Returns as ue_key_url(); MU_E_MALFORMED for a path of one segment.
 */
MU_MUST_CHECK enum mu_err ue_sip_sel(const char *path, struct span member,
    struct span group, bool node, char out[UE_URL_MAX]);

/* The selector of a group's document. MU_E_NO_SPACE. */
MU_MUST_CHECK enum mu_err ue_sip_group_sel(
    struct span group, char out[UE_URL_MAX]);

/* What a SUBSCRIBE brings along. */
struct ue_sip_content {
    struct span token;
    const struct ue_csk *csk; /* sent, too; encrypts the token. NULL: none */
    const struct span *sels;
    size_t count;
};

/* The body: the access token, the CSK, and the list of selectors. Returns
 * MU_OK; MU_E_MALFORMED; MU_E_NO_SPACE; MU_E_NO_MEMORY; MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err ue_sip_body(
    const struct ue_sip_content *in, const struct mu_rng *rng, struct buf *out);

/* A key document around the content of that node. */
void ue_sip_document(struct span content, struct buf *out);

#endif
