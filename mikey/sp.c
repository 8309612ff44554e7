/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/sp.h"

#include <assert.h>

/* Names of SRTP parameters by type (RFC 3830 clause 6.10.1, RFC 4771 clause 4,
 * RFC 7714 clause 14.2). */
static const char *const srtp_values[] = {"srtp_encr_alg", "encr_key_len",
    "srtp_auth_alg", "auth_key_len", "salt_len", "srtp_prf",
    "key_derivation_rate", "srtp_encr", "srtcp_encr", "srtp_fec_order",
    "srtp_auth", "auth_tag_len", "prefix_len", "roc_rate", "rtp_auth_alg",
    "rtcp_auth_alg", "rtp_auth_key_len", "rtcp_auth_key_len", "rtp_tag_len",
    "rtcp_tag_len", "aead_tag_len"};

#define SRTP_KNOWN (sizeof(srtp_values) / sizeof(srtp_values[0]))

static const char *type_name(uint8_t prot_type)
{
    if (prot_type == MIKEY_PROT_SRTP)
        return "srtp_param";
    return prot_type == MIKEY_PROT_TESLA ? "tesla_param" : "param_type";
}

static struct span value_read(struct rd *r, size_t len, const char *field)
{
    size_t at = rd_at(r);

    if (len == 1)
        (void)rd_u8(r, field);
    else if (len == 2)
        (void)rd_u16(r, field);
    else
        (void)rd_span(r, len, field);
    return rd_since(r, at);
}

/* | type (8) | length (8) | value |   seen, or NULL: types of this policy. */
static void param_read(
    struct rd *r, uint8_t prot_type, bool *seen, struct mikey_sp_param *out)
{
    const char *field = "param_value";
    size_t len;

    out->type = rd_u8(r, type_name(prot_type));
    if (seen != NULL) {
        rd_rule(r, !seen[out->type], MU_E_MALFORMED, type_name(prot_type),
            "given twice");
        seen[out->type] = true;
    }
    len = rd_u8(r, "param_len");
    if (prot_type == MIKEY_PROT_SRTP && out->type < SRTP_KNOWN) {
        /* RFC 4771 clause 4 gives the rate 16 bits, deployed products 8. */
        rd_rule(r, len == 1 || (len == 2 && out->type == MIKEY_SRTP_ROC_RATE),
            MU_E_MALFORMED, "param_len", "the parameter has one octet");
        field = srtp_values[out->type];
    }
    out->value = value_read(r, len, field);
}

void mikey_sp_param_read(
    struct rd *r, uint8_t prot_type, struct mikey_sp_param *out)
{
    param_read(r, prot_type, NULL, out);
}

void mikey_sp_param_write(struct wr *w, const struct mikey_sp_param *in)
{
    assert(in->value.len <= UINT8_MAX);
    wr_u8(w, in->type);
    wr_u8(w, (uint8_t)in->value.len);
    wr_span(w, in->value);
}

static void params_read(struct rd *r, uint8_t prot_type)
{
    bool seen[UINT8_MAX + 1] = {false};
    struct mikey_sp_param param;

    while (rd_more(r)) {
        rd_enter(r, "params");
        param_read(r, prot_type, seen, &param);
        rd_leave(r, "params");
    }
}

/* | next payload (8) | policy no (8) | prot type (8) | length (16) | params |
 * RFC 3830 clause 6.10 */
void mikey_sp_read(struct rd *r, struct mikey_sp *out)
{
    struct rd params;
    size_t at, len;

    out->next = rd_u8(r, "next");
    out->policy_no = rd_u8(r, "policy_no");
    out->prot_type = rd_u8(r, "prot_type");
    len = rd_u16(r, "params_len");
    at = rd_at(r);
    params = rd_sub(r, len, "params");
    params_read(&params, out->prot_type);
    rd_join(r, &params);
    out->params = rd_since(r, at);
}

void mikey_sp_write(struct wr *w, const struct mikey_sp *in)
{
    assert(in->params.len <= UINT16_MAX);
    wr_u8(w, in->next);
    wr_u8(w, in->policy_no);
    wr_u8(w, in->prot_type);
    wr_u16(w, (uint16_t)in->params.len);
    wr_span(w, in->params);
}

static uint32_t number(struct span value, uint32_t absent)
{
    uint32_t v = 0;

    if (value.len == 0 || value.len > sizeof(v))
        return absent;
    for (size_t i = 0; i < value.len; i++)
        v = v << 8 | value.p[i];
    return v;
}

uint32_t mikey_sp_number(
    const struct mikey_sp *sp, uint8_t type, uint32_t absent)
{
    struct mikey_sp_param param;
    struct rd r;

    rd_init(&r, sp->params);
    while (rd_more(&r)) {
        mikey_sp_param_read(&r, sp->prot_type, &param);
        if (rd_err(&r) == MU_OK && param.type == type)
            return number(param.value, absent);
    }
    return absent;
}
