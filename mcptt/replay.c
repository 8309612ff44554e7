/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/replay.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/alloc.h"

#define DIGEST_LEN MCPTT_REPLAY_SHA256_LEN

/*
 * One array is both the entries and the heads of the hash chains: bucket i
 * begins at slot i's head. Links are the index plus one; 0 ends a chain, so
 * that zeroed memory is an empty cache.
 */
struct slot {
    uint8_t digest[DIGEST_LEN];
    uint64_t last_s; /* last second at which the message is acceptable */
    uint32_t head, next;
};

struct mcptt_replay {
    struct mcptt_replay_conf conf;
    struct slot *slots;
    uint32_t fresh; /* the slots from this index on were never used */
    uint32_t freed; /* chain of those given back */
    uint32_t count;
    uint64_t first_over_s; /* no entry's time is over before this */
    /* Entries whose time was over at this moment are gone: should the clock
     * be set back, such messages stay refused. */
    uint64_t purged_s;
    uint64_t started_s;
};

enum mu_err mcptt_replay_new(const struct mcptt_replay_conf *conf,
    uint64_t now_s, struct mcptt_replay **out)
{
    struct mcptt_replay *r;

    if (conf->capacity == 0 || conf->capacity == UINT32_MAX ||
        conf->window_s > UINT32_MAX)
        return MU_E_MALFORMED;
    r = mu_alloc(sizeof(*r));
    if (r == NULL)
        return MU_E_NO_MEMORY;
    r->slots = mu_alloc_array(conf->capacity, sizeof(*r->slots));
    if (r->slots == NULL) {
        mu_free(r);
        return MU_E_NO_MEMORY;
    }
    r->conf = *conf;
    r->started_s = now_s;
    r->first_over_s = UINT64_MAX;
    *out = r;
    return MU_OK;
}

void mcptt_replay_free(struct mcptt_replay *r)
{
    if (r == NULL)
        return;
    mu_free(r->slots);
    mu_free(r);
}

uint32_t mcptt_replay_count(const struct mcptt_replay *r)
{
    return r->count;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* The last second at which a message may arrive, deferred or on-line. */
static uint64_t last_online(
    const struct mcptt_replay *r, const struct mcptt_replay_message *m)
{
    return add(m->t_s, r->conf.window_s);
}

static uint64_t last_deferred(
    const struct mcptt_replay *r, const struct mcptt_replay_message *m)
{
    uint64_t online = last_online(r, m);
    uint64_t end = m->period.until_s - 1; /* has t_s, so until_s > 0 */

    return online > end ? online : end;
}

/* The last second at which it may arrive in any way that this cache allows. */
static uint64_t last_kept(
    const struct mcptt_replay *r, const struct mcptt_replay_message *m)
{
    return r->conf.mode == MCPTT_REPLAY_DEFERRED ? last_deferred(r, m)
                                                 : last_online(r, m);
}

/* RFC 3830 clause 5.4: after a loss all is refused for one window. A message
 * accepted before it had a timestamp up to one window ahead. */
static bool maybe_lost(const struct mcptt_replay *r,
    const struct mcptt_replay_message *m, uint64_t now_s)
{
    uint64_t end = add(r->started_s, r->conf.window_s);

    return r->conf.start == MCPTT_REPLAY_LOST && (now_s < end || m->t_s <= end);
}

static enum mu_err check_time(const struct mcptt_replay *r,
    const struct mcptt_replay_message *m, uint64_t now_s)
{
    bool keeps = r->conf.mode == MCPTT_REPLAY_DEFERRED;

    if (m->deferred && !keeps)
        return MU_E_UNSUPPORTED;
    if (keeps && !mcptt_interval_has(m->period, m->t_s))
        return MU_E_EXPIRED;
    if (m->t_s > add(now_s, r->conf.window_s))
        return MU_E_EXPIRED;
    if (now_s > (m->deferred ? last_deferred(r, m) : last_online(r, m)))
        return MU_E_EXPIRED;
    if (last_kept(r, m) < r->purged_s)
        return MU_E_EXPIRED;
    return maybe_lost(r, m, now_s) ? MU_E_STATE : MU_OK;
}

static uint32_t bucket_of(const struct mcptt_replay *r, const uint8_t *digest)
{
    uint32_t hash = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                    (uint32_t)digest[2] << 8 | digest[3];

    return hash % r->conf.capacity;
}

static bool seen(const struct mcptt_replay *r, const uint8_t *digest)
{
    uint32_t link = r->slots[bucket_of(r, digest)].head;

    for (; link != 0; link = r->slots[link - 1].next)
        if (memcmp(r->slots[link - 1].digest, digest, DIGEST_LEN) == 0)
            return true;
    return false;
}

enum mu_err mcptt_replay_sha256(
    struct span signed_octets, uint8_t out[MCPTT_REPLAY_SHA256_LEN])
{
    if (EVP_Digest(signed_octets.p, signed_octets.len, out, NULL, EVP_sha256(),
            NULL) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

/* All checks; the digest of the message for a caller that goes on. */
static enum mu_err check(const struct mcptt_replay *r,
    const struct mcptt_replay_message *m, uint64_t now_s,
    uint8_t digest[DIGEST_LEN])
{
    TRY(check_time(r, m, now_s));
    if (m->sha256 != NULL)
        memcpy(digest, m->sha256, DIGEST_LEN);
    else
        TRY(mcptt_replay_sha256(m->signed_octets, digest));
    return seen(r, digest) ? MU_E_DENIED : MU_OK;
}

enum mu_err mcptt_replay_check(const struct mcptt_replay *r,
    const struct mcptt_replay_message *message, uint64_t now_s)
{
    uint8_t digest[DIGEST_LEN];

    return check(r, message, now_s, digest);
}

/* Drops from one chain what is over; notes when the first of the rest is. */
static void purge_chain(struct mcptt_replay *r, uint32_t *link, uint64_t now_s)
{
    while (*link != 0) {
        uint32_t at = *link;
        struct slot *s = &r->slots[at - 1];

        if (s->last_s < now_s) {
            *link = s->next;
            s->next = r->freed;
            r->freed = at;
            r->count--;
        } else {
            link = &s->next;
            if (s->last_s < r->first_over_s)
                r->first_over_s = s->last_s;
        }
    }
}

static void purge(struct mcptt_replay *r, uint64_t now_s)
{
    if (r->first_over_s >= now_s)
        return;
    r->first_over_s = UINT64_MAX;
    if (r->purged_s < now_s)
        r->purged_s = now_s;
    for (uint32_t i = 0; i < r->conf.capacity; i++)
        purge_chain(r, &r->slots[i].head, now_s);
}

/* A slot that is not in use; count is below capacity, so there is one. */
static uint32_t take_slot(struct mcptt_replay *r)
{
    uint32_t link = r->freed;

    if (link == 0)
        return ++r->fresh;
    r->freed = r->slots[link - 1].next;
    return link;
}

static void insert(
    struct mcptt_replay *r, const uint8_t *digest, uint64_t last_s)
{
    uint32_t *head = &r->slots[bucket_of(r, digest)].head;
    uint32_t link = take_slot(r);
    struct slot *s = &r->slots[link - 1];

    memcpy(s->digest, digest, DIGEST_LEN);
    s->last_s = last_s;
    s->next = *head;
    *head = link;
    r->count++;
    if (last_s < r->first_over_s)
        r->first_over_s = last_s;
}

bool mcptt_replay_has_room(struct mcptt_replay *r, uint64_t now_s)
{
    if (r->count == r->conf.capacity)
        purge(r, now_s);
    return r->count < r->conf.capacity;
}

enum mu_err mcptt_replay_add(struct mcptt_replay *r,
    const struct mcptt_replay_message *message, uint64_t now_s)
{
    uint8_t digest[DIGEST_LEN];

    TRY(check(r, message, now_s, digest));
    if (!mcptt_replay_has_room(r, now_s))
        return MU_E_NO_SPACE;
    insert(r, digest, last_kept(r, message));
    return MU_OK;
}
