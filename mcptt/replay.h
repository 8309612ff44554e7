/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.h - refuses a message that is out of its time or was seen before
 * (RFC 3830 clause 5.4).
 *
 * A receiver asks mcptt_replay_check() before it verifies a signature and
 * calls mcptt_replay_add() once the signature is good: only authenticated
 * messages enter, so strangers cannot fill the cache. A message is known by
 * the SHA-256 of the octets that are signed; the signature itself is
 * malleable (RFC 6507 lets (r, q - s) verify as well) and would let one replay
 * through.
 *
 * Times are seconds since 1900 as in mcptt/period.h, and "now" is an argument.
 * A message is remembered for as long as it would be accepted.
 *
 * Full cache: entries whose time is over are dropped first; when none is, the
 * new message is refused with MU_E_NO_SPACE. Nothing that could still be
 * replayed is ever dropped for room.
 */
#ifndef MCPTT_REPLAY_H
#define MCPTT_REPLAY_H

#include "mcptt/period.h"

#define MCPTT_REPLAY_WINDOW_S 300 /* the default; ours, not the standard's */

/*
 * What was before this cache. After a loss, a message that may have been in
 * the lost one is refused: all for one window, and for good each whose
 * timestamp is not later than loss plus window, as senders' clocks may be
 * ahead by so much. Deferred messages from before a loss are therefore to be
 * asked for anew.
 */
enum mcptt_replay_start {
    MCPTT_REPLAY_LOST, /* a cache, gone at a restart */
    MCPTT_REPLAY_FIRST /* nothing: these identities never received before */
};

enum mcptt_replay_mode {
    MCPTT_REPLAY_ONLINE,  /* each message within the window */
    MCPTT_REPLAY_DEFERRED /* some for their whole key period */
};

struct mcptt_replay_conf {
    uint64_t window_s; /* both ways, ahead and behind; below 2^32 */
    uint32_t capacity; /* messages, at least 1; about 50 octets each */
    enum mcptt_replay_start start;
    enum mcptt_replay_mode mode;
};

struct mcptt_replay;

/*
 * Returns MU_OK, and *out is the caller's to free; MU_E_MALFORMED for a
 * configuration out of range; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mcptt_replay_new(const struct mcptt_replay_conf *conf,
    uint64_t now_s, struct mcptt_replay **out);
void mcptt_replay_free(struct mcptt_replay *r);

#define MCPTT_REPLAY_SHA256_LEN 32

struct mcptt_replay_message {
    struct span signed_octets; /* HDR to the two octets of S type and length */
    /* Their SHA-256, from mcptt_replay_sha256(), for who keeps that alone: of
     * so many octets; NULL: signed_octets are there. */
    const uint8_t *sha256;
    uint64_t t_s; /* its own timestamp */
    /* In mode DEFERRED: the key period of that timestamp. A message that is
     * marked as deferred may come as late as the period's end. Others are
     * remembered as long, lest they come again as deferred ones. */
    struct mcptt_interval period;
    bool deferred;
};

/*
 * Whether a message may be looked at now.
 *
 * Returns MU_OK; MU_E_EXPIRED outside its time; MU_E_DENIED when it was seen
 * before; MU_E_STATE when it may have been seen by a cache that was lost;
 * MU_E_UNSUPPORTED for a deferred one in mode ONLINE; MU_E_CRYPTO if the hash
 * fails.
 */
MU_MUST_CHECK enum mu_err mcptt_replay_check(const struct mcptt_replay *r,
    const struct mcptt_replay_message *message, uint64_t now_s);

/*
 * Checks again and remembers an authenticated message. Only after MU_OK may
 * its key be used. Errors as above, and MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err mcptt_replay_add(struct mcptt_replay *r,
    const struct mcptt_replay_message *message, uint64_t now_s);

/* What a message is known by. Returns MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err mcptt_replay_sha256(
    struct span signed_octets, uint8_t out[MCPTT_REPLAY_SHA256_LEN]);

/* Whether one more fits in; what is over is dropped for it. */
bool mcptt_replay_has_room(struct mcptt_replay *r, uint64_t now_s);

/* Messages remembered at present. */
uint32_t mcptt_replay_count(const struct mcptt_replay *r);

#endif
