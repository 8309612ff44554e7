/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/keydata.h"

#include <assert.h>

/* Octets of a value by group: OAKLEY 5, 1 and 2 (RFC 3830 clause 6.4). */
static const uint8_t dh_lens[] = {192, 96, 128};

/* TGK+SALT, TEK+SALT and GTGK+SALT (RFC 3830 clause 6.13.a, RFC 6043). */
static bool has_salt(uint8_t key_type)
{
    return key_type == 1 || key_type == 3 || key_type == 5;
}

/* The octet before: what (4) KV (4). */
static uint8_t kv_type_read(
    struct rd *r, const char *octet, const char *what, struct mikey_kv *kv)
{
    uint8_t v = rd_bits8(r, octet);

    *kv = (struct mikey_kv){.type = v & 0x0f};
    rd_note(r, what, v >> 4);
    rd_note(r, "kv_type", kv->type);
    rd_rule(r, kv->type <= MIKEY_KV_INTERVAL, MU_E_UNSUPPORTED, octet,
        "no such key validity");
    return v >> 4;
}

static void kv_type_write(struct wr *w, uint8_t what, const struct mikey_kv *kv)
{
    assert(what < 16 && kv->type <= MIKEY_KV_INTERVAL);
    wr_u8(w, (uint8_t)(what << 4 | kv->type));
}

/* | SPI length (8) | SPI |  or
 * | VF length (8) | valid from | VT length (8) | valid to |
 * RFC 3830 clause 6.14 */
static void kv_read(struct rd *r, struct mikey_kv *out)
{
    if (out->type == MIKEY_KV_SPI)
        out->spi = rd_span(r, rd_u8(r, "spi_len"), "spi");
    if (out->type == MIKEY_KV_INTERVAL) {
        out->from = rd_span(r, rd_u8(r, "valid_from_len"), "valid_from");
        out->to = rd_span(r, rd_u8(r, "valid_to_len"), "valid_to");
    }
}

static void len8_write(struct wr *w, struct span v)
{
    assert(v.len <= UINT8_MAX);
    wr_u8(w, (uint8_t)v.len);
    wr_span(w, v);
}

static void kv_write(struct wr *w, const struct mikey_kv *in)
{
    if (in->type == MIKEY_KV_SPI)
        len8_write(w, in->spi);
    if (in->type == MIKEY_KV_INTERVAL) {
        len8_write(w, in->from);
        len8_write(w, in->to);
    }
}

static void len16_write(struct wr *w, struct span v)
{
    assert(v.len <= UINT16_MAX);
    wr_u16(w, (uint16_t)v.len);
    wr_span(w, v);
}

/* | next payload (8) | type (4) KV (4) | key len (16) | key |
 * | [salt len (16) | salt] | KV data |   RFC 3830 clause 6.13 */
void mikey_key_data_read(struct rd *r, struct mikey_key_data *out)
{
    out->next = rd_u8(r, "next");
    out->type = kv_type_read(r, "type_kv", "key_data_type", &out->kv);
    out->key = rd_span(r, rd_u16(r, "key_len"), "key");
    out->salt = (struct span){NULL, 0};
    if (has_salt(out->type))
        out->salt = rd_span(r, rd_u16(r, "salt_len"), "salt");
    kv_read(r, &out->kv);
}

void mikey_key_data_write(struct wr *w, const struct mikey_key_data *in)
{
    wr_u8(w, in->next);
    kv_type_write(w, in->type, &in->kv);
    len16_write(w, in->key);
    if (has_salt(in->type))
        len16_write(w, in->salt);
    kv_write(w, &in->kv);
}

/* | next payload (8) | DH group (8) | DH value | reserved (4) KV (4) |
 * | KV data |   RFC 3830 clause 6.4 */
void mikey_dh_read(struct rd *r, struct mikey_dh *out)
{
    out->next = rd_u8(r, "next");
    out->group = rd_u8(r, "dh_group");
    rd_rule(r, out->group < sizeof(dh_lens), MU_E_UNSUPPORTED, "dh_group",
        "no such group");
    if (rd_err(r) == MU_OK)
        out->value = rd_span(r, dh_lens[out->group], "dh_value");
    out->reserved = kv_type_read(r, "reserved_kv", "reserved", &out->kv);
    kv_read(r, &out->kv);
}

void mikey_dh_write(struct wr *w, const struct mikey_dh *in)
{
    assert(in->group < sizeof(dh_lens));
    assert(in->value.len == dh_lens[in->group]);
    wr_u8(w, in->next);
    wr_u8(w, in->group);
    wr_span(w, in->value);
    kv_type_write(w, in->reserved, &in->kv);
    kv_write(w, &in->kv);
}
