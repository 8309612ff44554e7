/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/csks.h"

#include "base/alloc.h"
#include "base/siphash.h"

#define BUCKETS 4096 /* by identifier and by member; a power of two */

struct entry {
    struct entry *next_of_id, *next_of_who; /* the newer ones stand before */
    struct entry *older, *newer;
    struct mcptt_id who;
    struct mcptt_key_id id;
    uint64_t until_s;
    struct mcptt_sig_conf_key key;
};

struct gms_csks {
    struct gms_csks_limits limits;
    uint8_t hash_key[MU_SIPHASH_KEY];
    struct entry *by_id[BUCKETS], *by_who[BUCKETS];
    struct entry *oldest, *newest;
    size_t count;
};

static size_t id_bucket(const struct gms_csks *csks, struct mcptt_key_id id)
{
    const struct span octets = {(const uint8_t *)&id.v, sizeof(id.v)};

    return (size_t)mu_siphash(csks->hash_key, octets) & (BUCKETS - 1);
}

static size_t who_bucket(const struct gms_csks *csks, struct span who)
{
    return (size_t)mu_siphash(csks->hash_key, who) & (BUCKETS - 1);
}

enum mu_err gms_csks_new(const struct gms_csks_limits *limits,
    const struct mu_rng *rng, struct gms_csks **out)
{
    struct gms_csks *csks = mu_alloc(sizeof(*csks));
    enum mu_err err;

    if (csks == NULL)
        return MU_E_NO_MEMORY;
    csks->limits = *limits;
    err = mu_rng_fill(rng, csks->hash_key, sizeof(csks->hash_key));
    if (err != MU_OK) {
        mu_free(csks);
        return err;
    }
    *out = csks;
    return MU_OK;
}

static void leave_buckets(struct gms_csks *csks, struct entry *e)
{
    struct entry **link = &csks->by_id[id_bucket(csks, e->id)];

    while (*link != e)
        link = &(*link)->next_of_id;
    *link = e->next_of_id;
    link = &csks->by_who[who_bucket(csks, mcptt_id_span(&e->who))];
    while (*link != e)
        link = &(*link)->next_of_who;
    *link = e->next_of_who;
}

static void drop(struct gms_csks *csks, struct entry *e)
{
    leave_buckets(csks, e);
    *(e->older != NULL ? &e->older->newer : &csks->oldest) = e->newer;
    *(e->newer != NULL ? &e->newer->older : &csks->newest) = e->older;
    csks->count--;
    mu_free_wiped(e, sizeof(*e));
}

void gms_csks_free(struct gms_csks *csks)
{
    if (csks == NULL)
        return;
    while (csks->oldest != NULL)
        drop(csks, csks->oldest);
    mu_free(csks);
}

static void enter(struct gms_csks *csks, struct entry *e)
{
    struct entry **id = &csks->by_id[id_bucket(csks, e->id)];
    struct entry **who =
        &csks->by_who[who_bucket(csks, mcptt_id_span(&e->who))];

    e->next_of_id = *id;
    *id = e;
    e->next_of_who = *who;
    *who = e;
    e->older = csks->newest;
    *(e->older != NULL ? &e->older->newer : &csks->oldest) = e;
    csks->newest = e;
    csks->count++;
}

/* The member's own: one of that identifier, or the oldest when there are as
 * many as he may have. */
static void make_room_of(
    struct gms_csks *csks, struct span who, struct mcptt_key_id id)
{
    struct entry *oldest = NULL, *same = NULL;
    uint64_t count = 0;

    for (struct entry *e = csks->by_who[who_bucket(csks, who)]; e != NULL;
         e = e->next_of_who) {
        if (!span_eq(mcptt_id_span(&e->who), who))
            continue;
        count++;
        oldest = e;
        if (e->id.v == id.v)
            same = e;
    }
    if (same != NULL)
        drop(csks, same);
    else if (oldest != NULL && count >= csks->limits.each)
        drop(csks, oldest);
}

/* What is over goes; those that came first are over first, but for keys that
 * say an end of their own. */
static void make_room(struct gms_csks *csks, uint64_t now_s)
{
    while (csks->oldest != NULL && csks->oldest->until_s <= now_s)
        drop(csks, csks->oldest);
    while (csks->oldest != NULL && csks->count >= csks->limits.max)
        drop(csks, csks->oldest);
}

enum mu_err gms_csks_put(
    struct gms_csks *csks, const struct gms_csk *csk, uint64_t now_s)
{
    uint64_t kept_s = now_s + csks->limits.keep_s;
    struct entry *e;

    TRY(mcptt_id_check(csk->member));
    e = mu_alloc(sizeof(*e));
    if (e == NULL)
        return MU_E_NO_MEMORY;
    if (mcptt_id_set(&e->who, csk->member) != MU_OK) {
        mu_free(e);
        return MU_E_MALFORMED;
    }
    e->id = csk->id;
    e->until_s = csk->until_s < kept_s ? csk->until_s : kept_s;
    e->key = *csk->key;
    make_room_of(csks, csk->member, csk->id);
    make_room(csks, now_s);
    enter(csks, e);
    return MU_OK;
}

size_t gms_csks_find(const struct gms_csks *csks, struct mcptt_key_id id,
    struct span member, uint64_t now_s, struct gms_csk out[GMS_CSKS_SAME_ID])
{
    const struct entry *e = csks->by_id[id_bucket(csks, id)];
    size_t n = 0;

    for (; e != NULL && n < GMS_CSKS_SAME_ID; e = e->next_of_id) {
        struct span who = mcptt_id_span(&e->who);

        if (e->id.v == id.v && e->until_s > now_s &&
            (member.len == 0 || span_eq(who, member)))
            out[n++] = (struct gms_csk){who, e->id, e->until_s, &e->key};
    }
    return n;
}

size_t gms_csks_count(const struct gms_csks *csks)
{
    return csks->count;
}
