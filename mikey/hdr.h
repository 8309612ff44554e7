/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hdr.h - the common header payload, HDR, with its CS ID map (RFC 3830 clause
 * 6.1). It has no type number of its own: it is always the first.
 */
#ifndef MIKEY_HDR_H
#define MIKEY_HDR_H

#include "base/bytes.h"
#include "mikey/codes.h"
#include "mikey/cs_map.h"

#define MIKEY_HDR_LEN     10 /* octets before the map */
#define MIKEY_HDR_NEXT_AT 2  /* offset of the next payload octet */

struct mikey_hdr {
    uint8_t data_type; /* enum mikey_data_type */
    uint8_t next;      /* enum mikey_payload_type */
    bool v;            /* asks for an answer */
    uint8_t prf;       /* enum mikey_prf_func, 0..127 */
    uint32_t csb_id;
    uint8_t cs_count;
    uint8_t map_type; /* enum mikey_map_type */
    struct span map;  /* cs_count entries, validated; borrows the input */
};

/*
 * Faults: MU_E_UNSUPPORTED at "version" or "map_type"; MU_E_MALFORMED at
 * "map_type" for an empty map with #CS > 0, and for a broken map entry.
 */
void mikey_hdr_read(struct rd *r, struct mikey_hdr *out);
void mikey_hdr_write(struct wr *w, const struct mikey_hdr *in);

/*
 * The i-th crypto session of a map that mikey_hdr_read() has read, i counted
 * from 0, its CS ID set for both kinds of map; false, and out untouched, when
 * the map has no such entry.
 */
bool mikey_hdr_cs(
    const struct mikey_hdr *hdr, unsigned i, struct mikey_cs *out);

#endif
