/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lines.h - texts of lines "name = value", for small files that people can
 * read and programs check: each name once, in a fixed order.
 *
 * Over the cursors of base/bytes.h, and as sticky as they are. A fault is at
 * the first character of the value, or of the line when that is not the one
 * due. Who keeps a secret in a line wipes the text.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/bytes.h"

/* The most octets that mu_line_write_hex() takes. */
#define MU_LINE_HEX_MAX 512

/* value has no LF: the caller's to see. */
void mu_line_write(struct wr *w, const char *name, struct span value);
void mu_line_write_u64(struct wr *w, const char *name, uint64_t value);
void mu_line_write_hex(struct wr *w, const char *name, struct span octets);

/*
 * The value of the next line, which has to be of that name: borrowed from the
 * input, perhaps empty; {NULL, 0} after a fault.
 */
struct span mu_line_read(struct rd *r, const char *name);

/* A decimal number of 64 bits; 0 after a fault. */
uint64_t mu_line_read_u64(struct rd *r, const char *name);

/* Exactly want octets. */
void mu_line_read_hex(
    struct rd *r, const char *name, uint8_t *out, size_t want);

/*
 * Records the fault MU_E_MALFORMED at value, which mu_line_read() gave, when ok
 * is false.
 */
void mu_line_check(struct rd *r, struct span value, bool ok, const char *name);

#endif
