/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_params.h - what an I_MESSAGE says about its key (TS 33.180 clause E.6):
 * kind, whether it is revoked, from when to when, and for which groups.
 *
 *     key type (8) | status (32) | activation time (40) | expiry time (40) |
 *     text length (16) | text |
 *     groups length (16) | count (8) | count x (IEI (8) | length (16) | URI)
 *
 * Times are Unix time. The groups are there for keys of groups only. All of it
 * travels encrypted (mcptt/protected.h) in a general extension of type 7.
 */
#ifndef MCPTT_KEY_PARAMS_H
#define MCPTT_KEY_PARAMS_H

#include "mcptt/kdf.h"
#include "mcptt/protected.h"

/* Bits of the status word (clause E.6.9), sent as 32 bits; the rest is zero.
 * A zero word therefore means a revoked key. */
#define MCPTT_STATUS_NOT_REVOKED    UINT32_C(1)
#define MCPTT_STATUS_SHARED_GATEWAY UINT32_C(2) /* with a security gateway */

#define MCPTT_KEY_PARAMS_GROUPS_MAX 15  /* ours: a message stays small */
#define MCPTT_KEY_PARAMS_TEXT_MAX   128 /* octets; ours as well */

/* The longest content that we read or write; a group takes 258 octets. */
#define MCPTT_KEY_PARAMS_MAX MCPTT_PROTECTED_PLAIN_MAX

struct mcptt_key_params {
    enum mcptt_key_kind kind;
    uint32_t status;       /* MCPTT_STATUS_ bits */
    uint64_t activation_s; /* Unix time; 0: the timestamp of the message */
    uint64_t expiry_s;     /* Unix time; 0: never */
    struct span text;      /* a name for people; any octets, perhaps none */
    struct span groups[MCPTT_KEY_PARAMS_GROUPS_MAX]; /* MC group URIs */
    size_t group_count;
};

/*
 * What a receiver may put up with, per peer; each is off when strict.
 */
enum mcptt_key_params_tolerance {
    /* A status word of zero is a live key. A revocation by such a peer is
     * then not seen: its status word is zero as well. */
    MCPTT_ACCEPT_STATUS_ZERO = 1,
    /* The form before the standard: the content in clear, key types one higher
     * than ours, 17 to 21 octets. Nothing but the signature protects it. */
    MCPTT_ACCEPT_CLEAR_KEY_PARAMS = 2,
    /* Octets behind the groups, a field that the standard has reserved. */
    MCPTT_ACCEPT_RESERVED = 4
};

/* True for the kinds whose parameters name groups: GMK, MKFC, MuSiK. */
bool mcptt_key_kind_has_groups(enum mcptt_key_kind kind);

/*
 * Whether these parameters can be sent: a known kind, only known status bits,
 * times of 40 bits, an expiry that is later than a given activation, text
 * and groups within their limits, groups only where the kind has them.
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err mcptt_key_params_check(
    const struct mcptt_key_params *params);

/*
 * The content, as it is in clear.
 *
 * Reads to the end of r. What follows the text is read by what is left, not
 * by the kind: products differ on which kinds carry groups. Spans borrow from
 * the input. Faults: MU_E_UNSUPPORTED at "key_type"; MU_E_NO_SPACE at
 * "group_count"; MU_E_MALFORMED at "expiry_time", "group_id", "reserved", and
 * wherever a length does not fit.
 */
void mcptt_key_params_read(
    struct rd *r, unsigned tolerances, struct mcptt_key_params *out);

/* in has passed mcptt_key_params_check(). */
void mcptt_key_params_write(struct wr *w, const struct mcptt_key_params *in);

/* Whether the key and its identifier must not be used any more. */
bool mcptt_key_params_revoked(
    const struct mcptt_key_params *params, unsigned tolerances);

/*
 * From when until when the key is good for sending, given the timestamp of its
 * message; all three in Unix seconds. *until_s is UINT64_MAX for never.
 *
 * Returns MU_OK; MU_E_MALFORMED, results untouched, when the key would end
 * before it begins.
 */
MU_MUST_CHECK enum mu_err mcptt_key_params_validity(
    const struct mcptt_key_params *params, uint64_t message_s, uint64_t *from_s,
    uint64_t *until_s);

/* The message that parameters belong to. */
struct mcptt_key_params_context {
    const struct mcptt_key *key; /* which it carries */
    struct mcptt_key_id csb_id;  /* the GUK-ID for a GMK */
    uint64_t now_s;              /* for sealing: Unix time, 40 bits */
    unsigned tolerances;         /* for opening */
};

/*
 * Writes the data of the general extension.
 *
 * Returns MU_OK; MU_E_MALFORMED when params fail their check or are of another
 * kind than the key; MU_E_CRYPTO. A full buffer is w's fault.
 */
MU_MUST_CHECK enum mu_err mcptt_key_params_seal(struct wr *w,
    const struct mcptt_key_params_context *context,
    const struct mcptt_key_params *params, const struct mu_rng *rng);

/* The content decrypted, for spans to borrow from. */
struct mcptt_key_params_plain {
    uint8_t b[MCPTT_KEY_PARAMS_MAX];
};

/*
 * Reads the data of the general extension, to the end of r, and decrypts it
 * into *plain, from which *out borrows. The fields of the content are traced
 * and their faults placed at the octets of the ciphertext. Faults besides
 * those of the two readers: MU_E_MALFORMED at "key_type" when it is not the
 * key's; MU_E_NO_SPACE and MU_E_CRYPTO at "payload". The DPPK-ID has to be the
 * CSB ID (clause E.6.1).
 *
 * Returns r's error; *out counts only with MU_OK.
 */
MU_MUST_CHECK enum mu_err mcptt_key_params_open(struct rd *r,
    const struct mcptt_key_params_context *context,
    struct mcptt_key_params_plain *plain, struct mcptt_key_params *out);

#endif
