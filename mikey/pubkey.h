/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pubkey.h - payloads of the modes with certificates: PKE, the envelope key
 * (RFC 3830 clause 6.3), CERT and CHASH, a certificate or the hash of one
 * (clauses 6.7 and 6.8).
 */
#ifndef MIKEY_PUBKEY_H
#define MIKEY_PUBKEY_H

#include "base/bytes.h"
#include "mikey/codes.h"

struct mikey_pke {
    uint8_t next;
    uint8_t cache;    /* 0..3, registry pke_cache */
    struct span data; /* 0..16383 octets, borrowed */
};

struct mikey_cert {
    uint8_t next;
    uint8_t type;     /* registry cert_type */
    struct span cert; /* 0..65535 octets, borrowed */
};

struct mikey_chash {
    uint8_t next;
    uint8_t func;     /* registry chash_hash_func */
    struct span hash; /* 20, 16 or 32 octets by func, borrowed */
};

void mikey_pke_read(struct rd *r, struct mikey_pke *out);
void mikey_pke_write(struct wr *w, const struct mikey_pke *in);

void mikey_cert_read(struct rd *r, struct mikey_cert *out);
void mikey_cert_write(struct wr *w, const struct mikey_cert *in);

/* Faults: MU_E_UNSUPPORTED at "hash_func", whose length is unknown. */
void mikey_chash_read(struct rd *r, struct mikey_chash *out);
void mikey_chash_write(struct wr *w, const struct mikey_chash *in);

#endif
