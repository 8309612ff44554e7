/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/ident.h"

#include <string.h>

#include "base/text.h"
#include "mikey/idr.h"

enum mu_err mcptt_id_check(struct span uri)
{
    bool ok = uri.len <= MCPTT_ID_MAX && mikey_id_is_text(uri);

    return ok ? MU_OK : MU_E_MALFORMED;
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
