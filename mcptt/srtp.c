/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/srtp.h"

#include <assert.h>

#include "mikey/codes.h"
#include "mikey/prf.h"

void mcptt_srtp_clear(struct mcptt_srtp *s)
{
    mcptt_srtp_key_clear(&s->key);
    mcptt_srtp_salt_clear(&s->salt);
}

/* Table E.1.3-1. */
static const struct {
    const char *name;
    enum mcptt_key_kind kind;
} sessions[MCPTT_CS_IDS] = {
    {"MCPTT private call, initiator", MCPTT_KIND_PCK},
    {"MCPTT private call, receiver", MCPTT_KIND_PCK},
    {"MCVideo private call, initiator", MCPTT_KIND_PCK},
    {"MCVideo private call, receiver", MCPTT_KIND_PCK},
    {"MCPTT group call", MCPTT_KIND_GMK},
    {"MCVideo group call", MCPTT_KIND_GMK},
    {"MCPTT SRTCP with CSK", MCPTT_KIND_CSK},
    {"MCPTT SRTCP with MuSiK", MCPTT_KIND_MUSIK},
    {"MCVideo SRTCP with CSK", MCPTT_KIND_CSK},
    {"MCVideo SRTCP with MuSiK", MCPTT_KIND_MUSIK},
};

const char *mcptt_cs_id_name(unsigned cs_id)
{
    return cs_id < MCPTT_CS_IDS ? sessions[cs_id].name : "unknown";
}

enum mcptt_key_kind mcptt_cs_id_kind(enum mcptt_cs_id cs_id)
{
    assert((unsigned)cs_id < MCPTT_CS_IDS);
    return sessions[cs_id].kind;
}

enum mu_err mcptt_srtp_derive(
    const struct mcptt_srtp_source *source, struct mcptt_srtp *out)
{
    MU_CLEANUP(mcptt_srtp_clear) struct mcptt_srtp made;
    struct mikey_prf_label label = {
        .use = MIKEY_PRF_TEK,
        .cs_id = source->cs_id,
        .csb_id = source->csb_id.v,
        .rand = source->rand,
    };
    struct span tgk = SPAN_OF(source->key->b);

    TRY(mikey_prf(
        MIKEY_PRF_SHA256, tgk, &label, made.key.b, sizeof(made.key.b)));
    label.use = MIKEY_PRF_SALT;
    TRY(mikey_prf(
        MIKEY_PRF_SHA256, tgk, &label, made.salt.b, sizeof(made.salt.b)));
    *out = made;
    return MU_OK;
}
