/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/keystore.h"

const char *ue_key_state_name(enum ue_key_state state)
{
    static const char *const names[UE_KEY_STATES] = {
        [UE_KEY_COMING] = "coming",
        [UE_KEY_CURRENT] = "current",
        [UE_KEY_SUPERSEDED] = "superseded",
        [UE_KEY_REVOKED] = "revoked",
    };

    return names[state];
}

const char *ue_key_word(const struct ue_key *key, uint64_t now_s)
{
    if (key->state != UE_KEY_REVOKED && key->until_s <= now_s)
        return "ended";
    if (key->state == UE_KEY_CURRENT && key->from_s > now_s)
        return ue_key_state_name(UE_KEY_COMING);
    return ue_key_state_name(key->state);
}

void ue_keystore_clear(struct ue_keystore *store)
{
    mu_wipe(store, sizeof(*store));
}

static struct ue_key *find(
    struct ue_keystore *store, struct mcptt_key_id gmk_id)
{
    for (size_t i = 0; i < store->len; i++)
        if (store->keys[i].gmk_id.v == gmk_id.v)
            return &store->keys[i];
    return NULL;
}

/* A key of no use whose messages cannot come again: to forget it brings
 * nothing back. */
static bool is_forgettable(const struct ue_key *key, uint64_t now_s)
{
    return (key->state == UE_KEY_REVOKED || key->until_s <= now_s) &&
           key->remember_s <= now_s;
}

static void forget(struct ue_keystore *store, uint64_t now_s)
{
    size_t kept = 0;

    for (size_t i = 0; i < store->len; i++)
        if (!is_forgettable(&store->keys[i], now_s))
            store->keys[kept++] = store->keys[i];
    for (size_t i = kept; i < store->len; i++)
        mu_wipe(&store->keys[i], sizeof(store->keys[i]));
    store->len = kept;
}

static void revoke(struct ue_key *key)
{
    mcptt_gmk_clear(&key->gmk);
    key->state = UE_KEY_REVOKED;
}

/* An identifier that is new, be it only to know that it is revoked. */
static enum mu_err add(struct ue_keystore *store, const struct ue_key *in,
    bool revoked, uint64_t now_s)
{
    struct ue_key *key;

    if (store->len == UE_KEYS_MAX)
        forget(store, now_s);
    if (store->len == UE_KEYS_MAX)
        return MU_E_NO_SPACE;
    key = &store->keys[store->len++];
    *key = *in;
    key->state = UE_KEY_COMING;
    if (revoked)
        revoke(key);
    return MU_OK;
}

/* The activation of a key that has been in force stays what it was: its
 * predecessor could not come back. */
static enum ue_news retime(struct ue_key *key, const struct ue_key *in)
{
    uint64_t from_s = key->state == UE_KEY_COMING ? in->from_s : key->from_s;
    bool same = from_s == key->from_s && in->until_s == key->until_s;

    key->from_s = from_s;
    key->until_s = in->until_s;
    return same ? UE_NEWS_NONE : UE_NEWS_TIMES;
}

static enum ue_news update(
    struct ue_key *key, const struct ue_key *in, bool revoked)
{
    bool is_newer = in->message_ms >= key->message_ms;

    if (in->remember_s > key->remember_s)
        key->remember_s = in->remember_s;
    if (key->state == UE_KEY_REVOKED)
        return UE_NEWS_NONE;
    if (revoked) { /* whenever it was signed: there is no way back */
        revoke(key);
        return UE_NEWS_REVOKED;
    }
    if (!is_newer)
        return UE_NEWS_NONE;
    key->message_ms = in->message_ms;
    return retime(key, in);
}

enum mu_err ue_keystore_take(struct ue_keystore *store, const struct ue_key *in,
    bool revoked, uint64_t now_s, enum ue_news *news)
{
    struct ue_key *key = find(store, in->gmk_id);

    if (key == NULL) {
        TRY(add(store, in, revoked, now_s));
        *news = revoked ? UE_NEWS_REVOKED : UE_NEWS_KEY;
        return MU_OK;
    }
    if (key->state != UE_KEY_REVOKED && !mcptt_gmk_eq(&key->gmk, &in->gmk))
        return MU_E_DENIED;
    *news = update(key, in, revoked);
    return MU_OK;
}

static bool is_activated(const struct ue_key *key, uint64_t now_s)
{
    return key->from_s <= now_s &&
           (key->state == UE_KEY_COMING || key->state == UE_KEY_CURRENT);
}

/* Of two that are activated, the later; of the same second, the one that was
 * signed later; and in the end any, but for all members the same. */
static bool comes_after(const struct ue_key *a, const struct ue_key *b)
{
    if (a->from_s != b->from_s)
        return a->from_s > b->from_s;
    if (a->message_ms != b->message_ms)
        return a->message_ms > b->message_ms;
    return a->gmk_id.v > b->gmk_id.v;
}

/* Ended keys take part: they have superseded others before they ended. */
static struct ue_key *find_latest(struct ue_keystore *store, uint64_t now_s)
{
    struct ue_key *latest = NULL;

    for (size_t i = 0; i < store->len; i++) {
        struct ue_key *key = &store->keys[i];

        if (is_activated(key, now_s) && key->from_s >= store->floor_s &&
            (latest == NULL || comes_after(key, latest)))
            latest = key;
    }
    return latest;
}

static void supersede_others(
    struct ue_keystore *store, const struct ue_key *latest, uint64_t now_s)
{
    for (size_t i = 0; i < store->len; i++) {
        struct ue_key *key = &store->keys[i];

        if (key != latest && is_activated(key, now_s))
            key->state = UE_KEY_SUPERSEDED;
    }
}

const struct ue_key *ue_keystore_sending(
    struct ue_keystore *store, uint64_t now_s)
{
    struct ue_key *latest = find_latest(store, now_s);

    supersede_others(store, latest, now_s);
    if (latest == NULL)
        return NULL;
    latest->state = UE_KEY_CURRENT;
    store->floor_s = latest->from_s;
    return latest->until_s > now_s ? latest : NULL;
}

const struct ue_key *ue_keystore_receiving(
    const struct ue_keystore *store, struct mcptt_key_id gmk_id, uint64_t now_s)
{
    for (size_t i = 0; i < store->len; i++) {
        const struct ue_key *key = &store->keys[i];

        if (key->gmk_id.v == gmk_id.v)
            return key->state != UE_KEY_REVOKED && key->until_s > now_s ? key
                                                                        : NULL;
    }
    return NULL;
}

bool ue_keystore_knows(
    const struct ue_keystore *store, struct mcptt_key_id guk_id)
{
    for (size_t i = 0; i < store->len; i++)
        if (store->keys[i].guk_id.v == guk_id.v)
            return true;
    return false;
}

bool ue_keystore_is_revoked(
    const struct ue_keystore *store, struct mcptt_key_id gmk_id)
{
    for (size_t i = 0; i < store->len; i++)
        if (store->keys[i].gmk_id.v == gmk_id.v)
            return store->keys[i].state == UE_KEY_REVOKED;
    return false;
}

uint64_t ue_keystore_next_s(const struct ue_keystore *store, uint64_t now_s)
{
    uint64_t next_s = UINT64_MAX;

    for (size_t i = 0; i < store->len; i++) {
        const struct ue_key *key = &store->keys[i];

        if (key->state == UE_KEY_COMING && key->from_s > now_s &&
            key->from_s < next_s)
            next_s = key->from_s;
        if (key->state == UE_KEY_CURRENT && key->until_s > now_s &&
            key->until_s < next_s)
            next_s = key->until_s;
    }
    return next_s;
}
