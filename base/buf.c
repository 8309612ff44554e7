/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

bool buf_reserve(struct buf *b, size_t len)
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
    if (octets.len == 0 || !buf_reserve(b, octets.len))
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

    if (!buf_reserve(b, 2 * octets.len))
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
