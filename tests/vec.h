/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vec.h - reads test vectors: tests/vectors/NAME.vec.
 *
 * A file is a list of records separated by blank lines; a record is a list of
 * lines "name = value"; a line that starts with # is a comment. Values are
 * text; vec_hex() reads hex, white space inside ignored, and vec_num() a
 * decimal number. A missing file, a broken line or a missing field ends the
 * running test as a failure that names file and line: a vector that is
 * not there is never a test that passes.
 */
#ifndef TESTS_VEC_H
#define TESTS_VEC_H

#include "base/bytes.h"

struct vec {
    char *text; /* the whole file */
    char *next;
    const char *file;
    unsigned line, record_line;
    unsigned count; /* fields of the present record */
    struct {
        const char *name, *value;
    } field[64];
    uint8_t *octets[64]; /* what vec_hex() made for this record */
    unsigned octets_used;
};

void vec_open(struct vec *v, const char *name);
void vec_close(struct vec *v);

/* Moves to the next record; false at the end of the file. */
bool vec_next(struct vec *v);

/* The text of a field, or NULL when the record has none of that name. */
const char *vec_text(const struct vec *v, const char *name);

/* Both stay valid until the next vec_next() or vec_close(). */
struct span vec_hex(struct vec *v, const char *name);
unsigned long long vec_num(const struct vec *v, const char *name);

/*
 * Vendor vectors (../shared/vectors/vendor) are read in place. vec_vendor()
 * yields the whole file, to be freed by the caller, or NULL where the folder
 * is absent: the test then returns at once and counts as skipped, unless
 * MUSTER_REQUIRE_VENDOR is set in the environment (CI does), which makes it
 * fail.
 */
char *vec_vendor(const char *name);

/* Tests that vec_vendor() has made skip so far. */
unsigned vec_skipped(void);

#endif
