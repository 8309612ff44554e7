/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/text.h"

void mu_line_write(struct wr *w, const char *name, struct span value)
{
    wr_span(w, span_str(name));
    wr_span(w, span_str(" = "));
    wr_span(w, value);
    wr_u8(w, '\n');
}

void mu_line_write_u64(struct wr *w, const char *name, uint64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%" PRIu64, value);
    mu_line_write(w, name, span_str(text));
}

void mu_line_write_hex(struct wr *w, const char *name, struct span octets)
{
    char text[MU_HEX_LEN(MU_LINE_HEX_MAX)];

    assert(octets.len <= MU_LINE_HEX_MAX);
    mu_hex_write(octets, text);
    mu_line_write(w, name, span_str(text));
    mu_wipe(text, sizeof(text));
}

struct span mu_line_read(struct rd *r, const char *name)
{
    size_t head = strlen(name) + 3;
    struct span rest = {r->p + r->at, rd_left(r)};
    const uint8_t *end = rest.len > 0 ? memchr(rest.p, '\n', rest.len) : NULL;
    struct span line, none = {NULL, 0};
    char want[64];

    line = rd_span(r, end != NULL ? (size_t)(end - rest.p) : rest.len, name);
    (void)snprintf(want, sizeof(want), "%s = ", name);
    rd_check(r,
        end != NULL && line.len >= head && memcmp(line.p, want, head) == 0,
        MU_E_MALFORMED, name);
    if (rd_err(r) != MU_OK)
        return none;
    (void)rd_u8(r, name);
    return (struct span){line.p + head, line.len - head};
}

/* The fault belongs to the value, not to the LF that was read last. */
void mu_line_check(struct rd *r, struct span value, bool ok, const char *name)
{
    if (value.p == NULL || ok)
        return;
    r->last = (size_t)(value.p - r->p);
    rd_check(r, false, MU_E_MALFORMED, name);
}

uint64_t mu_line_read_u64(struct rd *r, const char *name)
{
    struct span value = mu_line_read(r, name);
    uint64_t n = 0;

    mu_line_check(r, value, mu_text_u64(value, &n) == MU_OK, name);
    return n;
}

void mu_line_read_hex(struct rd *r, const char *name, uint8_t *out, size_t want)
{
    struct span value = mu_line_read(r, name);
    size_t len = 0;
    bool ok = mu_hex_read(value, out, want, &len) == MU_OK && len == want;

    mu_line_check(r, value, ok, name);
}
