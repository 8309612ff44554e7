/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_id.h - identifiers of MCPTT keys (TS 33.180 clauses 5.2.3 and F.1.3).
 *
 * A key identifier is 32 bits, most significant first: a 4-bit purpose tag,
 * then a 28-bit random value. Each member sees the group key under an
 * identifier of its own, the GUK-ID, so that the key can be diversified.
 */
#ifndef MCPTT_KEY_ID_H
#define MCPTT_KEY_ID_H

#include "base/bytes.h"
#include "base/rng.h"
#include "mcptt/ident.h"
#include "mcptt/keys.h"

#define MCPTT_KEY_ID_LEN         4
#define MCPTT_KEY_ID_RANDOM_BITS 28

struct mcptt_key_id {
    uint32_t v; /* host byte order */
};

/* The purpose tag, 0..15; an enum mcptt_key_kind up to 6, unassigned above. */
unsigned mcptt_key_id_tag(struct mcptt_key_id id);

struct mcptt_key_id mcptt_key_id_read(struct rd *r, const char *field);
void mcptt_key_id_write(struct wr *w, struct mcptt_key_id id);

/*
 * The identifiers that a new one must not repeat: every one that is or was
 * live in the domain, for a GMK also the GUK-IDs it would give the members
 * under their other keys. A look-up that fails says true: then the draw ends
 * in MU_E_NO_SPACE and nothing is repeated.
 */
struct mcptt_key_id_set {
    bool (*has)(void *ctx, struct mcptt_key_id id);
    void *ctx;
};

/*
 * Draws an identifier for a new key of this kind.
 *
 * Returns MU_OK; MU_E_NO_SPACE after 64 candidates that were all in use;
 * MU_E_CRYPTO if the generator fails. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mcptt_key_id_draw(enum mcptt_key_kind kind,
    const struct mcptt_key_id_set *in_use, const struct mu_rng *rng,
    struct mcptt_key_id *out);

/*
 * Derives the GUK-ID under which one member receives a group key.
 *
 *   gmk     the group master key, 16 octets; read, not kept
 *   gmk_id  the group's identifier of that key
 *   member  the member's MCPTT ID as a URI, UTF-8, 1..MCPTT_ID_MAX octets;
 *           compared octet for octet, so already normalised by the caller
 *   out     set on success, untouched on failure
 *
 * Pure: no allocation, no I/O. The time taken does not depend on gmk.
 * Inverse of itself: applied to a GUK-ID it gives back the GMK-ID.
 *
 * Returns MU_OK; MU_E_MALFORMED if member's length is out of range;
 * MU_E_CRYPTO if the HMAC fails.
 */
MU_MUST_CHECK enum mu_err mcptt_guk_id_derive(const struct mcptt_gmk *gmk,
    struct mcptt_key_id gmk_id, struct span member, struct mcptt_key_id *out);

/*
 * The MKI of an SRTP packet: for a GMK eight octets, GMK-ID || GUK-ID of the
 * sender (TS 33.180 clause 7.4.2), for every other kind the four of its
 * key identifier (clause 7.4.1). The GUK-ID is there for a GMK only.
 */
struct mcptt_mki {
    struct mcptt_key_id key_id;
    struct mcptt_key_id guk_id; /* zero unless the tag of key_id is GMK */
};

#define MCPTT_MKI_MAX 8

/* Octets of the MKI of a key with this identifier: 4 or 8. */
size_t mcptt_mki_len(struct mcptt_key_id key_id);

/* The tag of the identifier says which form. Faults: MU_E_MALFORMED at
 * "mki_guk_id" when its tag is not that of a GMK. */
void mcptt_mki_read(struct rd *r, struct mcptt_mki *out);
void mcptt_mki_write(struct wr *w, const struct mcptt_mki *in);

#endif
