/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/value.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

enum mu_err xml_value_text(const struct xml_element *e, struct mu_arena *arena,
    size_t max, struct span *out)
{
    struct span text = xml_text(e), copy;

    if (text.len == 0)
        return xml_refuse(e, MU_E_MALFORMED, "is empty");
    if (text.len > max)
        return xml_refuse(e, MU_E_MALFORMED, "is too long");
    copy = mu_arena_copy(arena, text);
    TRY(mu_arena_err(arena));
    *out = copy;
    return MU_OK;
}

enum mu_err xml_value_string(
    const struct xml_element *e, struct mu_arena *arena, struct span *out)
{
    return xml_value_text(e, arena, XML_STRING_MAX, out);
}

enum mu_err xml_value_number(const struct xml_element *e, uint64_t *out)
{
    if (mu_text_u64(xml_text(e), out) != MU_OK)
        return xml_refuse(e, MU_E_MALFORMED, "is not a number");
    return MU_OK;
}

enum mu_err xml_value_boolean(const struct xml_element *e, bool *out)
{
    struct span text = xml_text(e);

    if (span_eq(text, span_str("true")) || span_eq(text, span_str("1")))
        *out = true;
    else if (span_eq(text, span_str("false")) || span_eq(text, span_str("0")))
        *out = false;
    else
        return xml_refuse(e, MU_E_MALFORMED, "is not a boolean");
    return MU_OK;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* "+hh:mm" or "-hh:mm", up to 14:00 (XML Schema part 2 clause 3.2.7.3). */
static enum mu_err read_offset(struct span zone, int64_t *seconds)
{
    unsigned hours, minutes;

    if (zone.len != 6 || (zone.p[0] != '+' && zone.p[0] != '-') ||
        !is_digit(zone.p[1]) || !is_digit(zone.p[2]) || zone.p[3] != ':' ||
        !is_digit(zone.p[4]) || !is_digit(zone.p[5]))
        return MU_E_MALFORMED;
    hours = 10U * (zone.p[1] - '0') + (zone.p[2] - '0');
    minutes = 10U * (zone.p[4] - '0') + (zone.p[5] - '0');
    if (minutes > 59 || hours * 60 + minutes > 14 * 60)
        return MU_E_MALFORMED;
    *seconds = (int64_t)hours * 3600 + (int64_t)minutes * 60;
    if (zone.p[0] == '-')
        *seconds = -*seconds;
    return MU_OK;
}

/* What follows the seconds: a fraction, which is dropped, and a zone. */
static enum mu_err read_tail(struct span tail, int64_t *seconds)
{
    if (tail.len > 0 && tail.p[0] == '.') {
        size_t digits = 0;

        while (1 + digits < tail.len && is_digit(tail.p[1 + digits]))
            digits++;
        if (digits == 0)
            return MU_E_MALFORMED;
        tail.p += 1 + digits;
        tail.len -= 1 + digits;
    }
    *seconds = 0;
    if (tail.len == 0 || span_eq(tail, span_str("Z")))
        return MU_OK;
    return read_offset(tail, seconds);
}

enum mu_err xml_value_time_of(struct span text, uint64_t *out)
{
    char plain[MU_TIME_TEXT] = "YYYY-MM-DDThh:mm:ss.000Z";
    const size_t head = sizeof("YYYY-MM-DDThh:mm:ss") - 1;
    int64_t offset = 0, seconds;
    uint64_t ms = 0;

    if (text.len < head)
        return MU_E_MALFORMED;
    memcpy(plain, text.p, head);
    TRY(mu_time_read(span_str(plain), &ms));
    TRY(read_tail((struct span){text.p + head, text.len - head}, &offset));
    seconds = (int64_t)(ms / 1000) - offset;
    if (seconds < 0 || (uint64_t)seconds > MU_TIME_MAX_MS / 1000)
        return MU_E_MALFORMED;
    *out = (uint64_t)seconds;
    return MU_OK;
}

enum mu_err xml_value_time(const struct xml_element *e, uint64_t *out)
{
    if (xml_value_time_of(xml_text(e), out) != MU_OK)
        return xml_refuse(e, MU_E_MALFORMED, "is not a date and time");
    return MU_OK;
}

/* A leaf's text without its white space, perhaps a key. */
struct squeezed {
    char text[2 * XML_OCTETS_MAX];
    size_t len;
};

static void squeezed_clear(struct squeezed *s)
{
    mu_wipe(s, sizeof(*s));
}

static bool squeeze(struct span text, struct squeezed *s)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.p[i];

        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        if (s->len == sizeof(s->text))
            return false;
        s->text[s->len++] = (char)c;
    }
    return true;
}

enum mu_err xml_value_octets(
    const struct xml_element *e, uint8_t *out, size_t len)
{
    MU_CLEANUP(squeezed_clear) struct squeezed s = {.len = 0};
    uint8_t octets[XML_OCTETS_MAX];
    enum mu_err err = MU_E_MALFORMED;
    size_t got = 0;

    assert(len > 4 && len <= XML_OCTETS_MAX);
    if (squeeze(xml_text(e), &s)) {
        struct span text = {(const uint8_t *)s.text, s.len};

        err = s.len == 2 * len ? mu_hex_read(text, octets, len, &got)
                               : mu_base64_read(text, octets, len, &got);
    }
    if (err == MU_OK && got == len)
        memcpy(out, octets, len);
    mu_wipe(octets, sizeof(octets));
    if (err != MU_OK || got != len)
        return xml_refuse(
            e, MU_E_MALFORMED, "is not hex or base64 of the right length");
    return MU_OK;
}

enum mu_err xml_value_base64(
    const struct xml_element *e, uint8_t *out, size_t cap, size_t *len)
{
    MU_CLEANUP(squeezed_clear) struct squeezed s = {.len = 0};
    uint8_t octets[XML_OCTETS_MAX];
    size_t got = 0;

    assert(cap <= XML_OCTETS_MAX);
    if (!squeeze(xml_text(e), &s))
        return xml_refuse(e, MU_E_MALFORMED, "is too long");
    if (mu_base64_read((struct span){(const uint8_t *)s.text, s.len}, octets,
            cap, &got) != MU_OK ||
        got == 0)
        return xml_refuse(e, MU_E_MALFORMED, "is not base64 of that length");
    memcpy(out, octets, got);
    *len = got;
    return MU_OK;
}
