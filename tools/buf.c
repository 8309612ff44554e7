/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"

#define FIRST 4096

void buf_clear(struct buf *b)
{
    mu_free_wiped(b->p, b->cap);
    *b = (struct buf){.p = NULL};
}

struct span buf_span(const struct buf *b)
{
    return (struct span){b->p, b->len};
}

/* Room for len more octets, or the sticky error. */
static bool reserve(struct buf *b, size_t len)
{
    size_t cap = b->cap > 0 ? b->cap : FIRST;
    uint8_t *p;

    if (b->err != MU_OK)
        return false;
    if (len <= b->cap - b->len)
        return true;
    while (cap - b->len < len && cap <= SIZE_MAX / 2)
        cap *= 2;
    p = cap - b->len < len ? NULL : mu_alloc(cap);
    if (p == NULL) {
        b->err = MU_E_NO_MEMORY;
        return false;
    }
    if (b->len > 0)
        memcpy(p, b->p, b->len);
    mu_free_wiped(b->p, b->cap);
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct span octets)
{
    if (octets.len == 0 || !reserve(b, octets.len))
        return;
    memcpy(b->p + b->len, octets.p, octets.len);
    b->len += octets.len;
}

void buf_text(struct buf *b, const char *text)
{
    buf_add(b, span_str(text));
}

void buf_hex(struct buf *b, struct span octets)
{
    char two[MU_HEX_LEN(1)];

    if (!reserve(b, 2 * octets.len))
        return;
    for (size_t i = 0; i < octets.len; i++) {
        mu_hex_write((struct span){octets.p + i, 1}, two);
        buf_text(b, two);
    }
    mu_wipe(two, sizeof(two));
}

void buf_number(struct buf *b, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRIu64, number);
    buf_text(b, text);
}

enum mu_err buf_read_fd(struct buf *b, int fd, size_t max)
{
    while (reserve(b, FIRST)) {
        ssize_t n = read(fd, b->p + b->len, FIRST);

        if (n == 0)
            return MU_OK;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return MU_E_IO;
        b->len += (size_t)n;
        if (b->len > max)
            return MU_E_NO_SPACE;
    }
    return b->err;
}

enum mu_err buf_read_file(struct buf *b, const char *path, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    enum mu_err err;

    if (fd < 0)
        return MU_E_NOT_FOUND;
    err = buf_read_fd(b, fd, max);
    (void)close(fd);
    return err;
}

enum mu_err buf_write_fd(const struct buf *b, int fd)
{
    size_t at = 0;

    while (at < b->len) {
        ssize_t n = write(fd, b->p + at, b->len - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return MU_E_IO;
        at += (size_t)n;
    }
    return MU_OK;
}
