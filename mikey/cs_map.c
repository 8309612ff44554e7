/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/cs_map.h"

#include <assert.h>

#define S_BIT           0x80
#define SSRC_LEN        4
#define SSRC_TO_SEQ_LEN 10

/* | policy no (8) | SSRC (32) | ROC (32) |   RFC 3830 clause 6.1.1 */
static void srtp_id_read(struct rd *r, struct mikey_cs *out)
{
    out->policies = rd_span(r, 1, "policy_no");
    out->ssrc = rd_u32(r, "ssrc");
    out->roc = rd_u32(r, "roc");
}

static void srtp_id_write(struct wr *w, const struct mikey_cs *in)
{
    assert(in->policies.len == 1);
    wr_span(w, in->policies);
    wr_u32(w, in->ssrc);
    wr_u32(w, in->roc);
}

/* | SSRC (32) | [ROC (32) | SEQ (16)] |   RFC 6043 clause 6.1.1 */
static void srtp_session_read(struct rd *r, size_t len, struct mikey_cs *out)
{
    out->session = len > 0;
    rd_rule(r,
        len == (out->s ? SSRC_TO_SEQ_LEN : SSRC_LEN) || (len == 0 && !out->s),
        MU_E_MALFORMED, "session_len", "does not fit the S bit");
    if (len > 0)
        out->ssrc = rd_u32(r, "ssrc");
    if (out->s) {
        out->roc = rd_u32(r, "roc");
        out->seq = rd_u16(r, "seq");
    }
}

static void srtp_session_write(struct wr *w, const struct mikey_cs *in)
{
    assert(in->session || !in->s);
    if (in->session)
        wr_u32(w, in->ssrc);
    if (in->s) {
        wr_u32(w, in->roc);
        wr_u16(w, in->seq);
    }
}

/* | CS ID (8) | prot type (8) | S (1) #P (7) | policy numbers |
 * | session data length (16) | session data | SPI length (8) | SPI |
 * RFC 6043 clause 6.1.1 */
static void generic_id_read(struct rd *r, struct mikey_cs *out)
{
    size_t count, len;
    uint8_t s_count;

    out->cs_id = rd_u8(r, "cs_id");
    out->prot_type = rd_u8(r, "prot_type");
    s_count = rd_bits8(r, "s_policy_count");
    out->s = (s_count & S_BIT) != 0;
    count = s_count % S_BIT;
    rd_note(r, "s", out->s);
    rd_note(r, "policy_count", count);
    out->policies = rd_span(r, count, "policies");
    len = rd_u16(r, "session_len");
    if (out->prot_type == MIKEY_PROT_SRTP)
        srtp_session_read(r, len, out);
    else
        out->session_data = rd_span(r, len, "session_data");
    len = rd_u8(r, "spi_len");
    out->spi = rd_span(r, len, "spi");
}

static void generic_id_write(struct wr *w, const struct mikey_cs *in)
{
    size_t mark;

    assert(in->policies.len < S_BIT && in->spi.len <= UINT8_MAX);
    wr_u8(w, in->cs_id);
    wr_u8(w, in->prot_type);
    wr_u8(w, (uint8_t)((in->s ? S_BIT : 0) | in->policies.len));
    wr_span(w, in->policies);
    mark = wr_len16_open(w);
    if (in->prot_type == MIKEY_PROT_SRTP)
        srtp_session_write(w, in);
    else
        wr_span(w, in->session_data);
    wr_len16_close(w, mark);
    wr_u8(w, (uint8_t)in->spi.len);
    wr_span(w, in->spi);
}

void mikey_cs_read(
    struct rd *r, enum mikey_map_type map_type, struct mikey_cs *out)
{
    assert(map_type != MIKEY_MAP_EMPTY);
    *out = (struct mikey_cs){.prot_type = MIKEY_PROT_SRTP};
    rd_enter(r, "cs");
    if (map_type == MIKEY_MAP_SRTP_ID)
        srtp_id_read(r, out);
    else
        generic_id_read(r, out);
    rd_leave(r, "cs");
}

void mikey_cs_write(
    struct wr *w, enum mikey_map_type map_type, const struct mikey_cs *in)
{
    assert(map_type != MIKEY_MAP_EMPTY);
    if (map_type == MIKEY_MAP_SRTP_ID)
        srtp_id_write(w, in);
    else
        generic_id_write(w, in);
}
