/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/hdr.h"

#include <assert.h>

#define V_BIT 0x80U

static void map_read(struct rd *r, struct mikey_hdr *out)
{
    size_t at = rd_at(r);
    struct mikey_cs cs;

    rd_rule(r, out->map_type <= MIKEY_MAP_GENERIC_ID, MU_E_UNSUPPORTED,
        "map_type", "no such CS ID map");
    if (out->map_type == MIKEY_MAP_EMPTY) /* RFC 4563 clause 5 */
        rd_rule(r, out->cs_count == 0, MU_E_MALFORMED, "map_type",
            "an empty map cannot hold crypto sessions");
    for (unsigned i = 0; i < out->cs_count && rd_err(r) == MU_OK; i++)
        mikey_cs_read(r, out->map_type, &cs);
    out->map = rd_since(r, at);
}

/* | version (8) | data type (8) | next payload (8) | V (1) PRF func (7) |
 * | CSB ID (32) | #CS (8) | CS ID map type (8) | CS ID map info |
 * RFC 3830 clause 6.1 */
void mikey_hdr_read(struct rd *r, struct mikey_hdr *out)
{
    uint8_t version, v_prf;

    version = rd_u8(r, "version");
    rd_rule(r, version == MIKEY_VERSION, MU_E_UNSUPPORTED, "version",
        "not version 1");
    out->data_type = rd_u8(r, "data_type");
    out->next = rd_u8(r, "next");
    v_prf = rd_bits8(r, "v_prf");
    out->v = (v_prf & V_BIT) != 0;
    out->prf = v_prf % V_BIT;
    rd_note(r, "v", out->v);
    rd_note(r, "prf", out->prf);
    out->csb_id = rd_u32(r, "csb_id");
    out->cs_count = rd_u8(r, "cs_count");
    out->map_type = rd_u8(r, "map_type");
    map_read(r, out);
}

void mikey_hdr_write(struct wr *w, const struct mikey_hdr *in)
{
    assert(in->prf < V_BIT);
    assert(in->map_type != MIKEY_MAP_EMPTY ||
           (in->cs_count == 0 && in->map.len == 0));
    wr_u8(w, MIKEY_VERSION);
    wr_u8(w, in->data_type);
    wr_u8(w, in->next);
    wr_u8(w, (uint8_t)((in->v ? V_BIT : 0) | in->prf));
    wr_u32(w, in->csb_id);
    wr_u8(w, in->cs_count);
    wr_u8(w, in->map_type);
    wr_span(w, in->map);
}

bool mikey_hdr_cs(const struct mikey_hdr *hdr, unsigned i, struct mikey_cs *out)
{
    struct mikey_cs cs = {0};
    struct rd r;

    if (i >= hdr->cs_count)
        return false;
    rd_init(&r, hdr->map);
    for (unsigned n = 0; n <= i; n++)
        mikey_cs_read(&r, hdr->map_type, &cs);
    if (rd_err(&r) != MU_OK)
        return false;
    /* RFC 3830 clause 6.1.1: the i-th entry of an SRTP-ID map is CS ID i. */
    if (hdr->map_type == MIKEY_MAP_SRTP_ID)
        cs.cs_id = (uint8_t)(i + 1);
    *out = cs;
    return true;
}
