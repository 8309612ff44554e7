/* SPDX-License-Identifier: Apache-2.0 */
/*
 * multipart.h - a body of several parts (RFC 2046 clause 5.1), on the way out:
 * octets as they are, without a transfer encoding, for SIP is clean for eight
 * bits. On the way in it is sip/agent.h that takes them apart. Pure.
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

#endif
