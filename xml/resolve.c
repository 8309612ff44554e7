/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/resolve.h"

#include <libxml/chvalid.h>
#include <string.h>

#define CHAR_MAX_OCTETS 4

static const struct {
    const char *reference;
    char character;
} entities[] = {
    {"&amp;", '&'},
    {"&apos;", '\''},
    {"&gt;", '>'},
    {"&lt;", '<'},
    {"&quot;", '"'},
};

static bool begins_with(struct span text, const char *what)
{
    size_t len = strlen(what);

    return text.len >= len && memcmp(text.p, what, len) == 0;
}

static int digit_of(uint8_t c, unsigned base)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (base == 16 && c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return base == 16 && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "&#10;" or "&#xa;": octets of the reference, 0 if it is none. */
static size_t read_number(struct span text, uint32_t *out)
{
    unsigned base = begins_with(text, "&#x") ? 16 : 10;
    size_t at = base == 16 ? 3 : 2;
    size_t first = at;
    uint32_t value = 0;

    for (; at < text.len && text.p[at] != ';'; at++) {
        int digit = digit_of(text.p[at], base);

        if (digit < 0 || value > 0x10ffff)
            return 0;
        value = value * base + (uint32_t)digit;
    }
    if (at == first || at == text.len || !xmlIsCharQ(value))
        return 0;
    *out = value;
    return at + 1;
}

static size_t put_utf8(uint32_t c, uint8_t out[CHAR_MAX_OCTETS])
{
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    if (len == 1) {
        out[0] = (uint8_t)c;
        return 1;
    }
    for (size_t i = len - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (uint8_t)(first[len] | c);
    return len;
}

/* One reference, shorter in any case than what it stands for is written;
 * octets read, 0 if there is none. */
static size_t read_reference(struct span text, uint8_t *out, size_t *put)
{
    uint32_t number;
    size_t len;

    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
        if (begins_with(text, entities[i].reference)) {
            out[0] = (uint8_t)entities[i].character;
            *put = 1;
            return strlen(entities[i].reference);
        }
    if (!begins_with(text, "&#"))
        return 0;
    len = read_number(text, &number);
    if (len > 0)
        *put = put_utf8(number, out);
    return len;
}

static bool is_plain(struct span raw)
{
    for (size_t i = 0; i < raw.len; i++)
        if (raw.p[i] < ' ' || raw.p[i] == '&')
            return false;
    return true;
}

/* A line end of two octets is one character (XML 1.0 clause 2.11). */
static size_t read_plain(struct span text, uint8_t *out)
{
    out[0] = text.p[0] < ' ' ? ' ' : text.p[0];
    return begins_with(text, "\r\n") ? 2 : 1;
}

enum mu_err xml_resolve(
    struct mu_arena *arena, struct span raw, struct span *out)
{
    uint8_t *octets;
    size_t len = 0;

    *out = raw;
    if (is_plain(raw))
        return MU_OK;
    octets = mu_arena_alloc(arena, raw.len + CHAR_MAX_OCTETS, 1);
    TRY(mu_arena_err(arena));
    while (raw.len > 0) {
        size_t put = 1, used = 0;

        if (raw.p[0] == '&')
            used = read_reference(raw, octets + len, &put);
        if (used == 0)
            used = read_plain(raw, octets + len);
        len += put;
        raw.p += used;
        raw.len -= used;
    }
    *out = (struct span){octets, len};
    return MU_OK;
}
