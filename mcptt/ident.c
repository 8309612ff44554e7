/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/ident.h"

#include <string.h>

#include "base/text.h"

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

static bool printable(uint32_t c)
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
    rd_check(r, printable(c), MU_E_MALFORMED, "character");
}

enum mu_err mcptt_id_check(struct span uri)
{
    struct rd r;

    if (uri.len == 0 || uri.len > MCPTT_ID_MAX)
        return MU_E_MALFORMED;
    rd_init(&r, uri);
    while (rd_more(&r))
        check_character(&r);
    return rd_close(&r);
}

static void keep(struct mcptt_id *out, struct span uri)
{
    *out = (struct mcptt_id){.len = (uint8_t)uri.len};
    memcpy(out->b, uri.p, uri.len);
}

enum mu_err mcptt_id_set(struct mcptt_id *out, struct span uri)
{
    TRY(mcptt_id_check(uri));
    keep(out, uri);
    return MU_OK;
}

struct span mcptt_id_span(const struct mcptt_id *id)
{
    return (struct span){id->b, id->len};
}

bool mcptt_id_eq(const struct mcptt_id *a, const struct mcptt_id *b)
{
    return span_eq(mcptt_id_span(a), mcptt_id_span(b));
}

static const char tel_start[] = "tel:+";

#define TEL_START (sizeof(tel_start) - 1)

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

enum mu_err mcptt_tel_check(struct span uri)
{
    if (uri.len <= TEL_START || uri.len > MCPTT_ID_MAX)
        return MU_E_MALFORMED;
    if (memcmp(uri.p, tel_start, TEL_START) != 0)
        return MU_E_MALFORMED;
    for (size_t i = TEL_START; i < uri.len; i++)
        if (!is_digit(uri.p[i]))
            return MU_E_MALFORMED;
    return MU_OK;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* The next character, decoded if it is a percent-encoded digit: the only
 * unreserved characters that may follow the start (RFC 3986 clause 6.2.2.2). */
static uint8_t tel_character(struct rd *r)
{
    uint8_t c = rd_u8(r, "character");
    size_t len = 0;

    if (c != '%')
        return c;
    if (mu_hex_read(rd_span(r, 2, "percent-encoded"), &c, 1, &len) != MU_OK)
        rd_check(r, false, MU_E_MALFORMED, "percent-encoded");
    rd_check(r, is_digit(c), MU_E_MALFORMED, "percent-encoded");
    return c;
}

enum mu_err mcptt_tel_set(struct mcptt_id *out, struct span uri)
{
    uint8_t buf[MCPTT_ID_MAX];
    struct span text;
    struct rd r;
    struct wr w;

    rd_init(&r, uri);
    wr_init(&w, buf, sizeof(buf));
    while (rd_more(&r) && w.err == MU_OK)
        wr_u8(&w, w.at < 3 ? lower(rd_u8(&r, "scheme")) : tel_character(&r));
    TRY(rd_err(&r));
    if (wr_close(&w, &text) != MU_OK)
        return MU_E_MALFORMED;
    TRY(mcptt_tel_check(text));
    keep(out, text);
    return MU_OK;
}
