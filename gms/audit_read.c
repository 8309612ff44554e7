/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/audit_read.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static bool is_first(struct span payload)
{
    static const char start[] = "chain=";

    return payload.len >= strlen(start) &&
           memcmp(payload.p, start, strlen(start)) == 0;
}

/* Up to the next of two characters, or all. */
static struct span until(struct rd *r, char a, char b, const char *field)
{
    size_t len = 0;

    while (len < rd_left(r) && r->p[r->at + len] != (uint8_t)a &&
           r->p[r->at + len] != (uint8_t)b)
        len++;
    return rd_span(r, len, field);
}

/* Behind a backslash: itself, a quote, or xNN. */
static uint8_t escape(struct rd *r)
{
    uint8_t c = rd_u8(r, "escape"), octet = 0;
    size_t got = 0;
    struct span hex;

    if (c == '\\' || c == '"')
        return c;
    rd_check(r, c == 'x', MU_E_MALFORMED, "escape");
    hex = rd_span(r, 2, "escape");
    rd_check(r,
        rd_err(r) == MU_OK && mu_hex_read(hex, &octet, 1, &got) == MU_OK &&
            got == 1,
        MU_E_MALFORMED, "escape");
    return octet;
}

/* Octets before the closing quote; each escape is longer than its octet. */
static size_t quoted_len(const struct rd *r)
{
    size_t len = 0;

    while (len < rd_left(r) && r->p[r->at + len] != '"')
        len += r->p[r->at + len] == '\\' ? 2 : 1;
    return len;
}

/* Behind the opening quote, up to and with the closing one. */
static struct span quoted(struct rd *r, struct mu_arena *arena)
{
    uint8_t *octets = mu_arena_alloc(arena, quoted_len(r), 1);
    size_t len = 0;
    uint8_t c;

    while (octets != NULL && rd_more(r)) {
        c = rd_u8(r, "value");
        if (c == '"')
            return (struct span){octets, len};
        octets[len++] = c == '\\' ? escape(r) : c;
    }
    rd_check(r, false, MU_E_MALFORMED, "quotes");
    return (struct span){NULL, 0};
}

static struct span value(struct rd *r, struct mu_arena *arena)
{
    if (rd_left(r) == 0 || r->p[r->at] != '"')
        return mu_arena_copy(arena, until(r, ' ', '"', "value"));
    (void)rd_u8(r, "value");
    return quoted(r, arena);
}

/* key=value; the key is one of the event's. */
static struct span field(struct rd *r, const char *name, struct mu_arena *arena)
{
    struct span key = until(r, '=', ' ', "name");

    rd_check(r, span_eq(key, span_str(name)), MU_E_MALFORMED, "name");
    rd_check(r, rd_u8(r, "name") == '=', MU_E_MALFORMED, "name");
    return value(r, arena);
}

static struct span next_field(
    struct rd *r, const char *name, struct mu_arena *arena)
{
    rd_check(r, rd_u8(r, "blank") == ' ', MU_E_MALFORMED, "blank");
    return field(r, name, arena);
}

static enum mu_err read_members(struct rd *r, struct mu_arena *arena,
    size_t field_no, struct gms_audit_record *out)
{
    const char *name = out->event->fields[field_no];
    struct mu_arena_list list = {0};

    while (rd_more(r)) {
        struct span *member = mu_arena_list_add(arena, &list, sizeof(*member));

        if (member == NULL)
            return mu_arena_err(arena);
        *member = next_field(r, name, arena);
        out->values[field_no] = *member;
    }
    if (list.len == 0 || list.len > GMS_AUDIT_MEMBERS_MAX)
        return MU_E_MALFORMED;
    out->members = list.at;
    out->count = list.len;
    return MU_OK;
}

static enum mu_err read_fields(
    struct rd *r, struct mu_arena *arena, struct gms_audit_record *out)
{
    const struct gms_audit_event *event = out->event;
    size_t width = gms_audit_event_width(event);

    for (size_t i = 0; i < width - event->list; i++)
        out->values[i] = next_field(r, event->fields[i], arena);
    return event->list ? read_members(r, arena, width - 1, out) : MU_OK;
}

enum mu_err gms_audit_record_write(
    struct wr *w, const struct gms_audit_record *record)
{
    struct mu_log_field fields[GMS_AUDIT_FIELDS_MAX + GMS_AUDIT_MEMBERS_MAX];
    const struct gms_audit_event *event = record->event;
    size_t n = 0;

    for (; n < gms_audit_event_width(event) - event->list; n++)
        fields[n] = mu_log_octets(event->fields[n], record->values[n]);
    for (size_t i = 0; i < record->count; i++, n++)
        fields[n] = mu_log_octets("member", record->members[i]);
    mu_log_event_write(w, record->event->name, fields, n);
    return w->err;
}

/* One record has one text: quotes and escapes where they have to be. */
static enum mu_err check_canonical(
    struct span payload, const struct gms_audit_record *record)
{
    uint8_t *text = mu_alloc(payload.len + 1);
    struct span again = {NULL, 0};
    enum mu_err err;
    struct wr w;

    if (text == NULL)
        return MU_E_NO_MEMORY;
    wr_init(&w, text, payload.len);
    err = gms_audit_record_write(&w, record);
    if (err == MU_OK)
        err = wr_close(&w, &again);
    if (err != MU_OK || !span_eq(again, payload))
        err = MU_E_MALFORMED;
    mu_free(text);
    return err;
}

enum mu_err gms_audit_record_read(
    struct span payload, struct mu_arena *arena, struct gms_audit_record *out)
{
    struct gms_audit_record got = {0};
    enum mu_err err;
    struct span name;
    struct rd r;

    if (is_first(payload))
        return MU_E_NOT_FOUND;
    rd_init(&r, payload);
    name = field(&r, "event", arena);
    TRY(rd_err(&r));
    TRY(mu_arena_err(arena));
    got.event = gms_audit_event_find(name);
    if (got.event == NULL)
        return MU_E_UNSUPPORTED;
    err = read_fields(&r, arena, &got);
    TRY(mu_arena_err(arena));
    TRY(err);
    TRY(rd_close(&r));
    TRY(check_canonical(payload, &got));
    *out = got;
    return MU_OK;
}

enum mu_err gms_audit_number(struct span value, uint64_t *out)
{
    uint8_t octets[4];
    size_t got = 0;

    if (value.len < 2 || value.p[0] != '0' || value.p[1] != 'x')
        return mu_text_u64(value, out);
    if (value.len != 10)
        return MU_E_MALFORMED;
    TRY(mu_hex_read(
        (struct span){value.p + 2, 8}, octets, sizeof(octets), &got));
    *out = (uint64_t)octets[0] << 24 | (uint64_t)octets[1] << 16 |
           (uint64_t)octets[2] << 8 | octets[3];
    return MU_OK;
}
