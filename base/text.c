/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "base/ct.h"

#include <string.h>

void mu_hex_write(struct span in, char *out)
{
    for (size_t i = 0; i < in.len; i++) {
        for (int shift = 4; shift >= 0; shift -= 4) {
            unsigned v = (in.p[i] >> shift) & 15U;

            /* From '9' to 'a' is a step of 39; no table indexed by a key. */
            *out++ = (char)('0' + v + ((9U - v) >> 8 & 39U));
        }
    }
    *out = '\0';
}

/* 0xff where low <= c <= high, else 0; without a branch. */
static unsigned between(unsigned c, unsigned low, unsigned high)
{
    return ~((c - low) | (high - c)) >> 8 & 0xff;
}

/* The value of a hex digit; 0x100 for any other character. */
static unsigned hex_value(unsigned c)
{
    unsigned dec = between(c, '0', '9');
    unsigned low = between(c, 'a', 'f');
    unsigned cap = between(c, 'A', 'F');
    unsigned none = ((dec | low | cap) + 1) & 0x100;

    return (dec & (c - '0')) | (low & (c - 'a' + 10)) | (cap & (c - 'A' + 10)) |
           (none ^ 0x100);
}

enum mu_err mu_hex_read(struct span text, uint8_t *out, size_t cap, size_t *len)
{
    unsigned bad = 0;

    if (text.len % 2 != 0)
        return MU_E_MALFORMED;
    if (text.len / 2 > cap)
        return MU_E_NO_SPACE;
    for (size_t i = 0; i < text.len / 2; i++) {
        unsigned high = hex_value(text.p[2 * i]);
        unsigned low = hex_value(text.p[2 * i + 1]);

        bad |= (high | low) & 0x100;
        out[i] = (uint8_t)(high << 4 | low);
    }
    /* That the text was hex at all is no secret. */
    MU_CT_DECLASSIFY(&bad, sizeof(bad));
    if (bad != 0)
        return MU_E_MALFORMED;
    *len = text.len / 2;
    return MU_OK;
}

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void mu_base64_write(struct span in, char *out)
{
    for (size_t i = 0; i < in.len; i += 3) {
        size_t have = in.len - i < 3 ? in.len - i : 3;
        uint32_t v = 0;

        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (k < have ? in.p[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            *out++ = (char)(k <= have ? base64[v >> (18 - 6 * k) & 63] : '=');
    }
    *out = '\0';
}

enum mu_err mu_base64_read(
    struct span text, uint8_t *out, size_t cap, size_t *len)
{
    size_t chars = text.len, n = 0;
    uint32_t bits = 0;
    unsigned have = 0;

    if (text.len % 4 == 0)
        while (text.len - chars < 2 && chars > 0 && text.p[chars - 1] == '=')
            chars--;
    for (size_t i = 0; i < chars; i++) {
        const char *at =
            text.p[i] != 0 ? strchr(base64, text.p[i]) : (const char *)NULL;

        if (at == NULL)
            return MU_E_MALFORMED;
        bits = bits << 6 | (uint32_t)(at - base64);
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (n == cap)
            return MU_E_NO_SPACE;
        out[n++] = (uint8_t)(bits >> have);
    }
    if (chars % 4 == 1 || (bits & ((1U << have) - 1)) != 0)
        return MU_E_MALFORMED;
    *len = n;
    return MU_OK;
}

bool mu_text_is_hex(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((hex_value(text.p[i]) & 0x100) != 0)
            return false;
    return text.len > 0;
}

size_t mu_text_squeeze(char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        if (strchr(" \t\r\n", text[i]) == NULL || text[i] == '\0')
            text[n++] = text[i];
    return n;
}

enum mu_err mu_text_u64(struct span text, uint64_t *out)
{
    uint64_t v = 0;

    if (text.len == 0)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = (uint64_t)text.p[i] - '0';

        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return MU_E_MALFORMED;
        v = 10 * v + digit;
    }
    *out = v;
    return MU_OK;
}
