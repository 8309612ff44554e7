/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ident.h - identities: MC service IDs, KMS and group URIs, telephone URIs.
 *
 * An identity is its octets. It is hashed and compared octet for octet, as the
 * KMS wrote it (TS 33.180 clause F.2.1): never folded, never completed; one
 * without a scheme is in use and is fine. Normalising is for whoever
 * brings an identity into the system, once.
 */
#ifndef MCPTT_IDENT_H
#define MCPTT_IDENT_H

#include "base/bytes.h"

#define MCPTT_ID_MAX 255 /* octets of UTF-8; ours, not the standard's */

/* A stored identity. Equal ones are equal in mcptt_id_span(). */
struct mcptt_id {
    uint8_t b[MCPTT_ID_MAX];
    uint8_t len; /* 1..MCPTT_ID_MAX */
};

/*
 * Any identity URI: 1..MCPTT_ID_MAX octets, text as mikey_id_is_text() has it
 * (mikey/idr.h).
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err mcptt_id_check(struct span uri);

/* Checks uri as above and keeps a copy in *out, untouched on failure. */
MU_MUST_CHECK enum mu_err mcptt_id_set(struct mcptt_id *out, struct span uri);

/* Borrowed from id. */
struct span mcptt_id_span(const struct mcptt_id *id);

bool mcptt_id_eq(const struct mcptt_id *a, const struct mcptt_id *b);

/*
 * The telephone URI that may stand in an identifier (RFC 6509 clause 3.2):
 * "tel:+" and digits. Global form, normalised, no visual separators, no
 * parameters; at most MCPTT_ID_MAX octets.
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err mcptt_tel_check(struct span uri);

/*
 * Brings a telephone URI into that form by the steps of RFC 3986 clause 6.2.2:
 * scheme in lower case, percent-encoded digits decoded. No more: an encoded
 * "+" is reserved and means something else, and separators and parameters are
 * the caller's to remove, who knows what was meant.
 *
 * Returns MU_OK with *out set, or MU_E_MALFORMED with it untouched.
 */
MU_MUST_CHECK enum mu_err mcptt_tel_set(struct mcptt_id *out, struct span uri);

#endif
