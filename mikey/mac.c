/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/mac.h"

#include <assert.h>

/* Octets of a MAC by algorithm: NULL, HMAC-SHA-1-160, HMAC-SHA-256-256 (RFC
 * 3830 clause 6.2.b, RFC 6043 clause 6.2). */
static const uint8_t mac_lens[] = {0, 20, 32};

static struct span mac_read(struct rd *r, const char *alg_field, uint8_t *alg)
{
    *alg = rd_u8(r, alg_field);
    rd_rule(r, *alg < sizeof(mac_lens), MU_E_UNSUPPORTED, alg_field,
        "no such algorithm");
    if (rd_err(r) != MU_OK)
        return (struct span){NULL, 0};
    return rd_span(r, mac_lens[*alg], "mac");
}

static void mac_write(struct wr *w, uint8_t alg, struct span mac)
{
    assert(alg < sizeof(mac_lens) && mac.len == mac_lens[alg]);
    wr_u8(w, alg);
    wr_span(w, mac);
}

/* | next payload (8) | encr alg (8) | encr data len (16) | encr data |
 * | MAC alg (8) | MAC |   RFC 3830 clause 6.2 */
void mikey_kemac_read(struct rd *r, struct mikey_kemac *out)
{
    out->next = rd_u8(r, "next");
    out->encr_alg = rd_u8(r, "encr_alg");
    out->encr_data = rd_span(r, rd_u16(r, "encr_len"), "encr_data");
    out->mac = mac_read(r, "mac_alg", &out->mac_alg);
}

void mikey_kemac_write(struct wr *w, const struct mikey_kemac *in)
{
    assert(in->encr_data.len <= UINT16_MAX);
    wr_u8(w, in->next);
    wr_u8(w, in->encr_alg);
    wr_u16(w, (uint16_t)in->encr_data.len);
    wr_span(w, in->encr_data);
    mac_write(w, in->mac_alg, in->mac);
}

/* | next payload (8) | auth alg (8) | ver data |   RFC 3830 clause 6.9 */
void mikey_v_read(struct rd *r, struct mikey_v *out)
{
    out->next = rd_u8(r, "next");
    out->mac = mac_read(r, "auth_alg", &out->auth_alg);
}

void mikey_v_write(struct wr *w, const struct mikey_v *in)
{
    wr_u8(w, in->next);
    mac_write(w, in->auth_alg, in->mac);
}
