/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - the kinds of MCPTT keys, each a type of its own (TS 33.180
 * clauses 5.2.2 and E.6.11).
 *
 * Every one is 16 octets: it is the SSV of a SAKKE message. Code that serves
 * all kinds alike, as building a message does, takes struct mcptt_key, which
 * says its kind; mcptt_key_from_gmk(), mcptt_key_to_gmk() and their sisters
 * convert.
 */
#ifndef MCPTT_KEYS_H
#define MCPTT_KEYS_H

#include "base/err.h"
#include "base/secret.h"

#define MCPTT_KEY_LEN 16

/* The purpose tag of a key's identifier, and the key type of its parameters:
 * the same numbers. 7 to 15 are not assigned. */
enum mcptt_key_kind {
    MCPTT_KIND_GMK = 0,   /* group master key */
    MCPTT_KIND_PCK = 1,   /* private call key */
    MCPTT_KIND_CSK = 2,   /* client-server key */
    MCPTT_KIND_SPK = 3,   /* signalling protection key, between servers */
    MCPTT_KIND_MKFC = 4,  /* multicast floor control key of a group */
    MCPTT_KIND_MSCCK = 5, /* MBMS subchannel control key */
    MCPTT_KIND_MUSIK = 6, /* multicast signalling key */
    MCPTT_KINDS
};

/* "GMK", "PCK", ... "MuSiK"; "unknown" for anything else. */
const char *mcptt_key_kind_name(enum mcptt_key_kind kind);

/* A key of any kind. */
struct mcptt_key {
    enum mcptt_key_kind kind; /* not secret */
    uint8_t b[MCPTT_KEY_LEN];
};

/* Wipes the octets; for MU_CLEANUP. */
void mcptt_key_clear(struct mcptt_key *key);

/* Same kind and same octets; the time does not depend on the octets. */
bool mcptt_key_eq(const struct mcptt_key *a, const struct mcptt_key *b);

/* The octets of a key of this kind; read, not kept. */
void mcptt_key_set(struct mcptt_key *key, enum mcptt_key_kind kind,
    const uint8_t octets[MCPTT_KEY_LEN]);

/*
 * The octets of a key that has to be of this kind.
 * Returns MU_OK or, octets untouched, MU_E_STATE when it is of another.
 */
MU_MUST_CHECK enum mu_err mcptt_key_get(const struct mcptt_key *key,
    enum mcptt_key_kind kind, uint8_t octets[MCPTT_KEY_LEN]);

/* struct mcptt_NAME, and its way to and from struct mcptt_key. */
#define MCPTT_KEY_TYPE(name, kind_of_it)                                       \
    SECRET_TYPE(mcptt_##name, MCPTT_KEY_LEN);                                  \
    static inline __attribute__((unused)) void mcptt_key_from_##name(          \
        const struct mcptt_##name *in, struct mcptt_key *out)                  \
    {                                                                          \
        mcptt_key_set(out, kind_of_it, in->b);                                 \
    }                                                                          \
    MU_MUST_CHECK static inline                                                \
        __attribute__((unused)) enum mu_err mcptt_key_to_##name(               \
            const struct mcptt_key *in, struct mcptt_##name *out)              \
    {                                                                          \
        return mcptt_key_get(in, kind_of_it, out->b);                          \
    }                                                                          \
    struct mcptt_##name /* the user's semicolon ends this declaration */

MCPTT_KEY_TYPE(gmk, MCPTT_KIND_GMK);
MCPTT_KEY_TYPE(pck, MCPTT_KIND_PCK);
MCPTT_KEY_TYPE(csk, MCPTT_KIND_CSK);
MCPTT_KEY_TYPE(spk, MCPTT_KIND_SPK);
MCPTT_KEY_TYPE(mkfc, MCPTT_KIND_MKFC);
MCPTT_KEY_TYPE(mscck, MCPTT_KIND_MSCCK);
MCPTT_KEY_TYPE(musik, MCPTT_KIND_MUSIK);

#endif
