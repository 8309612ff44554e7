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

/* Octets that follow the first octet of a UTF-8 character, or -1 for an octet
 * that begins none (RFC 3629 clause 3). */
static int utf8_follow(uint8_t first)
{
    if (first < 0x80)
        return 0;
    if (first >= 0xc2 && first < 0xe0)
        return 1;
    if (first >= 0xe0 && first < 0xf0)
        return 2;
    return first >= 0xf0 && first < 0xf5 ? 3 : -1;
}

bool mikey_id_is_text(struct span id)
{
    int follow = 0;

    for (size_t i = 0; i < id.len; i++) {
        if (follow > 0 && (id.p[i] & 0xc0) == 0x80) {
            follow--;
            continue;
        }
        if (follow > 0 || id.p[i] <= ' ' || id.p[i] == 0x7f)
            return false;
        follow = utf8_follow(id.p[i]);
        if (follow < 0)
            return false;
    }
    return id.len > 0 && follow == 0;
}
