/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/wire.h"

void gms_wire_head_read(struct rd *r, enum gms_vault_op *op, uint32_t *id)
{
    uint8_t version, raw;

    version = rd_u8(r, "version");
    rd_check(r, version == GMS_WIRE_VERSION, MU_E_UNSUPPORTED, "version");
    raw = rd_u8(r, "op");
    rd_check(
        r, raw >= GMS_VAULT_HELLO && raw < GMS_VAULT_OPS, MU_E_MALFORMED, "op");
    *op = (enum gms_vault_op)raw;
    *id = rd_u32(r, "id");
}

void gms_wire_head_write(struct wr *w, enum gms_vault_op op, uint32_t id)
{
    wr_u8(w, GMS_WIRE_VERSION);
    wr_u8(w, (uint8_t)op);
    wr_u32(w, id);
}

struct span gms_wire_text_read(struct rd *r, const char *field)
{
    return rd_span(r, rd_u16(r, field), field);
}

void gms_wire_text_write(struct wr *w, struct span text)
{
    size_t mark = wr_len16_open(w);

    wr_span(w, text);
    wr_len16_close(w, mark);
}

bool gms_wire_flag_read(struct rd *r, const char *field)
{
    uint8_t raw = rd_u8(r, field);

    rd_check(r, raw <= 1, MU_E_MALFORMED, field);
    return raw == 1;
}

void gms_wire_flag_write(struct wr *w, bool flag)
{
    wr_u8(w, flag ? 1 : 0);
}

void gms_wire_key_read(struct rd *r, struct gms_sealed_key *out)
{
    out->id = mcptt_key_id_read(r, "key_id");
    out->group = gms_wire_text_read(r, "group");
    out->epoch = rd_u64(r, "epoch");
    out->sealed = rd_span(r, GMS_SEALED_KEY_LEN, "sealed_key");
}

void gms_wire_key_write(struct wr *w, const struct gms_sealed_key *in)
{
    mcptt_key_id_write(w, in->id);
    gms_wire_text_write(w, in->group);
    wr_u64(w, in->epoch);
    wr_span(w, in->sealed);
}

bool gms_wire_key_ok(const struct gms_sealed_key *key)
{
    return mcptt_key_id_tag(key->id) < MCPTT_KINDS &&
           mcptt_id_check(key->group) == MU_OK &&
           key->sealed.len == GMS_SEALED_KEY_LEN;
}

size_t gms_wire_count_read(struct rd *r, const char *field, size_t max)
{
    size_t count = rd_u16(r, field);

    rd_check(r, count <= max, MU_E_MALFORMED, field);
    return rd_err(r) == MU_OK ? count : 0;
}

void *gms_wire_array(
    struct rd *r, struct mu_arena *arena, size_t count, size_t size)
{
    void *at = mu_arena_alloc(arena, count, size);

    if (at == NULL)
        rd_fail(
            r, (struct rd_fault){mu_arena_err(arena), "array", rd_at(r), NULL});
    return at;
}

enum mu_err gms_wire_close(const struct wr *w)
{
    struct span frame;

    TRY(wr_close(w, &frame));
    return frame.len <= GMS_VAULT_FRAME_MAX ? MU_OK : MU_E_NO_SPACE;
}
