/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf_text.h"

#include <ctype.h>
#include <string.h>

/* Where the scan is; everything counts from the start of the text. */
struct scan {
    struct span text;
    size_t at;
};

/* The octet ahead by so many, or 0 behind the end. */
static uint8_t peek(const struct scan *s, size_t ahead)
{
    size_t left = s->text.len - s->at;

    return ahead < left ? s->text.p[s->at + ahead] : 0;
}

static bool done(const struct scan *s)
{
    return s->at == s->text.len;
}

static void skip(struct scan *s, size_t len)
{
    size_t left = s->text.len - s->at;

    s->at += len < left ? len : left;
}

/* To behind the next end, or the end of the text. */
static void skip_past(struct scan *s, const char *end)
{
    size_t len = strlen(end);

    while (
        s->text.len - s->at > len && memcmp(s->text.p + s->at, end, len) != 0)
        s->at++;
    skip(s, len);
}

static void skip_string(struct scan *s)
{
    for (skip(s, 1); !done(s) && peek(s, 0) != '"'; skip(s, 1))
        if (peek(s, 0) == '\\')
            skip(s, 1);
    skip(s, 1);
}

static bool is_word(uint8_t c)
{
    return isalnum(c) || c == '*' || c == '_' || c == '-';
}

static void skip_word(struct scan *s)
{
    while (is_word(peek(s, 0)))
        skip(s, 1);
}

/* The digits of a word in base, up to what is none; saturating. */
static uint64_t value_of(const struct scan *s, size_t *len, unsigned base)
{
    uint64_t v = 0;

    for (;; ++*len) {
        uint8_t c = (uint8_t)tolower(peek(s, *len));
        unsigned digit =
            isdigit(c) ? c - (unsigned)'0' : c - (unsigned)'a' + 10;

        if (!isxdigit(c) || digit >= base)
            return v;
        if (__builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, digit, &v))
            v = UINT64_MAX;
    }
}

/* A word that begins with a digit: a number, whole or up to its point. */
static const char *take_number(struct scan *s)
{
    bool hex = peek(s, 0) == '0' && tolower(peek(s, 1)) == 'x';
    size_t len = hex ? 2 : 0;
    uint64_t v = value_of(s, &len, hex ? 16 : 10);
    bool wide = peek(s, len) == 'L';
    bool whole = !hex && (peek(s, len) == '.' || tolower(peek(s, len)) == 'e');

    skip_word(s);
    if (whole)
        return NULL; /* a fraction, which no option is */
    if (v > (wide ? (uint64_t)INT64_MAX : (uint64_t)INT32_MAX))
        return wide ? "number too large"
                    : "number over 2147483647 without a final L";
    return NULL;
}

/* Moves over one token, or one octet that is of no interest. */
static const char *take_token(struct scan *s)
{
    uint8_t c = peek(s, 0);

    if (c == 0)
        return "NUL in the text";
    if (c == '@')
        return "@include is not supported";
    if (isdigit(c))
        return take_number(s);
    if (c == '#' || (c == '/' && peek(s, 1) == '/')) {
        skip_past(s, "\n");
    } else if (c == '/' && peek(s, 1) == '*') {
        skip(s, 2); /* first, or the star would end the comment as well */
        skip_past(s, "*/");
    } else if (c == '"') {
        skip_string(s);
    } else if (isalpha(c) || c == '*') {
        skip_word(s);
    } else {
        skip(s, 1);
    }
    return NULL;
}

static unsigned line_of(struct span text, size_t at)
{
    unsigned line = 1;

    for (size_t i = 0; i < at; i++)
        line += text.p[i] == '\n';
    return line;
}

enum mu_err mu_conf_text_check(
    struct span text, struct mu_conf_text_fault *fault)
{
    struct scan s = {text, 0};

    while (!done(&s)) {
        size_t start = s.at;
        const char *what = take_token(&s);

        if (what == NULL)
            continue;
        *fault = (struct mu_conf_text_fault){line_of(text, start), what};
        return MU_E_MALFORMED;
    }
    return MU_OK;
}
