/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/pubkey.h"

#include <assert.h>

#define PKE_LEN_BITS 14
#define PKE_LEN_MAX  ((1U << PKE_LEN_BITS) - 1)

/* Octets of a hash by function: SHA-1, MD5, SHA-256 (RFC 3830 clause 6.8, RFC
 * 6309). */
static const uint8_t hash_lens[] = {20, 16, 32};

/* | next payload (8) | C (2) data len (14) | data |   RFC 3830 clause 6.3 */
void mikey_pke_read(struct rd *r, struct mikey_pke *out)
{
    uint16_t c_len;
    size_t len;

    out->next = rd_u8(r, "next");
    c_len = rd_bits16(r, "c_len");
    out->cache = (uint8_t)(c_len >> PKE_LEN_BITS);
    len = c_len & PKE_LEN_MAX;
    rd_note(r, "pke_cache", out->cache);
    rd_note(r, "pke_len", len);
    out->data = rd_span(r, len, "pke_data");
}

void mikey_pke_write(struct wr *w, const struct mikey_pke *in)
{
    assert(in->cache < 4 && in->data.len <= PKE_LEN_MAX);
    wr_u8(w, in->next);
    wr_u16(w, (uint16_t)((size_t)in->cache << PKE_LEN_BITS | in->data.len));
    wr_span(w, in->data);
}

/* | next payload (8) | cert type (8) | cert length (16) | cert data |
 * RFC 3830 clause 6.7 */
void mikey_cert_read(struct rd *r, struct mikey_cert *out)
{
    out->next = rd_u8(r, "next");
    out->type = rd_u8(r, "cert_type");
    out->cert = rd_span(r, rd_u16(r, "cert_len"), "cert");
}

void mikey_cert_write(struct wr *w, const struct mikey_cert *in)
{
    assert(in->cert.len <= UINT16_MAX);
    wr_u8(w, in->next);
    wr_u8(w, in->type);
    wr_u16(w, (uint16_t)in->cert.len);
    wr_span(w, in->cert);
}

/* | next payload (8) | hash func (8) | hash |   RFC 3830 clause 6.8 */
void mikey_chash_read(struct rd *r, struct mikey_chash *out)
{
    out->next = rd_u8(r, "next");
    out->func = rd_u8(r, "hash_func");
    rd_rule(r, out->func < sizeof(hash_lens), MU_E_UNSUPPORTED, "hash_func",
        "no such hash");
    if (rd_err(r) == MU_OK)
        out->hash = rd_span(r, hash_lens[out->func], "hash");
}

void mikey_chash_write(struct wr *w, const struct mikey_chash *in)
{
    assert(in->func < sizeof(hash_lens));
    assert(in->hash.len == hash_lens[in->func]);
    wr_u8(w, in->next);
    wr_u8(w, in->func);
    wr_span(w, in->hash);
}
