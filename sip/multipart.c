/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum mu_err sip_multipart_begin(
    struct sip_multipart *m, const struct mu_rng *rng, struct buf *out)
{
    uint8_t random[SIP_BOUNDARY_OCTETS];

    TRY(mu_rng_fill(rng, random, sizeof(random)));
    m->out = out;
    mu_hex_write(SPAN_OF(random), m->boundary);
    (void)snprintf(
        m->type, sizeof(m->type), "multipart/mixed;boundary=%s", m->boundary);
    return MU_OK;
}

void sip_multipart_add(struct sip_multipart *m, const struct sip_part *part)
{
    buf_text(m->out, "--");
    buf_text(m->out, m->boundary);
    buf_text(m->out, "\r\nContent-Type: ");
    buf_add(m->out, part->type);
    if (part->id.len > 0) {
        buf_text(m->out, "\r\nContent-ID: <");
        buf_add(m->out, part->id);
        buf_text(m->out, ">");
    }
    buf_text(m->out, "\r\n\r\n");
    buf_add(m->out, part->body);
    buf_text(m->out, "\r\n");
}

enum mu_err sip_multipart_end(struct sip_multipart *m)
{
    buf_text(m->out, "--");
    buf_text(m->out, m->boundary);
    buf_text(m->out, "--\r\n");
    return m->out->err;
}

/* ------------------------------------------------------------------ lines */

/* Cuts a line off the front, without its end; false when nothing is left. */
static bool next_line(struct span *rest, struct span *line)
{
    const uint8_t *end;
    size_t len;

    if (rest->len == 0)
        return false;
    end = memchr(rest->p, '\n', rest->len);
    len = end != NULL ? (size_t)(end - rest->p) : rest->len;
    *line = (struct span){rest->p, len};
    if (line->len > 0 && line->p[line->len - 1] == '\r')
        line->len--;
    len += end != NULL ? 1 : 0;
    *rest = (struct span){rest->p + len, rest->len - len};
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trimmed(struct span text)
{
    while (text.len > 0 && is_blank(text.p[text.len - 1]))
        text.len--;
    while (text.len > 0 && is_blank(text.p[0])) {
        text.p++;
        text.len--;
    }
    return text;
}

/* ----------------------------------------------------------------- header */

static bool is_name(struct span text, const char *name)
{
    return text.len == strlen(name) &&
           strncasecmp((const char *)text.p, name, text.len) == 0;
}

/* Up to a parameter or a blank. */
static struct span first_word(struct span text)
{
    size_t len = 0;

    while (len < text.len && text.p[len] != ';' && !is_blank(text.p[len]))
        len++;
    return (struct span){text.p, len};
}

static struct span without_brackets(struct span text)
{
    if (text.len >= 2 && text.p[0] == '<' && text.p[text.len - 1] == '>')
        return (struct span){text.p + 1, text.len - 2};
    return text;
}

/* A field that is there twice says nothing. */
static enum mu_err set_once(struct span *field, struct span value)
{
    if (field->len > 0 || value.len == 0)
        return MU_E_MALFORMED;
    *field = value;
    return MU_OK;
}

static bool is_text(struct span field)
{
    for (size_t i = 0; i < field.len; i++)
        if ((field.p[i] < ' ' && !is_blank(field.p[i])) || field.p[i] == 0x7f)
            return false;
    return true;
}

/* A field with its continuation lines; others than these are none of ours. */
static enum mu_err take_field(struct span field, struct sip_raw_part *part)
{
    const uint8_t *colon = memchr(field.p, ':', field.len);
    struct span name, value;

    if (colon == NULL || !is_text(field))
        return MU_E_MALFORMED;
    name = trimmed((struct span){field.p, (size_t)(colon - field.p)});
    value = trimmed(
        (struct span){colon + 1, field.len - (size_t)(colon + 1 - field.p)});
    if (is_name(name, "Content-Type"))
        return set_once(&part->type, first_word(value));
    if (is_name(name, "Content-Transfer-Encoding"))
        return set_once(&part->encoding, first_word(value));
    if (is_name(name, "Content-ID"))
        return set_once(&part->id, without_brackets(value));
    return MU_OK;
}

/* Whether the next line goes on with the one before (RFC 5322 clause 2.2.3). */
static bool is_folded(struct span rest)
{
    return rest.len > 0 && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

static enum mu_err read_part(struct span octets, struct sip_raw_part *part)
{
    struct span line, field;

    *part = (struct sip_raw_part){.type = {NULL, 0}};
    while (next_line(&octets, &line) && line.len > 0) {
        field = line;
        while (is_folded(octets) && next_line(&octets, &line))
            field.len = (size_t)(line.p + line.len - field.p);
        TRY(take_field(field, part));
    }
    part->body = octets;
    if (part->type.len == 0)
        part->type = span_str("text/plain");
    return MU_OK;
}

/* -------------------------------------------------------------- delimiters */

enum delimiter {
    NONE,
    BETWEEN,
    LAST
};

static enum delimiter delimiter_of(struct span line, struct span boundary)
{
    size_t len = 2 + boundary.len;
    struct span rest;
    bool last;

    if (line.len < len || memcmp(line.p, "--", 2) != 0 ||
        memcmp(line.p + 2, boundary.p, boundary.len) != 0)
        return NONE;
    rest = (struct span){line.p + len, line.len - len};
    last = rest.len >= 2 && memcmp(rest.p, "--", 2) == 0;
    if (last)
        rest = (struct span){rest.p + 2, rest.len - 2};
    if (trimmed(rest).len > 0)
        return NONE; /* of a boundary that begins as ours */
    return last ? LAST : BETWEEN;
}

/* What lies between two lines; the line end before the second is its own. */
static struct span between(const uint8_t *from, const uint8_t *to)
{
    size_t len = (size_t)(to - from);

    if (len > 0 && from[len - 1] == '\n')
        len--;
    if (len > 0 && from[len - 1] == '\r')
        len--;
    return (struct span){from, len};
}

struct reading {
    struct sip_raw_part *parts;
    size_t count;
    const uint8_t *from; /* of the part; NULL before the first */
};

/* The part that ends before that line; there is none before the first. */
static enum mu_err end_part(struct reading *r, struct span line)
{
    if (r->from == NULL)
        return MU_OK;
    if (r->count == SIP_PARTS_MAX)
        return MU_E_NO_SPACE;
    return read_part(between(r->from, line.p), &r->parts[r->count++]);
}

static enum mu_err read_parts(
    struct reading *r, struct span rest, struct span boundary)
{
    struct span line;

    while (next_line(&rest, &line)) {
        enum delimiter delimiter = delimiter_of(line, boundary);

        if (delimiter == NONE)
            continue;
        TRY(end_part(r, line));
        if (delimiter == LAST)
            return r->count > 0 ? MU_OK : MU_E_MALFORMED;
        r->from = rest.p;
    }
    return MU_E_MALFORMED; /* its end is missing */
}

enum mu_err sip_multipart_read(struct span body, struct span boundary,
    struct sip_raw_part parts[SIP_PARTS_MAX], size_t *count)
{
    struct reading r = {.parts = parts};

    if (boundary.len == 0 || boundary.len > SIP_BOUNDARY_MAX)
        return MU_E_MALFORMED;
    TRY(read_parts(&r, body, boundary));
    *count = r.count;
    return MU_OK;
}
