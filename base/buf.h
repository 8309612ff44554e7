/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - octets that grow, for input and output that may hold keys: wiped
 * whenever they move or go.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/bytes.h"

struct buf {
    uint8_t *p;
    size_t len, cap;
    enum mu_err err; /* sticky: MU_E_NO_MEMORY after an addition that failed */
};

/* Starts as {0}. Wipes, frees, and makes it so again; for MU_CLEANUP. */
void buf_clear(struct buf *b);

struct span buf_span(const struct buf *b);

/* Room for len more octets at p + len; false with the sticky error. */
bool buf_reserve(struct buf *b, size_t len);

void buf_add(struct buf *b, struct span octets);
void buf_text(struct buf *b, const char *text);
void buf_hex(struct buf *b, struct span octets); /* lower case */
void buf_number(struct buf *b, uint64_t number); /* decimal */

#endif
