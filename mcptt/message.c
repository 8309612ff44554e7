/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/message.h"

#include "mcptt/mcx_codes.h"
#include "mcptt/uid.h"

#include <assert.h>

/* Octets that a message borrows while it is written. */
struct room {
    struct mcptt_profile_room profile;
    uint8_t self[5 + MIKEY_SED_LEN];
    uint8_t params[MCPTT_KEY_PARAMS_MAX + MCPTT_PROTECTED_OVERHEAD];
};

enum mu_err mcptt_message_csb_id(const struct mcptt_key *key,
    struct mcptt_key_id key_id, struct span receiver, struct mcptt_key_id *out)
{
    MU_CLEANUP(mcptt_gmk_clear) struct mcptt_gmk gmk = {0};

    if (mcptt_key_id_tag(key_id) != key->kind)
        return MU_E_STATE;
    if (key->kind != MCPTT_KIND_GMK) {
        *out = key_id;
        return MU_OK;
    }
    TRY(mcptt_key_to_gmk(key, &gmk));
    return mcptt_guk_id_derive(&gmk, key_id, receiver, out);
}

static void add_idr(struct mikey_msg *msg, enum mikey_id_role role,
    enum mikey_id_type type, struct span id)
{
    if (id.len == 0)
        return;
    assert(msg->idr_count < MIKEY_IDR_MAX);
    msg->idr[msg->idr_count++] = (struct mikey_idr){
        .role = (uint8_t)role, .type = (uint8_t)type, .id = id};
}

/* TS 33.180 clause E.7: the UID is in plain view, or the URI, never both. */
static enum mu_err add_party(struct mikey_msg *msg,
    const struct mcptt_party *party, enum mikey_id_role clear,
    enum mikey_id_role hidden)
{
    if (!party->hidden) {
        add_idr(msg, clear, MIKEY_ID_URI, party->uri);
        return MU_OK;
    }
    if (msg->sakke.scheme != MIKEY_SCHEME_UID || party->id.len != MCPTT_UID_LEN)
        return MU_E_MALFORMED;
    add_idr(msg, hidden, MCX_ID_TYPE_HIDDEN, party->id);
    return MU_OK;
}

static enum mu_err add_parties(
    struct mikey_msg *msg, const struct mcptt_message *in)
{
    TRY(add_party(
        msg, &in->initiator, MIKEY_ROLE_INITIATOR, MIKEY_ROLE_INITIATOR_UID));
    TRY(add_party(
        msg, &in->responder, MIKEY_ROLE_RESPONDER, MIKEY_ROLE_RESPONDER_UID));
    add_idr(msg, MIKEY_ROLE_INITIATOR_KMS, MIKEY_ID_URI, in->initiator.kms);
    add_idr(msg, MIKEY_ROLE_RESPONDER_KMS, MIKEY_ID_URI, in->responder.kms);
    return MU_OK;
}

static enum mu_err sakke_payload(
    const struct mcptt_message *in, struct span sed, struct mikey_sakke_pl *out)
{
    if (sed.len != MIKEY_SED_LEN)
        return MU_E_MALFORMED;
    *out = (struct mikey_sakke_pl){
        .params = MIKEY_SAKKE_SET_1,
        .scheme = (uint8_t)in->scheme,
        .sed = sed,
    };
    return MU_OK;
}

static void add_ext(
    struct mikey_msg *msg, enum mikey_ext_type type, struct span data)
{
    assert(msg->ext_count < MIKEY_EXT_MAX);
    msg->ext[msg->ext_count++] =
        (struct mikey_ext){.type = (uint8_t)type, .data = data};
}

/* TS 33.180 clause E.5. */
static enum mu_err add_self(
    struct mikey_msg *msg, const struct mcptt_message *in, struct room *room)
{
    struct mikey_sakke_pl inner;
    struct span data;
    struct wr w;

    if (in->self_sed.len == 0)
        return MU_OK;
    TRY(sakke_payload(in, in->self_sed, &inner));
    wr_init(&w, room->self, sizeof(room->self));
    mikey_sakke_pl_write(&w, &inner);
    TRY(wr_close(&w, &data));
    add_ext(msg, MIKEY_EXT_SAKKE_TO_SELF, data);
    return MU_OK;
}

/* TS 33.180 clause E.6. */
static enum mu_err add_params(struct mikey_msg *msg,
    const struct mcptt_message *in, const struct mu_rng *rng, struct room *room)
{
    struct mcptt_key_params_context context = {
        .key = in->key, .csb_id = {msg->hdr.csb_id}, .now_s = in->now_s};
    struct span data;
    struct wr w;

    if (in->params == NULL)
        return MU_OK;
    wr_init(&w, room->params, sizeof(room->params));
    TRY(mcptt_key_params_seal(&w, &context, in->params, rng));
    TRY(wr_close(&w, &data));
    add_ext(msg, MIKEY_EXT_KEY_PARAMS, data);
    return MU_OK;
}

static enum mu_err add_header(
    struct mikey_msg *msg, const struct mcptt_message *in, struct room *room)
{
    struct mcptt_mki mki = {.key_id = in->key_id};

    TRY(mcptt_message_csb_id(
        in->key, in->key_id, in->responder.uri, &mki.guk_id));
    msg->hdr.data_type = MIKEY_DT_SAKKE;
    msg->hdr.prf = MIKEY_PRF_SHA256;
    msg->hdr.csb_id = mki.guk_id.v;
    msg->ts = (struct mikey_ts){.type = MIKEY_TS_NTP_UTC, .ts = in->ntp};
    msg->rand.rand = in->rand;
    return mcptt_profile_set(msg, in->profile, &mki, &room->profile);
}

enum mu_err mcptt_message_build(struct wr *w, const struct mcptt_message *in,
    const struct mikey_eccsi_signer *signer, const struct mu_rng *rng)
{
    struct mikey_msg msg = {0};
    struct room room;

    if (in->rand.len != MCPTT_RAND_LEN)
        return MU_E_MALFORMED;
    TRY(add_header(&msg, in, &room));
    TRY(sakke_payload(in, in->sed, &msg.sakke));
    TRY(add_parties(&msg, in));
    TRY(add_params(&msg, in, rng, &room));
    TRY(add_self(&msg, in, &room));
    return mikey_imsg_sign(w, &msg, signer, rng);
}
