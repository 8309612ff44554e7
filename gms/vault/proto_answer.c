/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the vault, written and read (gms/vault/proto.h). */
#include "gms/vault/wire.h"

#include <string.h>

/* Messages of one answer are as many as its request had items, at most. */
#define FIRST_MAX GMS_VAULT_RECIPIENTS_MAX

/* A row for each op: the body of an answer that is MU_OK; NULL: none. */
struct row {
    void (*read)(
        struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out);
    void (*write)(struct wr *w, const struct gms_vault_answer *in);
    bool (*ok)(const struct gms_vault_answer *answer);
};

const char *gms_vault_refusal_name(enum gms_vault_refusal refusal)
{
    static const char *const names[GMS_REFUSALS] = {
        [GMS_REFUSED_NOT] = "none",
        [GMS_REFUSED_CERT] = "certificate",
        [GMS_REFUSED_KEYS] = "keys",
        [GMS_REFUSED_NOT_READY] = "not ready",
        [GMS_REFUSED_KMS] = "kms",
        [GMS_REFUSED_PERIOD] = "period",
        [GMS_REFUSED_SEALED_KEY] = "sealed key",
        [GMS_REFUSED_ENVELOPE] = "envelope",
        [GMS_REFUSED_EPOCH] = "epoch",
        [GMS_REFUSED_EXCLUDED] = "excluded",
        [GMS_REFUSED_PURPOSE] = "purpose",
        [GMS_REFUSED_ACTIVATION] = "activation",
        [GMS_REFUSED_LOG] = "log",
        [GMS_REFUSED_RATE] = "rate",
        [GMS_REFUSED_RECEIPT] = "receipt",
        [GMS_REFUSED_MESSAGE] = "message",
        [GMS_REFUSED_KIND] = "kind",
        [GMS_REFUSED_RECEIVER] = "receiver",
        [GMS_REFUSED_SENDER] = "sender",
        [GMS_REFUSED_TIME] = "time",
        [GMS_REFUSED_REPLAY] = "replay",
        [GMS_REFUSED_SIGNATURE] = "signature",
        [GMS_REFUSED_CSK] = "csk",
    };

    return refusal < GMS_REFUSALS ? names[refusal] : "unknown";
}

static void kek_read(struct rd *r, const char *field, struct mu_kek_id *out)
{
    struct span id = rd_span(r, sizeof(out->b), field);

    if (id.p != NULL)
        memcpy(out->b, id.p, sizeof(out->b));
}

static void hello_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out)
{
    struct gms_vault_hello *hello = &out->hello;

    (void)arena;
    hello->identity = gms_wire_text_read(r, "identity");
    hello->kms = gms_wire_text_read(r, "kms");
    kek_read(r, "kek", &hello->kek);
    hello->now_ms = rd_u64(r, "now");
    hello->ready = gms_wire_flag_read(r, "ready");
    hello->log_head = gms_wire_text_read(r, "log_head");
    kek_read(r, "identity_kek", &hello->identity_kek);
    hello->kek_count = gms_wire_count_read(r, "keks", MU_KEYRING_MAX);
    for (size_t i = 0; i < hello->kek_count; i++)
        kek_read(r, "kek", &hello->keks[i]);
}

static void hello_write(struct wr *w, const struct gms_vault_answer *in)
{
    const struct gms_vault_hello *hello = &in->hello;

    gms_wire_text_write(w, hello->identity);
    gms_wire_text_write(w, hello->kms);
    wr_span(w, SPAN_OF(hello->kek.b));
    wr_u64(w, hello->now_ms);
    gms_wire_flag_write(w, hello->ready);
    gms_wire_text_write(w, hello->log_head);
    wr_span(w, SPAN_OF(hello->identity_kek.b));
    wr_u16(w, (uint16_t)hello->kek_count);
    for (size_t i = 0; i < hello->kek_count; i++)
        wr_span(w, SPAN_OF(hello->keks[i].b));
}

static bool hello_ok(const struct gms_vault_answer *answer)
{
    return mcptt_id_check(answer->hello.identity) == MU_OK &&
           mcptt_id_check(answer->hello.kms) == MU_OK &&
           answer->hello.kek_count <= MU_KEYRING_MAX;
}

static void key_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out)
{
    (void)arena;
    gms_wire_key_read(r, &out->key);
}

static void key_write(struct wr *w, const struct gms_vault_answer *in)
{
    gms_wire_key_write(w, &in->key);
}

static bool key_ok(const struct gms_vault_answer *answer)
{
    return gms_wire_key_ok(&answer->key);
}

static void envelopes_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out)
{
    struct gms_vault_envelope *at;

    out->envelopes.first = gms_wire_count_read(r, "first", FIRST_MAX);
    out->envelopes.count =
        gms_wire_count_read(r, "count", GMS_VAULT_RECIPIENTS_MAX);
    at = gms_wire_array(r, arena, out->envelopes.count, sizeof(*at));
    for (size_t i = 0; at != NULL && i < out->envelopes.count; i++) {
        at[i].guk_id = mcptt_key_id_read(r, "guk_id");
        at[i].envelope = rd_span(r, GMS_ENVELOPE_LEN, "envelope");
    }
    out->envelopes.at = at;
}

static void envelopes_write(struct wr *w, const struct gms_vault_answer *in)
{
    wr_u16(w, (uint16_t)in->envelopes.first);
    wr_u16(w, (uint16_t)in->envelopes.count);
    for (size_t i = 0; i < in->envelopes.count; i++) {
        mcptt_key_id_write(w, in->envelopes.at[i].guk_id);
        wr_span(w, in->envelopes.at[i].envelope);
    }
}

static bool envelopes_ok(const struct gms_vault_answer *answer)
{
    size_t count = answer->envelopes.count;

    for (size_t i = 0; i < count; i++)
        if (answer->envelopes.at[i].envelope.len != GMS_ENVELOPE_LEN)
            return false;
    return count > 0 && count <= GMS_VAULT_RECIPIENTS_MAX &&
           answer->envelopes.first <= GMS_VAULT_RECIPIENTS_MAX - count;
}

static void messages_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out)
{
    struct span *at;

    out->messages.first = gms_wire_count_read(r, "first", FIRST_MAX);
    out->messages.count = gms_wire_count_read(r, "count", GMS_VAULT_SIGN_MAX);
    at = gms_wire_array(r, arena, out->messages.count, sizeof(*at));
    for (size_t i = 0; at != NULL && i < out->messages.count; i++)
        at[i] = gms_wire_text_read(r, "message");
    out->messages.at = at;
}

static void messages_write(struct wr *w, const struct gms_vault_answer *in)
{
    wr_u16(w, (uint16_t)in->messages.first);
    wr_u16(w, (uint16_t)in->messages.count);
    for (size_t i = 0; i < in->messages.count; i++)
        gms_wire_text_write(w, in->messages.at[i]);
}

static bool messages_ok(const struct gms_vault_answer *answer)
{
    size_t count = answer->messages.count;

    for (size_t i = 0; i < count; i++)
        if (answer->messages.at[i].len == 0)
            return false;
    return count > 0 && count <= GMS_VAULT_SIGN_MAX &&
           answer->messages.first <= GMS_VAULT_SIGN_MAX - count;
}

static void csk_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out)
{
    struct gms_vault_csk_opened *csk = &out->csk;
    struct span key;

    (void)arena;
    csk->sender = gms_wire_text_read(r, "sender");
    csk->id = mcptt_key_id_read(r, "csk_id");
    csk->until_s = rd_u64(r, "until");
    key = rd_span(r, sizeof(csk->key.b), "key");
    if (key.p != NULL)
        memcpy(csk->key.b, key.p, sizeof(csk->key.b));
}

static void csk_write(struct wr *w, const struct gms_vault_answer *in)
{
    gms_wire_text_write(w, in->csk.sender);
    mcptt_key_id_write(w, in->csk.id);
    wr_u64(w, in->csk.until_s);
    wr_span(w, SPAN_OF(in->csk.key.b));
}

static bool csk_ok(const struct gms_vault_answer *answer)
{
    return mcptt_id_check(answer->csk.sender) == MU_OK &&
           mcptt_key_id_tag(answer->csk.id) == MCPTT_KIND_CSK;
}

static void objects_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out)
{
    struct span *at;

    out->objects.first = gms_wire_count_read(r, "first", FIRST_MAX);
    out->objects.count = gms_wire_count_read(r, "count", GMS_VAULT_RESEAL_MAX);
    at = gms_wire_array(r, arena, out->objects.count, sizeof(*at));
    for (size_t i = 0; at != NULL && i < out->objects.count; i++)
        at[i] = gms_wire_text_read(r, "object");
    out->objects.at = at;
}

static void objects_write(struct wr *w, const struct gms_vault_answer *in)
{
    wr_u16(w, (uint16_t)in->objects.first);
    wr_u16(w, (uint16_t)in->objects.count);
    for (size_t i = 0; i < in->objects.count; i++)
        gms_wire_text_write(w, in->objects.at[i]);
}

static bool objects_ok(const struct gms_vault_answer *answer)
{
    size_t count = answer->objects.count;

    for (size_t i = 0; i < count; i++) {
        size_t len = answer->objects.at[i].len;

        if (len != 0 && len != GMS_SEALED_KEY_LEN && len != GMS_ENVELOPE_LEN)
            return false;
    }
    return count > 0 && count <= GMS_VAULT_RESEAL_MAX &&
           answer->objects.first <= GMS_VAULT_RESEAL_MAX - count;
}

static const struct row rows[GMS_VAULT_OPS] = {
    [GMS_VAULT_HELLO] = {hello_read, hello_write, hello_ok},
    [GMS_VAULT_CERT] = {NULL, NULL, NULL},
    [GMS_VAULT_KEYS] = {NULL, NULL, NULL},
    [GMS_VAULT_NEW_KEY] = {key_read, key_write, key_ok},
    [GMS_VAULT_WRAP] = {envelopes_read, envelopes_write, envelopes_ok},
    [GMS_VAULT_SIGN] = {messages_read, messages_write, messages_ok},
    [GMS_VAULT_EXCLUDE] = {NULL, NULL, NULL},
    [GMS_VAULT_ADMIT] = {NULL, NULL, NULL},
    [GMS_VAULT_RECEIPT] = {NULL, NULL, NULL},
    [GMS_VAULT_CSK] = {csk_read, csk_write, csk_ok},
    [GMS_VAULT_RESEAL] = {objects_read, objects_write, objects_ok},
};

/* The body of an answer that says no. It is the last one. */
static void error_read(
    struct rd *r, struct mu_arena *arena, struct gms_vault_answer *out)
{
    uint8_t refusal = rd_u8(r, "refusal");

    (void)arena;
    rd_check(r, refusal < GMS_REFUSALS, MU_E_MALFORMED, "refusal");
    out->refusal = (enum gms_vault_refusal)refusal;
    out->why = gms_wire_text_read(r, "why");
}

static void error_write(struct wr *w, const struct gms_vault_answer *in)
{
    wr_u8(w, (uint8_t)in->refusal);
    gms_wire_text_write(w, in->why);
}

static bool error_ok(const struct gms_vault_answer *answer)
{
    return answer->last && answer->refusal < GMS_REFUSALS;
}

static const struct row *row_of(const struct gms_vault_answer *answer)
{
    static const struct row error = {error_read, error_write, error_ok};

    if (answer->op < GMS_VAULT_HELLO || answer->op >= GMS_VAULT_OPS)
        return NULL;
    return answer->err == MU_OK ? &rows[answer->op] : &error;
}

static bool is_ok(const struct row *row, const struct gms_vault_answer *answer)
{
    return row->ok == NULL || row->ok(answer);
}

enum mu_err gms_vault_answer_write(
    struct wr *w, const struct gms_vault_answer *in)
{
    const struct row *row = row_of(in);

    if (row == NULL || !is_ok(row, in))
        return MU_E_MALFORMED;
    gms_wire_head_write(w, in->op, in->id);
    wr_u8(w, (uint8_t)in->err);
    gms_wire_flag_write(w, in->last);
    if (row->write != NULL)
        row->write(w, in);
    return gms_wire_close(w);
}

static void head_read(struct rd *r, struct gms_vault_answer *out)
{
    uint8_t err;

    gms_wire_head_read(r, &out->op, &out->id);
    err = rd_u8(r, "err");
    rd_check(r, err <= MU_E_CRYPTO, MU_E_MALFORMED, "err");
    out->err = (enum mu_err)err;
    out->last = gms_wire_flag_read(r, "last");
}

enum mu_err gms_vault_answer_read(
    struct span frame, struct mu_arena *arena, struct gms_vault_answer *out)
{
    struct gms_vault_answer got = {.id = 0};
    const struct row *row;
    struct rd r;

    if (frame.len > GMS_VAULT_FRAME_MAX)
        return MU_E_MALFORMED;
    rd_init(&r, frame);
    head_read(&r, &got);
    TRY(rd_err(&r));
    row = row_of(&got);
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
