/* SPDX-License-Identifier: Apache-2.0 */
/*
 * multipart.h - a body of several parts (RFC 2046 clause 5.1). On the way out:
 * octets as they are, without a transfer encoding, for SIP is clean for eight
 * bits. On the way in: taken apart by ourselves, since sofia-sip's parser ends
 * the process when a part has a NUL in its header. Pure.
 *
 *     TRY(sip_multipart_begin(&m, rng, &body));
 *     sip_multipart_add(&m, &part);
 *     TRY(sip_multipart_end(&m));
 *     ask.type = m.type;
 */
#ifndef SIP_MULTIPART_H
#define SIP_MULTIPART_H

#include "base/buf.h"
#include "base/rng.h"
#include "sip/message.h"

#define SIP_BOUNDARY_OCTETS 16

struct sip_multipart {
    struct buf *out;
    char boundary[2 * SIP_BOUNDARY_OCTETS + 1];
    char type[64]; /* the Content-Type of the whole */
};

/*
 * Begins a body behind what is in *out, which is borrowed.
 *
 * The boundary is drawn, 128 bits, so that nobody can write a part with it
 * inside: no part is searched for it.
 *
 * Returns MU_OK or the errors of rng.
 */
MU_MUST_CHECK enum mu_err sip_multipart_begin(
    struct sip_multipart *m, const struct mu_rng *rng, struct buf *out);

/* A part; its id goes out in brackets, if it has one. Type and id are ours: no
 * line ends in them. */
void sip_multipart_add(struct sip_multipart *m, const struct sip_part *part);

/* Returns MU_OK; MU_E_NO_MEMORY, of out. */
MU_MUST_CHECK enum mu_err sip_multipart_end(struct sip_multipart *m);

#define SIP_BOUNDARY_MAX 70 /* octets (RFC 2046 clause 5.1.1) */

/* A part as it stands in the body. */
struct sip_raw_part {
    struct span type;     /* without parameters; text/plain where none is */
    struct span id;       /* Content-ID, without its brackets; empty: none */
    struct span encoding; /* Content-Transfer-Encoding; empty: none */
    struct span body;
};

/*
 * Takes a body apart: one level, so that a multipart in it stays one part.
 * Lines may end in LF alone. What stands before the first delimiter and behind
 * the last does not count.
 *
 *   boundary  1 to SIP_BOUNDARY_MAX octets, without quotes
 *   parts     borrow from body, but for a type that is ours
 *
 * Returns MU_OK and 1 part at least; MU_E_MALFORMED, also without the last
 * delimiter; MU_E_NO_SPACE for more than SIP_PARTS_MAX.
 */
MU_MUST_CHECK enum mu_err sip_multipart_read(struct span body,
    struct span boundary, struct sip_raw_part parts[SIP_PARTS_MAX],
    size_t *count);

#endif
