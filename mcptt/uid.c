/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/uid.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

/* FC is a dummy here; the text keeps UIDs apart from all other hashes. */
#define FC_UID 0x00

static const char p0[] = "MIKEY-SAKKE-UID";

#define S_MAX (1UL + sizeof(p0) - 1 + 2UL * MCPTT_ID_MAX + 3UL * 8 + 6UL * 2)

bool mcptt_uid_eq(const struct mcptt_uid *a, const struct mcptt_uid *b)
{
    return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static void add_octets(struct wr *s, struct span p)
{
    wr_span(s, p);
    wr_u16(s, (uint16_t)p.len);
}

/* TS 33.220 clause B.2.1.3: the fewest octets, zero is one octet. */
static void add_integer(struct wr *s, uint64_t v)
{
    uint16_t octets = 1;

    while (octets < 8 && v >> (8 * octets) != 0)
        octets++;
    for (unsigned i = octets; i > 0; i--)
        wr_u8(s, (uint8_t)(v >> (8 * (i - 1))));
    wr_u16(s, octets);
}

static bool fits(struct span uri)
{
    return uri.len > 0 && uri.len <= MCPTT_ID_MAX;
}

enum mu_err mcptt_uid_derive(
    const struct mcptt_uid_source *source, struct mcptt_uid *out)
{
    uint8_t buf[S_MAX];
    struct span text = {NULL, 0};
    struct mcptt_uid uid;
    struct wr s;

    if (!fits(source->identity) || !fits(source->kms))
        return MU_E_MALFORMED;
    wr_init(&s, buf, sizeof(buf));
    wr_u8(&s, FC_UID);
    add_octets(&s, span_str(p0));
    add_octets(&s, source->identity);
    add_octets(&s, source->kms);
    add_integer(&s, source->rule.length_s);
    add_integer(&s, source->rule.offset_s);
    add_integer(&s, source->number);
    TRY(wr_close(&s, &text));
    if (EVP_Digest(text.p, text.len, uid.b, NULL, EVP_sha256(), NULL) != 1)
        return MU_E_CRYPTO;
    *out = uid;
    return MU_OK;
}

enum mu_err mcptt_uid_derive_at(
    const struct mcptt_uid_source *source, uint64_t t_s, struct mcptt_uid *out)
{
    struct mcptt_uid_source at = *source;

    TRY(mcptt_period_number(&source->rule, t_s, &at.number));
    return mcptt_uid_derive(&at, out);
}

static void read_nul(struct rd *r)
{
    rd_check(r, rd_u8(r, "nul") == 0, MU_E_MALFORMED, "nul");
}

void mcptt_tel_id_read(struct rd *r, struct mcptt_tel_id *out)
{
    size_t left;

    out->month = mcptt_month_read(r);
    read_nul(r);
    left = rd_left(r);
    out->tel = rd_span(r, left > 0 ? left - 1 : 0, "tel_uri");
    if (mcptt_tel_check(out->tel) != MU_OK)
        rd_check(r, false, MU_E_MALFORMED, "tel_uri");
    read_nul(r);
}

void mcptt_tel_id_write(struct wr *w, const struct mcptt_tel_id *in)
{
    assert(mcptt_tel_check(in->tel) == MU_OK);
    mcptt_month_write(w, in->month);
    wr_u8(w, 0);
    wr_span(w, in->tel);
    wr_u8(w, 0);
}
