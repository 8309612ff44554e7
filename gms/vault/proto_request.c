/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the vault, written and read (gms/vault/proto.h). */
#include "gms/vault/wire.h"

#include <string.h>

#include "mcptt/receipt.h"

/*
 * A row for each op: the body in both directions, and what has to hold of it
 * in both: the front refuses to send what would end the vault. NULL: no body.
 */
struct row {
    void (*read)(
        struct rd *r, struct mu_arena *arena, struct gms_vault_request *out);
    void (*write)(struct wr *w, const struct gms_vault_request *in);
    bool (*ok)(const struct gms_vault_request *request);
};

static void cert_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    (void)arena;
    out->cert = gms_wire_text_read(r, "cert");
}

static void cert_write(struct wr *w, const struct gms_vault_request *in)
{
    gms_wire_text_write(w, in->cert);
}

static bool cert_ok(const struct gms_vault_request *request)
{
    return request->cert.len > 0;
}

static void wrapped_read(
    struct rd *r, const char *field, struct xml_wrapped *out)
{
    struct span octets = gms_wire_text_read(r, field);

    rd_check(r, octets.len <= sizeof(out->b), MU_E_MALFORMED, field);
    if (rd_err(r) != MU_OK || octets.len == 0)
        return;
    memcpy(out->b, octets.p, octets.len);
    out->len = octets.len;
}

static void keys_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    struct kms_wrapped_keys *keys = &out->keys;
    struct span uid;

    (void)arena;
    keys->period_no = rd_u64(r, "period");
    uid = rd_span(r, sizeof(keys->uid.b), "uid");
    if (uid.p != NULL)
        memcpy(keys->uid.b, uid.p, sizeof(keys->uid.b));
    wrapped_read(r, "rsk", &keys->rsk);
    wrapped_read(r, "ssk", &keys->ssk);
    wrapped_read(r, "pvt", &keys->pvt);
}

static void keys_write(struct wr *w, const struct gms_vault_request *in)
{
    wr_u64(w, in->keys.period_no);
    wr_span(w, SPAN_OF(in->keys.uid.b));
    gms_wire_text_write(w, xml_wrapped_span(&in->keys.rsk));
    gms_wire_text_write(w, xml_wrapped_span(&in->keys.ssk));
    gms_wire_text_write(w, xml_wrapped_span(&in->keys.pvt));
}

static bool keys_ok(const struct gms_vault_request *request)
{
    const struct kms_wrapped_keys *keys = &request->keys;

    return keys->rsk.len > 0 && keys->ssk.len > 0 && keys->pvt.len > 0;
}

static void new_key_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    uint8_t kind = rd_u8(r, "kind");

    (void)arena;
    rd_check(r, kind < MCPTT_KINDS, MU_E_MALFORMED, "kind");
    out->new_key.kind = (enum mcptt_key_kind)kind;
    out->new_key.group = gms_wire_text_read(r, "group");
    out->new_key.epoch = rd_u64(r, "epoch");
}

static void new_key_write(struct wr *w, const struct gms_vault_request *in)
{
    wr_u8(w, (uint8_t)in->new_key.kind);
    gms_wire_text_write(w, in->new_key.group);
    wr_u64(w, in->new_key.epoch);
}

static bool new_key_ok(const struct gms_vault_request *request)
{
    return request->new_key.kind < MCPTT_KINDS &&
           mcptt_id_check(request->new_key.group) == MU_OK;
}

static void period_read(struct rd *r, struct gms_vault_period *out)
{
    out->kms = gms_wire_text_read(r, "kms");
    out->number = rd_u64(r, "period");
}

static void period_write(struct wr *w, const struct gms_vault_period *in)
{
    gms_wire_text_write(w, in->kms);
    wr_u64(w, in->number);
}

static const struct span *uris_read(
    struct rd *r, struct mu_arena *arena, size_t *count)
{
    struct span *uris;

    *count = gms_wire_count_read(r, "count", GMS_VAULT_RECIPIENTS_MAX);
    uris = gms_wire_array(r, arena, *count, sizeof(*uris));
    for (size_t i = 0; uris != NULL && i < *count; i++)
        uris[i] = gms_wire_text_read(r, "uri");
    return uris;
}

static void uris_write(struct wr *w, const struct span *uris, size_t count)
{
    wr_u16(w, (uint16_t)count);
    for (size_t i = 0; i < count; i++)
        gms_wire_text_write(w, uris[i]);
}

static bool uris_ok(const struct span *uris, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mcptt_id_check(uris[i]) != MU_OK)
            return false;
    return true;
}

static bool list_ok(const struct span *uris, size_t count)
{
    return count > 0 && count <= GMS_VAULT_RECIPIENTS_MAX &&
           uris_ok(uris, count);
}

static void wrap_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    struct gms_vault_wrap *wrap = &out->wrap;

    gms_wire_key_read(r, &wrap->key);
    period_read(r, &wrap->period);
    wrap->revocation = gms_wire_flag_read(r, "revocation");
    wrap->recipients = uris_read(r, arena, &wrap->count);
}

static void wrap_write(struct wr *w, const struct gms_vault_request *in)
{
    const struct gms_vault_wrap *wrap = &in->wrap;

    gms_wire_key_write(w, &wrap->key);
    period_write(w, &wrap->period);
    gms_wire_flag_write(w, wrap->revocation);
    uris_write(w, wrap->recipients, wrap->count);
}

static bool wrap_ok(const struct gms_vault_request *request)
{
    const struct gms_vault_wrap *wrap = &request->wrap;

    return gms_wire_key_ok(&wrap->key) &&
           mcptt_id_check(wrap->period.kms) == MU_OK &&
           list_ok(wrap->recipients, wrap->count);
}

static void terms_read(struct rd *r, struct gms_sign_terms *out)
{
    out->revoked = gms_wire_flag_read(r, "revoked");
    out->hidden = gms_wire_flag_read(r, "hidden");
    out->activation_s = rd_u64(r, "activation");
    out->expiry_s = rd_u64(r, "expiry");
    out->text = gms_wire_text_read(r, "text");
    out->group_count =
        gms_wire_count_read(r, "group_count", MCPTT_KEY_PARAMS_GROUPS_MAX);
    for (size_t i = 0; i < out->group_count; i++)
        out->groups[i] = gms_wire_text_read(r, "group");
}

static void terms_write(struct wr *w, const struct gms_sign_terms *in)
{
    gms_wire_flag_write(w, in->revoked);
    gms_wire_flag_write(w, in->hidden);
    wr_u64(w, in->activation_s);
    wr_u64(w, in->expiry_s);
    gms_wire_text_write(w, in->text);
    wr_u16(w, (uint16_t)in->group_count);
    for (size_t i = 0; i < in->group_count; i++)
        gms_wire_text_write(w, in->groups[i]);
}

static bool terms_ok(const struct gms_sign_terms *terms)
{
    return terms->text.len <= MCPTT_KEY_PARAMS_TEXT_MAX &&
           terms->group_count <= MCPTT_KEY_PARAMS_GROUPS_MAX &&
           uris_ok(terms->groups, terms->group_count);
}

static const struct gms_vault_sign_item *items_read(
    struct rd *r, struct mu_arena *arena, size_t *count)
{
    struct gms_vault_sign_item *items;

    *count = gms_wire_count_read(r, "count", GMS_VAULT_SIGN_MAX);
    items = gms_wire_array(r, arena, *count, sizeof(*items));
    for (size_t i = 0; items != NULL && i < *count; i++) {
        items[i].recipient = gms_wire_text_read(r, "uri");
        items[i].envelope = rd_span(r, GMS_ENVELOPE_LEN, "envelope");
    }
    return items;
}

static void sign_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    struct gms_vault_sign *sign = &out->sign;

    gms_wire_key_read(r, &sign->key);
    period_read(r, &sign->period);
    terms_read(r, &sign->terms);
    sign->items = items_read(r, arena, &sign->count);
}

static void sign_write(struct wr *w, const struct gms_vault_request *in)
{
    const struct gms_vault_sign *sign = &in->sign;

    gms_wire_key_write(w, &sign->key);
    period_write(w, &sign->period);
    terms_write(w, &sign->terms);
    wr_u16(w, (uint16_t)sign->count);
    for (size_t i = 0; i < sign->count; i++) {
        gms_wire_text_write(w, sign->items[i].recipient);
        wr_span(w, sign->items[i].envelope);
    }
}

static bool items_ok(const struct gms_vault_sign_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mcptt_id_check(items[i].recipient) != MU_OK ||
            items[i].envelope.len != GMS_ENVELOPE_LEN)
            return false;
    return count > 0;
}

static bool sign_ok(const struct gms_vault_request *request)
{
    const struct gms_vault_sign *sign = &request->sign;

    return gms_wire_key_ok(&sign->key) &&
           mcptt_id_check(sign->period.kms) == MU_OK &&
           terms_ok(&sign->terms) && sign->count <= GMS_VAULT_SIGN_MAX &&
           items_ok(sign->items, sign->count);
}

static void members_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    out->members.group = gms_wire_text_read(r, "group");
    out->members.epoch = rd_u64(r, "epoch");
    out->members.uris = uris_read(r, arena, &out->members.count);
}

static void members_write(struct wr *w, const struct gms_vault_request *in)
{
    gms_wire_text_write(w, in->members.group);
    wr_u64(w, in->members.epoch);
    uris_write(w, in->members.uris, in->members.count);
}

static bool members_ok(const struct gms_vault_request *request)
{
    return mcptt_id_check(request->members.group) == MU_OK &&
           list_ok(request->members.uris, request->members.count);
}

static void receipt_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    (void)arena;
    gms_wire_key_read(r, &out->receipt.key);
    out->receipt.receipt = gms_wire_text_read(r, "receipt");
}

static void receipt_write(struct wr *w, const struct gms_vault_request *in)
{
    gms_wire_key_write(w, &in->receipt.key);
    gms_wire_text_write(w, in->receipt.receipt);
}

static bool receipt_ok(const struct gms_vault_request *request)
{
    return gms_wire_key_ok(&request->receipt.key) &&
           request->receipt.receipt.len > 0 &&
           request->receipt.receipt.len <= MCPTT_RECEIPT_MAX;
}

static void csk_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    (void)arena;
    out->csk.message = gms_wire_text_read(r, "message");
}

static void csk_write(struct wr *w, const struct gms_vault_request *in)
{
    gms_wire_text_write(w, in->csk.message);
}

static bool csk_ok(const struct gms_vault_request *request)
{
    return request->csk.message.len > 0 &&
           request->csk.message.len <= MCPTT_MESSAGE_MAX;
}

/* | key identifier (32) | group | epoch (64) | is an envelope (8) | then a
 * sealed key, or | envelope | KMS | period (64) | revocation (8) | URI | */
static void object_read(struct rd *r, struct gms_vault_object *out)
{
    out->key.id = mcptt_key_id_read(r, "key_id");
    out->key.group = gms_wire_text_read(r, "group");
    out->key.epoch = rd_u64(r, "epoch");
    if (!gms_wire_flag_read(r, "is_envelope")) {
        out->key.sealed = rd_span(r, GMS_SEALED_KEY_LEN, "sealed_key");
        return;
    }
    out->envelope = rd_span(r, GMS_ENVELOPE_LEN, "envelope");
    period_read(r, &out->period);
    out->revocation = gms_wire_flag_read(r, "revocation");
    out->recipient = gms_wire_text_read(r, "uri");
}

static void object_write(struct wr *w, const struct gms_vault_object *in)
{
    mcptt_key_id_write(w, in->key.id);
    gms_wire_text_write(w, in->key.group);
    wr_u64(w, in->key.epoch);
    gms_wire_flag_write(w, in->envelope.len > 0);
    if (in->envelope.len == 0) {
        wr_span(w, in->key.sealed);
        return;
    }
    wr_span(w, in->envelope);
    period_write(w, &in->period);
    gms_wire_flag_write(w, in->revocation);
    gms_wire_text_write(w, in->recipient);
}

static bool object_ok(const struct gms_vault_object *object)
{
    if (object->envelope.len == 0)
        return gms_wire_key_ok(&object->key);
    return mcptt_key_id_tag(object->key.id) < MCPTT_KINDS &&
           mcptt_id_check(object->key.group) == MU_OK &&
           object->key.sealed.len == 0 &&
           object->envelope.len == GMS_ENVELOPE_LEN &&
           mcptt_id_check(object->period.kms) == MU_OK &&
           mcptt_id_check(object->recipient) == MU_OK;
}

static void reseal_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_request *out)
{
    size_t count = gms_wire_count_read(r, "count", GMS_VAULT_RESEAL_MAX);
    struct gms_vault_object *at = gms_wire_array(r, arena, count, sizeof(*at));

    for (size_t i = 0; at != NULL && i < count; i++)
        object_read(r, &at[i]);
    out->reseal = (struct gms_vault_reseal){at, count};
}

static void reseal_write(struct wr *w, const struct gms_vault_request *in)
{
    wr_u16(w, (uint16_t)in->reseal.count);
    for (size_t i = 0; i < in->reseal.count; i++)
        object_write(w, &in->reseal.at[i]);
}

static bool reseal_ok(const struct gms_vault_request *request)
{
    const struct gms_vault_reseal *reseal = &request->reseal;

    if (reseal->count == 0 || reseal->count > GMS_VAULT_RESEAL_MAX)
        return false;
    for (size_t i = 0; i < reseal->count; i++)
        if (!object_ok(&reseal->at[i]))
            return false;
    return true;
}

static const struct row rows[GMS_VAULT_OPS] = {
    [GMS_VAULT_HELLO] = {NULL, NULL, NULL},
    [GMS_VAULT_CERT] = {cert_read, cert_write, cert_ok},
    [GMS_VAULT_KEYS] = {keys_read, keys_write, keys_ok},
    [GMS_VAULT_NEW_KEY] = {new_key_read, new_key_write, new_key_ok},
    [GMS_VAULT_WRAP] = {wrap_read, wrap_write, wrap_ok},
    [GMS_VAULT_SIGN] = {sign_read, sign_write, sign_ok},
    [GMS_VAULT_EXCLUDE] = {members_read, members_write, members_ok},
    [GMS_VAULT_ADMIT] = {members_read, members_write, members_ok},
    [GMS_VAULT_RECEIPT] = {receipt_read, receipt_write, receipt_ok},
    [GMS_VAULT_CSK] = {csk_read, csk_write, csk_ok},
    [GMS_VAULT_RESEAL] = {reseal_read, reseal_write, reseal_ok},
};

static const struct row *row_of(enum gms_vault_op op)
{
    return op >= GMS_VAULT_HELLO && op < GMS_VAULT_OPS ? &rows[op] : NULL;
}

static bool is_ok(
    const struct row *row, const struct gms_vault_request *request)
{
    return row->ok == NULL || row->ok(request);
}

enum mu_err gms_vault_request_write(
    struct wr *w, const struct gms_vault_request *in)
{
    const struct row *row = row_of(in->op);

    if (row == NULL || !is_ok(row, in))
        return MU_E_MALFORMED;
    gms_wire_head_write(w, in->op, in->id);
    if (row->write != NULL)
        row->write(w, in);
    return gms_wire_close(w);
}

enum mu_err gms_vault_request_read(
    struct span frame, struct mu_arena *arena, struct gms_vault_request *out)
{
    struct gms_vault_request got = {.id = 0};
    const struct row *row;
    struct rd r;

    if (frame.len > GMS_VAULT_FRAME_MAX)
        return MU_E_MALFORMED;
    rd_init(&r, frame);
    gms_wire_head_read(&r, &got.op, &got.id);
    TRY(rd_err(&r));
    row = row_of(got.op);
    if (row == NULL)
        return MU_E_MALFORMED; /* gms_wire_head_read() lets none pass */
    if (row->read != NULL)
        row->read(&r, arena, &got);
    TRY(rd_close(&r));
    if (!is_ok(row, &got))
        return MU_E_MALFORMED;
    *out = got;
    return MU_OK;
}
