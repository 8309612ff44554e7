/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - octets that grow, for input and output that may hold keys: wiped
 * whenever they move or go.
 */
#ifndef TOOLS_BUF_H
#define TOOLS_BUF_H

#include "base/bytes.h"

struct buf {
    uint8_t *p;
    size_t len, cap;
    enum mu_err err; /* sticky: MU_E_NO_MEMORY after an addition that failed */
};

/* Starts as {0}. Wipes, frees, and makes it so again; for MU_CLEANUP. */
void buf_clear(struct buf *b);

struct span buf_span(const struct buf *b);

void buf_add(struct buf *b, struct span octets);
void buf_text(struct buf *b, const char *text);
void buf_hex(struct buf *b, struct span octets); /* lower case */
void buf_number(struct buf *b, uint64_t number); /* decimal */

/*
 * Adds all that a descriptor still has.
 *
 * Returns MU_OK; MU_E_NO_SPACE past max octets; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err buf_read_fd(struct buf *b, int fd, size_t max);

/* The same for a file. MU_E_NOT_FOUND when it cannot be opened. */
MU_MUST_CHECK enum mu_err buf_read_file(
    struct buf *b, const char *path, size_t max);

/* Writes all of it. MU_OK or MU_E_IO. */
MU_MUST_CHECK enum mu_err buf_write_fd(const struct buf *b, int fd);

#endif
