/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <assert.h>
#include <string.h>

struct span span_str(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

void rd_fail(struct rd *r, struct rd_fault fault)
{
    assert(fault.err != MU_OK);
    if (r->fault.err == MU_OK)
        r->fault = fault;
}

/* The one place with arithmetic on lengths that a peer supplied. */
static const uint8_t *take(struct rd *r, size_t len, const char *field)
{
    const uint8_t *p = r->p + r->at;

    if (r->fault.err == MU_OK && len > r->len - r->at)
        rd_fail(
            r, (struct rd_fault){MU_E_MALFORMED, field, rd_at(r), "cut short"});
    if (r->fault.err != MU_OK)
        return NULL;
    r->last = r->at;
    r->at += len;
    return p;
}

void rd_note(struct rd *r, const char *field, uint64_t value)
{
    if (r->trace != NULL && r->fault.err == MU_OK)
        r->trace->number(r->trace->ctx, field, r->origin + r->last, value);
}

void rd_enter(struct rd *r, const char *group)
{
    if (r->trace != NULL && r->trace->enter != NULL && r->fault.err == MU_OK)
        r->trace->enter(r->trace->ctx, group, rd_at(r));
}

void rd_leave(struct rd *r, const char *group)
{
    if (r->trace != NULL && r->trace->leave != NULL && r->fault.err == MU_OK)
        r->trace->leave(r->trace->ctx, group);
}

static uint64_t take_bits(struct rd *r, size_t octets, const char *field)
{
    const uint8_t *p = take(r, octets, field);
    uint64_t v = 0;

    for (size_t i = 0; p != NULL && i < octets; i++)
        v = v << 8 | p[i];
    return v;
}

static uint64_t take_uint(struct rd *r, size_t octets, const char *field)
{
    uint64_t v = take_bits(r, octets, field);

    rd_note(r, field, v); /* nothing after a fault */
    return v;
}

void rd_init(struct rd *r, struct span in)
{
    static const uint8_t none[1];

    *r = (struct rd){.p = in.len > 0 ? in.p : none, .len = in.len};
}

uint8_t rd_u8(struct rd *r, const char *field)
{
    return (uint8_t)take_uint(r, 1, field);
}

uint16_t rd_u16(struct rd *r, const char *field)
{
    return (uint16_t)take_uint(r, 2, field);
}

uint32_t rd_u32(struct rd *r, const char *field)
{
    return (uint32_t)take_uint(r, 4, field);
}

uint64_t rd_u40(struct rd *r, const char *field)
{
    return take_uint(r, 5, field);
}

uint64_t rd_u64(struct rd *r, const char *field)
{
    return take_uint(r, 8, field);
}

uint8_t rd_bits8(struct rd *r, const char *field)
{
    return (uint8_t)take_bits(r, 1, field);
}

uint16_t rd_bits16(struct rd *r, const char *field)
{
    return (uint16_t)take_bits(r, 2, field);
}

struct span rd_span(struct rd *r, size_t len, const char *field)
{
    const uint8_t *p = take(r, len, field);
    struct span got = {p, len};

    if (p == NULL)
        return (struct span){NULL, 0};
    if (r->trace != NULL)
        r->trace->octets(r->trace->ctx, field, r->origin + r->last, got);
    return got;
}

struct span rd_since(const struct rd *r, size_t at)
{
    if (r->fault.err != MU_OK)
        return (struct span){NULL, 0};
    assert(at >= r->origin && at <= rd_at(r));
    return (struct span){r->p + (at - r->origin), rd_at(r) - at};
}

struct span rd_rest(struct rd *r, const char *field)
{
    return rd_span(r, rd_left(r), field);
}

struct rd rd_sub(struct rd *r, size_t len, const char *field)
{
    const uint8_t *p = take(r, len, field);
    struct rd sub;

    rd_init(&sub, (struct span){p, p != NULL ? len : 0});
    sub.origin = r->origin + r->last;
    sub.fault = r->fault;
    sub.trace = r->trace;
    return sub;
}

void rd_join(struct rd *r, struct rd *sub)
{
    if (rd_close(sub) != MU_OK && r->fault.err == MU_OK)
        r->fault = sub->fault;
}

void rd_check(struct rd *r, bool ok, enum mu_err err, const char *field)
{
    rd_rule(r, ok, err, field,
        err == MU_E_UNSUPPORTED ? "not supported" : "not allowed");
}

void rd_rule(
    struct rd *r, bool ok, enum mu_err err, const char *field, const char *why)
{
    if (!ok)
        rd_fail(r, (struct rd_fault){err, field, r->origin + r->last, why});
}

bool rd_more(const struct rd *r)
{
    return rd_left(r) > 0;
}

size_t rd_left(const struct rd *r)
{
    return r->fault.err == MU_OK ? r->len - r->at : 0;
}

size_t rd_at(const struct rd *r)
{
    return r->origin + r->at;
}

enum mu_err rd_err(const struct rd *r)
{
    return r->fault.err;
}

enum mu_err rd_close(struct rd *r)
{
    if (rd_more(r))
        rd_fail(r, (struct rd_fault){MU_E_MALFORMED, "trailing octets",
                       rd_at(r), "octets are left over"});
    return r->fault.err;
}

void wr_init(struct wr *w, uint8_t *p, size_t cap)
{
    *w = (struct wr){.p = p, .cap = cap};
}

/* Room for len more octets, or NULL: after a fault, or when only counting. */
static uint8_t *room(struct wr *w, size_t len)
{
    uint8_t *p = w->p != NULL ? w->p + w->at : NULL;

    if (w->err == MU_OK && len > w->cap - w->at)
        w->err = MU_E_NO_SPACE;
    if (w->err != MU_OK)
        return NULL;
    w->at += len;
    return p;
}

static void put_uint(uint8_t *p, uint64_t v, size_t octets)
{
    for (size_t i = octets; p != NULL && i > 0; i--) {
        p[i - 1] = (uint8_t)v;
        v >>= 8;
    }
}

void wr_u8(struct wr *w, uint8_t v)
{
    put_uint(room(w, 1), v, 1);
}

void wr_u16(struct wr *w, uint16_t v)
{
    put_uint(room(w, 2), v, 2);
}

void wr_u32(struct wr *w, uint32_t v)
{
    put_uint(room(w, 4), v, 4);
}

void wr_u40(struct wr *w, uint64_t v)
{
    assert(v >> 40 == 0);
    put_uint(room(w, 5), v, 5);
}

void wr_u64(struct wr *w, uint64_t v)
{
    put_uint(room(w, 8), v, 8);
}

void wr_span(struct wr *w, struct span v)
{
    uint8_t *p = room(w, v.len);

    if (p != NULL && v.len > 0)
        memcpy(p, v.p, v.len);
}

size_t wr_len16_open(struct wr *w)
{
    wr_u16(w, 0);
    return w->at;
}

void wr_len16_close(struct wr *w, size_t mark)
{
    size_t len;

    if (w->err != MU_OK)
        return;
    assert(mark >= 2 && mark <= w->at);
    len = w->at - mark;
    if (len > UINT16_MAX)
        w->err = MU_E_NO_SPACE;
    else
        put_uint(w->p != NULL ? w->p + mark - 2 : NULL, len, 2);
}

struct span wr_so_far(const struct wr *w)
{
    if (w->err != MU_OK)
        return (struct span){NULL, 0};
    return (struct span){w->p, w->at};
}

enum mu_err wr_close(const struct wr *w, struct span *out)
{
    if (w->err == MU_OK)
        *out = wr_so_far(w);
    return w->err;
}
