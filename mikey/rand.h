/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rand.h - random values: RAND (RFC 3830 clause 6.11) and RANDR, which has a
 * role (RFC 6043 clause 6.8).
 */
#ifndef MIKEY_RAND_H
#define MIKEY_RAND_H

#include "base/bytes.h"

#define MIKEY_RAND_MIN 16
#define MIKEY_RAND_MAX 255

struct mikey_rand {
    uint8_t next;
    uint8_t role;     /* RANDR only, registry rand_role; 0 in RAND */
    struct span rand; /* MIKEY_RAND_MIN..MIKEY_RAND_MAX octets, borrowed */
};

/* Faults: MU_E_MALFORMED at "rand_len" below the minimum. */
void mikey_rand_read(struct rd *r, struct mikey_rand *out);
void mikey_rand_write(struct wr *w, const struct mikey_rand *in);
void mikey_randr_read(struct rd *r, struct mikey_rand *out);
void mikey_randr_write(struct wr *w, const struct mikey_rand *in);

#endif
