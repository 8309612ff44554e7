/* SPDX-License-Identifier: Apache-2.0 */
#include "http/admit.h"

#include <string.h>

#include "base/alloc.h"

#define WAYS 8 /* places of one hash, looked through in order */
#define SETS (HTTP_ADMIT_PLACES / WAYS)

_Static_assert((SETS & (SETS - 1)) == 0, "a set is some bits of the hash");

struct place {
    uint64_t tag; /* the whole hash: two callers share one in 2^64 */
    struct http_bucket bucket; /* never used: all zero */
};

struct http_admit {
    uint64_t per_s, burst, refused;
    uint8_t key[MU_SIPHASH_KEY];
    struct place places[SETS][WAYS];
};

enum mu_err http_admit_new(uint64_t per_s, uint64_t burst,
    const uint8_t key[MU_SIPHASH_KEY], struct http_admit **out)
{
    struct http_admit *made = mu_alloc(sizeof(*made));

    if (made == NULL)
        return MU_E_NO_MEMORY;
    made->per_s = per_s;
    made->burst = burst;
    memcpy(made->key, key, sizeof(made->key));
    *out = made;
    return MU_OK;
}

void http_admit_free(struct http_admit *admit)
{
    mu_free(admit);
}

/* Of a place that nobody has: as full as can be. */
static uint64_t level_at(const struct place *place, uint64_t now_ms)
{
    if (place->bucket.burst == 0)
        return UINT64_MAX;
    return http_bucket_level(&place->bucket, now_ms);
}

/* The place of a tag, or the one that is given up for it. */
static struct place *find(struct place set[WAYS], uint64_t tag, uint64_t now_ms)
{
    struct place *fullest = &set[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].tag == tag && set[i].bucket.burst != 0)
            return &set[i];
        if (level_at(&set[i], now_ms) > level_at(fullest, now_ms))
            fullest = &set[i];
    }
    fullest->bucket.burst = 0;
    return fullest;
}

bool http_admit_take(struct http_admit *admit, struct span who, uint64_t now_ms)
{
    uint64_t tag;
    struct place *place;

    if (admit->per_s == 0)
        return true;
    tag = mu_siphash(admit->key, who);
    place = find(admit->places[tag % SETS], tag, now_ms);
    if (place->bucket.burst == 0) {
        place->tag = tag;
        http_bucket_init(&place->bucket, admit->per_s, admit->burst, now_ms);
    }
    if (http_bucket_take(&place->bucket, now_ms))
        return true;
    admit->refused++;
    return false;
}

bool http_admit_has(
    const struct http_admit *admit, struct span who, uint64_t now_ms)
{
    uint64_t tag = mu_siphash(admit->key, who);
    const struct place *set = admit->places[tag % SETS];

    for (size_t i = 0; admit->per_s != 0 && i < WAYS; i++)
        if (set[i].tag == tag && set[i].bucket.burst != 0)
            return http_bucket_level(&set[i].bucket, now_ms) >= 1000;
    return true;
}

uint64_t http_admit_refused(const struct http_admit *admit)
{
    return admit->refused;
}
