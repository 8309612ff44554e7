/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/profile.h"

#include "mcptt/srtp.h"

#include <assert.h>

#define POLICY_NO 0

/* One parameter of a default profile; absent where a kind's row has none. */
struct row {
    uint8_t type, value;
    bool gmk_only; /* what carries the rollover counter (RFC 4771) */
};

/* TS 33.180 clauses E.2.2 for a GMK, E.3.2 and E.4.2 for the others. */
static const struct row rows[] = {
    {MIKEY_SRTP_ENCR_ALG, MIKEY_SRTP_AES_GCM, false},
    {MIKEY_SRTP_ENCR_KEY_LEN, 16, false},
    {MIKEY_SRTP_AUTH_ALG, MIKEY_SRTP_RCCM3, true},
    {MIKEY_SRTP_SALT_LEN, 12, false},
    {MIKEY_SRTP_PRF, 0, false}, /* AES-CM */
    {MIKEY_SRTP_KDR, 0, false},
    {MIKEY_SRTP_ROC_RATE, 1, true},
    {MIKEY_SRTP_RTP_TAG_LEN, 4, true},
    {MIKEY_SRTP_RTCP_TAG_LEN, 0, true},
    {MIKEY_SRTP_AEAD_TAG_LEN, 16, false},
};

static void write_row(struct wr *w, const struct row *row, bool roc_16)
{
    const uint8_t octets[] = {0, row->value};
    bool wide = roc_16 && row->type == MIKEY_SRTP_ROC_RATE;
    struct mikey_sp_param param = {.type = row->type};

    param.value =
        wide ? (struct span){octets, 2} : (struct span){octets + 1, 1};
    mikey_sp_param_write(w, &param);
}

static enum mu_err set_policy(
    struct mikey_sp *sp, bool gmk, bool roc_16, struct mcptt_profile_room *room)
{
    struct wr w;

    *sp =
        (struct mikey_sp){.policy_no = POLICY_NO, .prot_type = MIKEY_PROT_SRTP};
    wr_init(&w, room->params, sizeof(room->params));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (gmk || !rows[i].gmk_only)
            write_row(&w, &rows[i], roc_16);
    return wr_close(&w, &sp->params);
}

/* The crypto session that a message of this kind is for: the first in table
 * E.1.3-1, which is MCPTT's. */
static bool session_of(enum mcptt_key_kind kind, uint8_t *cs_id)
{
    for (int cs = 0; cs < MCPTT_CS_IDS; cs++) {
        *cs_id = (uint8_t)cs;
        if (mcptt_cs_id_kind((enum mcptt_cs_id)cs) == kind)
            return true;
    }
    return false;
}

static enum mu_err set_map(struct mikey_hdr *hdr, uint8_t cs_id,
    const struct mcptt_mki *mki, struct mcptt_profile_room *room)
{
    static const uint8_t policies[] = {POLICY_NO};
    uint8_t spi[MCPTT_MKI_MAX];
    struct mikey_cs cs = {.cs_id = cs_id, .prot_type = MIKEY_PROT_SRTP};
    struct wr w;

    cs.policies = SPAN_OF(policies);
    wr_init(&w, spi, sizeof(spi));
    mcptt_mki_write(&w, mki);
    TRY(wr_close(&w, &cs.spi));
    wr_init(&w, room->map, sizeof(room->map));
    mikey_cs_write(&w, MIKEY_MAP_GENERIC_ID, &cs);
    TRY(wr_close(&w, &hdr->map));
    hdr->map_type = MIKEY_MAP_GENERIC_ID;
    hdr->cs_count = 1;
    return MU_OK;
}

enum mu_err mcptt_profile_set(struct mikey_msg *msg,
    enum mcptt_profile_form form, const struct mcptt_mki *mki,
    struct mcptt_profile_room *room)
{
    enum mcptt_key_kind kind = mcptt_key_id_tag(mki->key_id);
    uint8_t cs_id;

    if (form == MCPTT_PROFILE_DEFAULT) {
        msg->hdr.map_type = MIKEY_MAP_EMPTY;
        msg->hdr.map = (struct span){NULL, 0};
        msg->hdr.cs_count = 0;
        msg->sp_count = 0;
        return MU_OK;
    }
    if (!session_of(kind, &cs_id))
        return MU_E_UNSUPPORTED;
    TRY(set_policy(&msg->sp[0], kind == MCPTT_KIND_GMK,
        form == MCPTT_PROFILE_STATED_ROC_16, room));
    msg->sp_count = 1;
    return set_map(&msg->hdr, cs_id, mki, room);
}

/* Whether an SPI says a key identifier, and which. */
static enum mu_err read_spi(
    struct span spi, uint32_t csb_id, struct mcptt_key_id *out)
{
    struct mcptt_mki mki;
    struct rd r;

    if (spi.len != MCPTT_KEY_ID_LEN && spi.len != MCPTT_MKI_MAX)
        return MU_E_NOT_FOUND;
    rd_init(&r, spi);
    mki.key_id = mcptt_key_id_read(&r, "spi");
    mki.guk_id = mki.key_id;
    if (spi.len == MCPTT_MKI_MAX)
        mki.guk_id = mcptt_key_id_read(&r, "spi");
    TRY(rd_close(&r));
    if (mki.guk_id.v != csb_id)
        return MU_E_MALFORMED;
    *out = mki.key_id;
    return MU_OK;
}

enum mu_err mcptt_profile_key_id(
    const struct mikey_hdr *hdr, struct mcptt_key_id *out)
{
    struct mcptt_key_id id = {0}, first = {0};
    bool found = false;
    struct mikey_cs cs;

    if (hdr->map_type != MIKEY_MAP_GENERIC_ID)
        return MU_E_NOT_FOUND;
    for (unsigned i = 0; mikey_hdr_cs(hdr, i, &cs); i++) {
        enum mu_err err = read_spi(cs.spi, hdr->csb_id, &id);

        if (err == MU_E_NOT_FOUND)
            continue;
        if (err != MU_OK || (found && id.v != first.v))
            return MU_E_MALFORMED;
        first = id;
        found = true;
    }
    if (!found)
        return MU_E_NOT_FOUND;
    *out = first;
    return MU_OK;
}
