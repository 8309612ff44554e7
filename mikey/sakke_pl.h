/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sakke_pl.h - the SAKKE payload (RFC 6509 clause 4.2): an encapsulated key.
 */
#ifndef MIKEY_SAKKE_PL_H
#define MIKEY_SAKKE_PL_H

#include "base/bytes.h"
#include "mikey/codes.h"

/* Encapsulated data of parameter set 1: a point of 257 octets, 16 of hint. */
#define MIKEY_SAKKE_PL_SED_LEN 273

struct mikey_sakke_pl {
    uint8_t next;
    uint8_t params;  /* enum mikey_sakke_params */
    uint8_t scheme;  /* enum mikey_id_scheme */
    struct span sed; /* MIKEY_SAKKE_PL_SED_LEN octets, borrowed */
};

/*
 * Faults: MU_E_UNSUPPORTED at "sakke_params" for other parameters than set 1;
 * MU_E_MALFORMED at "sed_len" for another length than theirs.
 */
void mikey_sakke_pl_read(struct rd *r, struct mikey_sakke_pl *out);
void mikey_sakke_pl_write(struct wr *w, const struct mikey_sakke_pl *in);

#endif
