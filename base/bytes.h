/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h - spans of octets, one cursor in, one cursor out.
 *
 * All binary formats go through struct rd and struct wr. Both are sticky:
 * after the first fault each call is a no-op that yields zero, so a codec is a
 * list of fields and is checked once, at the end. Integers are unsigned and
 * most significant octet first.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed octets; the header that hands one out says until when. */
struct span {
    const uint8_t *p; /* may be NULL when len is 0 */
    size_t len;
};

/* The fixed-size array or struct of octets a, as a span. */
#define SPAN_OF(a) ((struct span){(const uint8_t *)(a), sizeof(a)})

/* The characters of a C string, its NUL not included. */
struct span span_str(const char *text);

/* Equal octet for octet. Not constant time: for public data only. */
bool span_eq(struct span a, struct span b);

/*
 * The cursor in.
 *
 * Every reader takes a field name of static storage. When a field does not
 * fit, or rd_check() fails, the first such fault is kept: its error, the
 * field's name and the absolute offset of that field's first octet. Offsets
 * of a sub-reader count from the start of the outermost reader.
 */
struct rd_fault {
    enum mu_err err;   /* MU_OK while nothing has failed */
    const char *field; /* NULL while nothing has failed */
    size_t at;
    const char *why; /* the rule broken, a short phrase; static storage */
};

/*
 * Sees every field as it is read, in order: its name, the absolute offset
 * and its octets, borrowed from the input. So a decoder explains a message
 * with the readers that parse it. Fields narrower than an octet are reported
 * by rd_note(), at the octets that hold them. A repeated group of fields, say
 * an entry of a list, stands between rd_enter() and rd_leave(); who does not
 * care leaves enter and leave NULL.
 */
struct rd_trace {
    void (*octets)(void *ctx, const char *field, size_t at, struct span octets);
    void (*number)(void *ctx, const char *field, size_t at, uint64_t value);
    void *ctx;
    void (*enter)(void *ctx, const char *group, size_t at);
    void (*leave)(void *ctx, const char *group);
};

struct rd {
    const uint8_t *p;
    size_t len;
    size_t at;     /* next octet, 0..len */
    size_t last;   /* first octet of the field read last */
    size_t origin; /* of p[0] in the outermost reader */
    struct rd_fault fault;
    const struct rd_trace
        *trace; /* NULL, or the owner's; kept by sub-readers */
};

void rd_init(struct rd *r, struct span in);

uint8_t rd_u8(struct rd *r, const char *field);
uint16_t rd_u16(struct rd *r, const char *field);
uint32_t rd_u32(struct rd *r, const char *field);
uint64_t rd_u40(struct rd *r, const char *field); /* five octets */
uint64_t rd_u64(struct rd *r, const char *field);

/*
 * Octets that hold narrower fields. The trace does not see them as such, but
 * what the caller then reports by rd_note().
 */
uint8_t rd_bits8(struct rd *r, const char *field);
uint16_t rd_bits16(struct rd *r, const char *field);

/* Reports a part of the field read last to the trace; reads nothing. */
void rd_note(struct rd *r, const char *field, uint64_t value);

/* Reports that a group of fields begins at the next octet, or has ended. */
void rd_enter(struct rd *r, const char *group);
void rd_leave(struct rd *r, const char *group);

/* The next len octets, borrowed from the input. */
struct span rd_span(struct rd *r, size_t len, const char *field);

/*
 * The octets from absolute offset at, an earlier rd_at() of this reader, up to
 * the next one: what a list of fields looked like. Untraced; {NULL, 0} after a
 * fault.
 */
struct span rd_since(const struct rd *r, size_t at);

/* All octets that are left, perhaps none. */
struct span rd_rest(struct rd *r, const char *field);

/*
 * A reader over the next len octets; the parent moves past them, untraced. Hand
 * it back with rd_join(), which demands that it was read to its end and gives
 * its fault, if any, to the parent.
 */
struct rd rd_sub(struct rd *r, size_t len, const char *field);
void rd_join(struct rd *r, struct rd *sub);

/*
 * Records a fault at the field read last when ok is false. The rule that
 * the field breaks is the caller's; err says which kind.
 */
void rd_check(struct rd *r, bool ok, enum mu_err err, const char *field);

/* The same, and says which rule, for the reader of the fault. */
void rd_rule(
    struct rd *r, bool ok, enum mu_err err, const char *field, const char *why);

/*
 * Records a fault that the caller found at an earlier place, fault.at absolute,
 * unless one is there already.
 */
void rd_fail(struct rd *r, struct rd_fault fault);

/* True while nothing has failed and octets are left. */
bool rd_more(const struct rd *r);

/* Octets left; 0 after a fault. */
size_t rd_left(const struct rd *r);

/* Absolute offset of the next octet. */
size_t rd_at(const struct rd *r);

/* The error so far, without the demand that the input is used up. */
MU_MUST_CHECK enum mu_err rd_err(const struct rd *r);

/*
 * Ends the reading: the first fault's error, or MU_E_MALFORMED (field
 * "trailing octets") when octets are left, or MU_OK. Only after MU_OK do the
 * values read count.
 */
MU_MUST_CHECK enum mu_err rd_close(struct rd *r);

/*
 * The cursor out, over the caller's buffer. The only fault is MU_E_NO_SPACE.
 * With p NULL and cap SIZE_MAX it writes nothing and counts: wr_close() then
 * yields a span whose p is NULL and whose len is the length needed.
 */
struct wr {
    uint8_t *p;
    size_t cap;
    size_t at;
    enum mu_err err;
};

void wr_init(struct wr *w, uint8_t *p, size_t cap);

void wr_u8(struct wr *w, uint8_t v);
void wr_u16(struct wr *w, uint16_t v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u40(struct wr *w, uint64_t v); /* v < 2^40 */
void wr_u64(struct wr *w, uint64_t v);
void wr_span(struct wr *w, struct span v);

/*
 * A two-octet length that is known only later: wr_len16_open() leaves room
 * and yields a mark, wr_len16_close() fills in the number of octets written
 * since. More than 65535 is MU_E_NO_SPACE.
 */
size_t wr_len16_open(struct wr *w);
void wr_len16_close(struct wr *w, size_t mark);

/* What was written so far, in the caller's buffer; {NULL, 0} after a fault. */
struct span wr_so_far(const struct wr *w);

/* Ends the writing; *out borrows the caller's buffer, untouched on failure. */
MU_MUST_CHECK enum mu_err wr_close(const struct wr *w, struct span *out);

#endif
