/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/idr.h"

#include <assert.h>

/* | ID type (8) | ID length (16) | ID data | */
static void value_read(struct rd *r, struct mikey_idr *out)
{
    size_t len;

    out->type = rd_u8(r, "id_type");
    len = rd_u16(r, "id_len");
    rd_rule(r, len > 0, MU_E_MALFORMED, "id_len", "an identity has octets");
    out->id = rd_span(r, len, "id");
}

static void value_write(struct wr *w, const struct mikey_idr *in)
{
    assert(in->id.len > 0 && in->id.len <= UINT16_MAX);
    wr_u8(w, in->type);
    wr_u16(w, (uint16_t)in->id.len);
    wr_span(w, in->id);
}

/* | next payload (8) | ID type (8) | ID length (16) | ID data |
 * RFC 3830 clause 6.7 */
void mikey_id_read(struct rd *r, struct mikey_idr *out)
{
    out->next = rd_u8(r, "next");
    out->role = 0;
    value_read(r, out);
}

void mikey_id_write(struct wr *w, const struct mikey_idr *in)
{
    wr_u8(w, in->next);
    value_write(w, in);
}

/* | next payload (8) | ID role (8) | ID type (8) | ID length (16) | ID data |
 * RFC 6043 clause 6.6 */
void mikey_idr_read(struct rd *r, struct mikey_idr *out)
{
    out->next = rd_u8(r, "next");
    out->role = rd_u8(r, "id_role");
    value_read(r, out);
}

void mikey_idr_write(struct wr *w, const struct mikey_idr *in)
{
    wr_u8(w, in->next);
    wr_u8(w, in->role);
    value_write(w, in);
}

/* A lead octet of UTF-8: how many octets, and the least character for which
 * so many are the shortest form (RFC 3629 clause 3). */
static const struct lead {
    uint8_t mask, value, len;
    uint32_t least;
} leads[] = {
    {0x80, 0x00, 1, 0x00},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

static const struct lead *lead_of(uint8_t octet)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
        if ((octet & leads[i].mask) == leads[i].value)
            return &leads[i];
    return NULL;
}

static uint32_t continued(struct rd *r, uint32_t c, const struct lead *lead)
{
    for (unsigned i = 1; i < lead->len; i++) {
        uint8_t octet = rd_u8(r, "character");

        rd_check(r, (octet & 0xc0) == 0x80, MU_E_MALFORMED, "character");
        c = c << 6 | (octet & 0x3f);
    }
    return c;
}

static bool is_visible(uint32_t c)
{
    return c > ' ' && (c < 0x7f || c > 0xa0);
}

static void check_character(struct rd *r)
{
    uint8_t octet = rd_u8(r, "character");
    const struct lead *lead = lead_of(octet);
    uint32_t c;

    rd_check(r, lead != NULL, MU_E_MALFORMED, "character");
    if (lead == NULL)
        return;
    c = continued(r, octet & (uint8_t)~lead->mask, lead);
    rd_check(r, c >= lead->least && c <= 0x10ffff, MU_E_MALFORMED, "character");
    rd_check(r, c < 0xd800 || c > 0xdfff, MU_E_MALFORMED, "character");
    rd_check(r, is_visible(c), MU_E_MALFORMED, "character");
}

bool mikey_id_is_text(struct span id)
{
    struct rd r;

    rd_init(&r, id);
    while (rd_more(&r))
        check_character(&r);
    return id.len > 0 && rd_err(&r) == MU_OK;
}
