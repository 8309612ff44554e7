/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/capture.h"

#include "base/file.h"
#include "base/text.h"

static void put_text(struct buf *out, const char *name, struct span text)
{
    buf_text(out, name);
    buf_text(out, " ");
    buf_add(out, text);
    buf_text(out, "\n");
}

static void put_hex(struct buf *out, const char *name, struct span octets)
{
    buf_text(out, name);
    buf_text(out, " ");
    buf_hex(out, octets);
    buf_text(out, "\n");
}

static enum mu_err put_period(struct buf *out, const struct mcptt_trk *trk,
    const struct kms_wrapped_keys *in)
{
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    MU_CLEANUP(mikey_eccsi_pair_clear)
    struct mikey_eccsi_pair pair = {.pvt = {0}};

    TRY(xml_unwrap_rsk(trk, xml_wrapped_span(&in->rsk), &rsk));
    TRY(xml_unwrap_ssk(trk, xml_wrapped_span(&in->ssk), &pair.ssk));
    TRY(xml_unwrap_pvt(trk, xml_wrapped_span(&in->pvt), pair.pvt));
    buf_text(out, "period ");
    buf_number(out, in->period_no);
    buf_text(out, "\n");
    put_hex(out, "uid", SPAN_OF(in->uid.b));
    put_hex(out, "rsk", SPAN_OF(rsk.b));
    put_hex(out, "ssk", SPAN_OF(pair.ssk.b));
    put_hex(out, "pvt", SPAN_OF(pair.pvt));
    return MU_OK;
}

static enum mu_err put_own_keys(
    struct buf *out, const struct ue_identity *who, const struct mcptt_trk *trk)
{
    const struct kms_cert *home = kms_keyset_home(who->keys);
    const struct kms_period_keys *keys;

    if (home == NULL)
        return MU_E_STATE;
    put_text(out, "kms", home->says->origin.kms_uri);
    put_hex(out, "kpak", SPAN_OF(home->says->kpak));
    put_hex(out, "z", SPAN_OF(home->says->z));
    for (size_t i = 0; (keys = kms_keyset_at(who->keys, i)) != NULL; i++)
        TRY(put_period(out, trk, &keys->wrapped));
    return MU_OK;
}

static void put_group(struct buf *out, const struct ue_group *group)
{
    const struct ue_keystore *store = ue_group_keys(group);

    put_text(out, "group", ue_group_uri(group));
    for (size_t i = 0; i < store->len; i++) {
        const struct ue_key *key = &store->keys[i];
        uint8_t id[MCPTT_KEY_ID_LEN];
        struct wr w;

        if (key->state == UE_KEY_REVOKED)
            continue; /* wiped: its device does not have it any more */
        wr_init(&w, id, sizeof(id));
        mcptt_key_id_write(&w, key->gmk_id);
        put_hex(out, "gmk-id", SPAN_OF(id));
        put_hex(out, "gmk", SPAN_OF(key->gmk.b));
    }
}

enum mu_err ue_capture(const struct ue_member *member, const char *path)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    const struct kms_enrolment *enrolment = ue_member_enrolment(member);
    struct ue_identity who = {.uri = ue_member_uri(member)};

    ue_member_identity(member, &who);
    put_text(&text, "user", who.uri);
    put_hex(&text, "trk", SPAN_OF(enrolment->trk.b));
    TRY(put_own_keys(&text, &who, &enrolment->trk));
    for (size_t i = 0; i < ue_member_group_count(member); i++)
        put_group(&text, ue_member_group(member, i));
    TRY(text.err);
    return mu_file_create(path, 0600, buf_span(&text));
}
