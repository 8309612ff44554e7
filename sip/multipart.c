/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/multipart.h"

#include <stdio.h>

#include "base/text.h"

enum mu_err sip_multipart_begin(
    struct sip_multipart *m, const struct mu_rng *rng, struct buf *out)
{
    uint8_t random[SIP_BOUNDARY_OCTETS];

    TRY(mu_rng_fill(rng, random, sizeof(random)));
    m->out = out;
    mu_hex_write(SPAN_OF(random), m->boundary);
    (void)snprintf(
        m->type, sizeof(m->type), "multipart/mixed;boundary=%s", m->boundary);
    return MU_OK;
}

void sip_multipart_add(struct sip_multipart *m, const struct sip_part *part)
{
    buf_text(m->out, "--");
    buf_text(m->out, m->boundary);
    buf_text(m->out, "\r\nContent-Type: ");
    buf_add(m->out, part->type);
    if (part->id.len > 0) {
        buf_text(m->out, "\r\nContent-ID: <");
        buf_add(m->out, part->id);
        buf_text(m->out, ">");
    }
    buf_text(m->out, "\r\n\r\n");
    buf_add(m->out, part->body);
    buf_text(m->out, "\r\n");
}

enum mu_err sip_multipart_end(struct sip_multipart *m)
{
    buf_text(m->out, "--");
    buf_text(m->out, m->boundary);
    buf_text(m->out, "--\r\n");
    return m->out->err;
}
