/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/rand.h"

#include <assert.h>

/* | RAND length (8) | RAND |   The floor of 16 octets is a SHOULD in RFC 3830
 * clause 6.11 and a MUST here: RFC 6509 clause 2.1 builds keys on it. */
static void value_read(struct rd *r, struct mikey_rand *out)
{
    size_t len = rd_u8(r, "rand_len");

    rd_rule(r, len >= MIKEY_RAND_MIN, MU_E_MALFORMED, "rand_len",
        "at least 16 octets");
    out->rand = rd_span(r, len, "rand");
}

static void value_write(struct wr *w, const struct mikey_rand *in)
{
    assert(in->rand.len >= MIKEY_RAND_MIN && in->rand.len <= MIKEY_RAND_MAX);
    wr_u8(w, (uint8_t)in->rand.len);
    wr_span(w, in->rand);
}

/* | next payload (8) | RAND length (8) | RAND | */
void mikey_rand_read(struct rd *r, struct mikey_rand *out)
{
    out->next = rd_u8(r, "next");
    out->role = 0;
    value_read(r, out);
}

void mikey_rand_write(struct wr *w, const struct mikey_rand *in)
{
    wr_u8(w, in->next);
    value_write(w, in);
}

/* | next payload (8) | RAND role (8) | RAND length (8) | RAND |
 * RFC 6043 clause 6.8 */
void mikey_randr_read(struct rd *r, struct mikey_rand *out)
{
    out->next = rd_u8(r, "next");
    out->role = rd_u8(r, "rand_role");
    value_read(r, out);
}

void mikey_randr_write(struct wr *w, const struct mikey_rand *in)
{
    wr_u8(w, in->next);
    wr_u8(w, in->role);
    value_write(w, in);
}
