/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h - append-only logs: hash-chained, signed, read by people.
 *
 * A log is a text of printable ASCII, one record a line, each ended by LF:
 *
 *     SEQ TIME PAYLOAD PREV SIG
 *
 *     SEQ      number of the record from 0, decimal, no leading zeros
 *     TIME     as mu_time_write(); as the writer's clock had it, so it may
 *              go back
 *     PAYLOAD  1..MU_CHAIN_PAYLOAD_MAX characters 0x20..0x7e, blanks included:
 *              it ends where PREV begins, which is counted from the line's end
 *     PREV     hash of the record before, 64 lower-case hex digits; zeros
 *              for record 0
 *     SIG      mu_sign() with label "muster chain 1" over the line up to and
 *              with PREV, 128 lower-case hex digits
 *
 * The hash of a record is SHA-256 over the same octets that SIG signs. Record
 * 0 says whose log this is:
 *
 *     chain=1 name=NAME id=(32 hex digits, random) key=(the signer's, 64)
 *
 * The log's head is the number and hash of its last record. Whoever keeps a
 * head elsewhere has a witness: without one, nobody can tell a log from an
 * earlier state of it, nor from another history made by the holder of the
 * key; with one, both are found.
 *
 * A crash during an append leaves a torn last line. Verification
 * (base/chain_verify.h) tells it apart from a changed log, and the writer cuts
 * it off: its append never succeeded.
 */
#ifndef BASE_CHAIN_H
#define BASE_CHAIN_H

#include "base/bytes.h"
#include "base/clock.h"
#include "base/sign.h"

#define MU_CHAIN_PAYLOAD_MAX 32768
#define MU_CHAIN_NAME_MAX    32
#define MU_CHAIN_HASH_LEN    32

/* At most so many characters make a line with a payload of len, LF included. */
#define MU_CHAIN_LINE_LEN(len) (20 + 1 + 24 + 1 + (len) + 1 + 64 + 1 + 128 + 1)

/* The same for record 0. */
#define MU_CHAIN_FIRST_LEN (MU_CHAIN_LINE_LEN(160))

struct mu_chain_head {
    uint64_t seq;
    uint8_t hash[MU_CHAIN_HASH_LEN];
};

/* "SEQ:HASH" and its NUL: for ceremonies, bundles and witnesses. */
#define MU_CHAIN_HEAD_TEXT (20 + 1 + 64 + 1)

void mu_chain_head_write(
    const struct mu_chain_head *head, char out[MU_CHAIN_HEAD_TEXT]);

/* Returns MU_OK or MU_E_MALFORMED; *out is untouched on failure. */
MU_MUST_CHECK enum mu_err mu_chain_head_read(
    struct span text, struct mu_chain_head *out);

/*
 * Writing. Both functions put one line behind what w holds, so that records
 * may be written in batches, and yield the head after it. The caller makes
 * what w holds durable as a whole or not at all, and only then keeps the head;
 * after a failure it goes on with the head it had. On failure w is of no use
 * and *head is untouched. w writes to memory: it does not only count.
 *
 * Both return MU_OK; MU_E_MALFORMED for a name or payload of other characters
 * or lengths; MU_E_NO_SPACE when the line does not fit; MU_E_CRYPTO.
 */

/* Record 0. name is 1..MU_CHAIN_NAME_MAX characters a-z, 0-9, '.' or '-'. */
MU_MUST_CHECK enum mu_err mu_chain_begin(const struct mu_sign_key *key,
    const char *name, const struct mu_rng *rng, uint64_t unix_ms, struct wr *w,
    struct mu_chain_head *head);

/* The record after prev; head may be prev. */
MU_MUST_CHECK enum mu_err mu_chain_add(const struct mu_sign_key *key,
    const struct mu_chain_head *prev, uint64_t unix_ms, struct span payload,
    struct wr *w, struct mu_chain_head *head);

/* One record as read; spans are borrowed from the line. */
struct mu_chain_record {
    uint64_t seq, unix_ms;
    struct span payload;
    uint8_t prev[MU_CHAIN_HASH_LEN];
    struct mu_signature sig;
    struct span covered; /* what SIG signs and the hash covers */
};

/*
 * Reads one line without its LF; checks its form, not its signature.
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err mu_chain_record_read(
    struct span line, struct mu_chain_record *out);

/* The hash of a record, from its octets covered; MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err mu_chain_hash(
    struct span covered, uint8_t out[MU_CHAIN_HASH_LEN]);

/*
 * Checks a record's signature alone, not its place in the log.
 *
 * Returns MU_OK or MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err mu_chain_record_verify(
    const struct mu_verify_key *key, const struct mu_chain_record *record);

/*
 * Whether payload is what record 0 of the log name, signed by key, says; its
 * id may be any.
 */
bool mu_chain_is_first(
    struct span payload, const char *name, const struct mu_verify_key *key);

#endif
