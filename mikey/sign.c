/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/sign.h"

#include <assert.h>

#define LEN_BITS 12
#define LEN_MAX  ((1U << LEN_BITS) - 1)

/* | S type (4) length (12) | signature |   RFC 3830 clause 6.5. The length of
 * ECCSI counts octets, 129; TS 33.180 clause E.1.2 prints another by mistake.
 */
void mikey_sign_read(struct rd *r, struct mikey_sign *out)
{
    uint16_t head = rd_bits16(r, "s_type_len");
    size_t len = head & LEN_MAX;

    out->type = (uint8_t)(head >> LEN_BITS);
    rd_note(r, "s_type", out->type);
    rd_note(r, "signature_len", len);
    if (out->type == MIKEY_SIGN_ECCSI)
        rd_rule(r, len == MIKEY_SIGN_ECCSI_LEN, MU_E_MALFORMED, "s_type_len",
            "an ECCSI signature has 129 octets");
    out->signature = rd_span(r, len, "signature");
}

static void head_write(struct wr *w, uint8_t type, size_t len)
{
    assert(type < 16 && len <= LEN_MAX);
    wr_u16(w, (uint16_t)((size_t)type << LEN_BITS | len));
}

void mikey_sign_write(struct wr *w, const struct mikey_sign *in)
{
    head_write(w, in->type, in->signature.len);
    wr_span(w, in->signature);
}

void mikey_sign_eccsi_head_write(struct wr *w)
{
    head_write(w, MIKEY_SIGN_ECCSI, MIKEY_SIGN_ECCSI_LEN);
}
