/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keydata.h - key material with its validity: Key data (RFC 3830 clause 6.13),
 * which stands encrypted inside KEMAC, DH (clause 6.4), and the KV data both
 * end with (clause 6.14).
 *
 * A key read here stays in the caller's buffer, which the caller wipes.
 */
#ifndef MIKEY_KEYDATA_H
#define MIKEY_KEYDATA_H

#include "base/bytes.h"
#include "mikey/codes.h"

/* Key validity; spans of 0..255 octets, borrowed, empty when not of the type.
 */
struct mikey_kv {
    uint8_t type; /* enum mikey_kv_type */
    struct span spi;
    struct span from, to;
};

struct mikey_key_data {
    uint8_t next;
    uint8_t type;     /* 0..15, registry key_data_type */
    struct span key;  /* 0..65535 octets, borrowed */
    struct span salt; /* same; for the types with a salt */
    struct mikey_kv kv;
};

struct mikey_dh {
    uint8_t next;
    uint8_t group;     /* registry dh_group */
    struct span value; /* 192, 96 or 128 octets by group, borrowed */
    uint8_t reserved;  /* 0..15; to be ignored */
    struct mikey_kv kv;
};

/* Faults: MU_E_UNSUPPORTED at "type_kv": KV data of unknown layout. */
void mikey_key_data_read(struct rd *r, struct mikey_key_data *out);
void mikey_key_data_write(struct wr *w, const struct mikey_key_data *in);

/* The same at "reserved_kv", and at "dh_group", whose length is unknown. */
void mikey_dh_read(struct rd *r, struct mikey_dh *out);
void mikey_dh_write(struct wr *w, const struct mikey_dh *in);

#endif
