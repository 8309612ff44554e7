/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ext.h - the general extension payload (RFC 3830 clause 6.15): SDP IDs (RFC
 * 4567), key IDs (RFC 4563), OMA BCAST (RFC 5410), and the two of TS 33.180:
 * SAKKE-to-self (clause E.5) and key parameters (clause E.6), whose content is
 * read in mcptt/.
 */
#ifndef MIKEY_EXT_H
#define MIKEY_EXT_H

#include "base/bytes.h"
#include "mikey/codes.h"
#include "mikey/sakke_pl.h"

struct mikey_ext {
    uint8_t next;
    uint8_t type;     /* enum mikey_ext_type, or any other */
    struct span data; /* 0..65535 octets, borrowed; known types validated */
};

/* One entry of a key ID extension (RFC 4563 clause 4). */
struct mikey_key_id {
    uint8_t type;   /* registry key_id_type */
    struct span id; /* 0..255 octets, borrowed */
};

/*
 * Faults: those of mikey_sakke_pl_read() and mikey_key_id_read() inside, and
 * MU_E_MALFORMED where the data goes on after their end.
 */
void mikey_ext_read(struct rd *r, struct mikey_ext *out);
void mikey_ext_write(struct wr *w, const struct mikey_ext *in);

void mikey_key_id_read(struct rd *r, struct mikey_key_id *out);
void mikey_key_id_write(struct wr *w, const struct mikey_key_id *in);

/*
 * The SAKKE payload inside a SAKKE-to-self extension that mikey_ext_read() has
 * read; false, and out untouched, for another type. Its next payload octet
 * means nothing (TS 33.180 clause E.5): it is sent as 0 and not looked at.
 */
bool mikey_ext_self(const struct mikey_ext *ext, struct mikey_sakke_pl *out);

#endif
