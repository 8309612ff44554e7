/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keystore.h - the keys that one member holds of one group, and which of them
 * counts (TS 33.180 clauses 5.7.1, E.6 and 7.4.2; DESIGN section 4).
 *
 * A group has several keys at once: the one in force, one that is to come, one
 * that others may still send with. Each message says from when until when its
 * key is good, or that it is revoked, and members switch by that alone:
 *
 *   - to send, the key whose activation came last; an older one never again,
 *     even when that one is revoked or has ended: a member would rather have
 *     no key than go back to one that somebody was excluded from
 *   - to receive, any key that has not ended and is not revoked: other members'
 *     clocks and deliveries are not ours
 *   - a key that is revoked stays so, whatever a later message says
 *   - one identifier, one key: another key under it is refused
 *
 * Pure; time is an argument, in Unix seconds but for _ms. The keys are secret.
 */
#ifndef UE_KEYSTORE_H
#define UE_KEYSTORE_H

#include "mcptt/key_id.h"

#define UE_KEYS_MAX 64 /* of one group; ours */

enum ue_key_state {
    UE_KEY_COMING,     /* not activated yet, or nobody has looked since */
    UE_KEY_CURRENT,    /* to send with */
    UE_KEY_SUPERSEDED, /* to receive with alone */
    UE_KEY_REVOKED,    /* no key any more, but its identifier is known */
    UE_KEY_STATES
};
const char *ue_key_state_name(enum ue_key_state state);

struct ue_key {
    struct mcptt_key_id gmk_id, guk_id;
    struct mcptt_gmk gmk;    /* wiped when revoked */
    uint64_t from_s;         /* activation */
    uint64_t until_s;        /* expiry; UINT64_MAX: never */
    uint64_t message_ms;     /* timestamp of the message that said so */
    uint64_t remember_s;     /* until when its messages could come again */
    enum ue_key_state state; /* set by the store */
};

/* The name of its state, for people: of a key whose time is over "ended"; one
 * that was current until the clock was set back is coming again. */
const char *ue_key_word(const struct ue_key *key, uint64_t now_s);

/* Starts as {0}. */
struct ue_keystore {
    struct ue_key keys[UE_KEYS_MAX]; /* in order of their arrival */
    size_t len;
    uint64_t floor_s; /* activation of the last one that was current */
};

void ue_keystore_clear(struct ue_keystore *store); /* wipes; for MU_CLEANUP */

/* What a message changed. */
enum ue_news {
    UE_NEWS_NONE,    /* all known, or older than what we know */
    UE_NEWS_KEY,     /* a key that we did not have */
    UE_NEWS_TIMES,   /* other times for one that we have */
    UE_NEWS_REVOKED, /* one is not to be used any more */
};

/*
 * Takes what an authenticated message says of a key.
 *
 *   in       all but its state
 *   revoked  it says that the key must not be used
 *
 * Returns MU_OK and what is new; MU_E_DENIED for another key under an
 * identifier that is known; MU_E_NO_SPACE when there are too many, of which
 * none can be forgotten. On failure the store is as before.
 */
MU_MUST_CHECK enum mu_err ue_keystore_take(struct ue_keystore *store,
    const struct ue_key *in, bool revoked, uint64_t now_s, enum ue_news *news);

/*
 * The key to send with now; NULL: none. What was current before, and whatever
 * was activated before it, is superseded from here on. Borrowed until the next
 * call.
 */
const struct ue_key *ue_keystore_sending(
    struct ue_keystore *store, uint64_t now_s);

/* The key of that identifier if it may be received with; else NULL. */
const struct ue_key *ue_keystore_receiving(const struct ue_keystore *store,
    struct mcptt_key_id gmk_id, uint64_t now_s);

/* Whether that identifier is known, be it of a key that is revoked; and whether
 * it is that of one that is. */
bool ue_keystore_knows(
    const struct ue_keystore *store, struct mcptt_key_id guk_id);
bool ue_keystore_is_revoked(
    const struct ue_keystore *store, struct mcptt_key_id gmk_id);

/* When time alone will next change the key to send with; UINT64_MAX: never. */
uint64_t ue_keystore_next_s(const struct ue_keystore *store, uint64_t now_s);

#endif
