/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/schedule.h"

#include <string.h>

#include "base/alloc.h"

/* Octets are counted in thousandths, so that a millisecond's share of a small
 * budget is not rounded away. */
#define UNIT 1000

/* A bucket of octets. Its level may fall below zero: an entry larger than the
 * burst, or a guess that was too low, is paid for afterwards. */
struct bucket {
    int64_t level; /* in 1/UNIT octets */
    uint64_t at_ms;
};

struct area {
    uint32_t id;
    struct bucket bucket;
    size_t waiting; /* entries of it */
    bool blocked;   /* in this round: one of it had to step aside */
};

struct waiting {
    struct waiting *next, **link; /* in its queue; link points to it */
    struct waiting *next_of_id;   /* in the table */
    struct sip_entry entry;
};

struct queue {
    struct waiting *first, **end;
    size_t count;
};

struct sip_schedule {
    struct sip_budget all_budget, area_budget;
    struct bucket all;
    struct area *areas; /* sorted by id */
    size_t area_count, area_cap;
    struct queue queues[SIP_URGENCIES];
    struct waiting **by_id; /* a table of lists */
    size_t buckets;         /* a power of two */
};

#define BUCKETS_LEAST 64

static int64_t full(const struct sip_budget *budget)
{
    return (int64_t)(budget->burst * UNIT);
}

static void fill(
    struct bucket *bucket, const struct sip_budget *budget, uint64_t now_ms)
{
    uint64_t passed = now_ms - bucket->at_ms;
    int64_t lacks = full(budget) - bucket->level;

    bucket->at_ms = now_ms;
    /* octets/s * ms = thousandths of octets. Compared by division first, since
     * a long quiet spell would overflow the product. */
    if (passed > (uint64_t)lacks / budget->octets_per_s)
        bucket->level = full(budget);
    else
        bucket->level += (int64_t)(passed * budget->octets_per_s);
}

/* Enough for the entry, or as much as there can ever be. */
static bool suffices(const struct bucket *bucket,
    const struct sip_budget *budget, uint32_t octets)
{
    int64_t need = (int64_t)octets * UNIT;

    return bucket->level >= (need < full(budget) ? need : full(budget));
}

/* Milliseconds until it suffices. */
static uint64_t lacking_ms(const struct bucket *bucket,
    const struct sip_budget *budget, uint32_t octets)
{
    int64_t need = (int64_t)octets * UNIT;
    int64_t want = need < full(budget) ? need : full(budget);
    uint64_t lacks = (uint64_t)(want - bucket->level);

    return (lacks + budget->octets_per_s - 1) / budget->octets_per_s;
}

static bool is_limited(const struct sip_budget *budget)
{
    return budget->octets_per_s > 0;
}

enum mu_err sip_schedule_new(const struct sip_budget *all,
    const struct sip_budget *area, uint64_t now_ms, struct sip_schedule **out)
{
    struct sip_schedule *s = mu_alloc(sizeof(*s));

    if (s == NULL)
        return MU_E_NO_MEMORY;
    s->all_budget = *all;
    s->area_budget = *area;
    s->all = (struct bucket){full(all), now_ms};
    for (size_t i = 0; i < SIP_URGENCIES; i++)
        s->queues[i].end = &s->queues[i].first;
    s->buckets = BUCKETS_LEAST;
    s->by_id = mu_alloc_array(s->buckets, sizeof(struct waiting *));
    if (s->by_id == NULL) {
        mu_free(s);
        return MU_E_NO_MEMORY;
    }
    *out = s;
    return MU_OK;
}

void sip_schedule_free(struct sip_schedule *s)
{
    struct waiting *w, *next;

    if (s == NULL)
        return;
    for (size_t i = 0; i < SIP_URGENCIES; i++)
        for (w = s->queues[i].first; w != NULL; w = next) {
            next = w->next;
            mu_free(w);
        }
    mu_free(s->areas);
    mu_free(s->by_id);
    mu_free(s);
}

/* --------------------------------------------------------------- areas */

static size_t place_of(const struct sip_schedule *s, uint32_t id)
{
    size_t low = 0, high = s->area_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->areas[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct area *find_area(const struct sip_schedule *s, uint32_t id)
{
    size_t i = place_of(s, id);

    return i < s->area_count && s->areas[i].id == id ? &s->areas[i] : NULL;
}

static enum mu_err grow(struct sip_schedule *s)
{
    size_t cap = s->area_cap > 0 ? 2 * s->area_cap : 16;
    struct area *areas = mu_alloc_array(cap, sizeof(*areas));

    if (areas == NULL)
        return MU_E_NO_MEMORY;
    if (s->area_count > 0)
        memcpy(areas, s->areas, s->area_count * sizeof(*areas));
    mu_free(s->areas);
    s->areas = areas;
    s->area_cap = cap;
    return MU_OK;
}

/* One whose budget is full and who waits for nothing is as one that was never
 * there: subscribers come and go from any number of addresses. */
static void forget_quiet(struct sip_schedule *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->area_count; i++)
        if (s->areas[i].waiting > 0 ||
            (is_limited(&s->area_budget) &&
                s->areas[i].bucket.level < full(&s->area_budget)))
            s->areas[kept++] = s->areas[i];
    s->area_count = kept;
}

/* A new area's budget is full: nothing was sent there for long. */
static enum mu_err add_area(struct sip_schedule *s, uint32_t id)
{
    size_t i = place_of(s, id);

    if (i < s->area_count && s->areas[i].id == id)
        return MU_OK;
    if (s->area_count == s->area_cap) {
        forget_quiet(s);
        if (2 * s->area_count > s->area_cap || s->area_cap == 0)
            TRY(grow(s));
        i = place_of(s, id);
    }
    memmove(&s->areas[i + 1], &s->areas[i],
        (s->area_count - i) * sizeof(s->areas[0]));
    s->areas[i] = (struct area){
        .id = id, .bucket = {full(&s->area_budget), s->all.at_ms}};
    s->area_count++;
    return MU_OK;
}

/* ------------------------------------------------------------- entries */

/* Ids are handed out one after the other, so that their low bits are even. */
static struct waiting **bucket_of(const struct sip_schedule *s, uint64_t id)
{
    return &s->by_id[id & (s->buckets - 1)];
}

static struct waiting **find(const struct sip_schedule *s, uint64_t id)
{
    struct waiting **at = bucket_of(s, id);

    while (*at != NULL && (*at)->entry.id != id)
        at = &(*at)->next_of_id;
    return at;
}

/* The table grows with what waits; when there is no memory for that its lists
 * are longer, and that is all. */
static void widen(struct sip_schedule *s)
{
    struct waiting **old = s->by_id, *w, *next;
    size_t count = s->buckets;

    if (sip_schedule_count(s) < 2 * count)
        return;
    s->by_id = mu_alloc_array(2 * count, sizeof(struct waiting *));
    if (s->by_id == NULL) {
        s->by_id = old;
        return;
    }
    s->buckets = 2 * count;
    for (size_t i = 0; i < count; i++)
        for (w = old[i]; w != NULL; w = next) {
            struct waiting **at = bucket_of(s, w->entry.id);

            next = w->next_of_id;
            w->next_of_id = *at;
            *at = w;
        }
    mu_free(old);
}

static void leave_queue(struct sip_schedule *s, struct waiting *w)
{
    struct queue *queue = &s->queues[w->entry.urgency];

    *w->link = w->next;
    if (w->next != NULL)
        w->next->link = w->link;
    else
        queue->end = w->link;
    queue->count--;
    find_area(s, w->entry.area)->waiting--;
}

static void join_queue(struct sip_schedule *s, struct waiting *w)
{
    struct queue *queue = &s->queues[w->entry.urgency];

    find_area(s, w->entry.area)->waiting++;

    w->next = NULL;
    w->link = queue->end;
    *queue->end = w;
    queue->end = &w->next;
    queue->count++;
}

static void take_out(struct sip_schedule *s, struct waiting **at)
{
    struct waiting *w = *at;

    *at = w->next_of_id;
    leave_queue(s, w);
    mu_free(w);
}

/* In the place of the one that is there. */
static void replace(
    struct sip_schedule *s, struct waiting *w, const struct sip_entry *entry)
{
    enum sip_urgency before = w->entry.urgency;

    if (before <= entry->urgency) {
        find_area(s, w->entry.area)->waiting--;
        w->entry = *entry;
        w->entry.urgency = before;
        find_area(s, w->entry.area)->waiting++;
        return;
    }
    leave_queue(s, w);
    w->entry = *entry;
    join_queue(s, w);
}

enum mu_err sip_schedule_put(
    struct sip_schedule *s, const struct sip_entry *entry)
{
    struct waiting **at = find(s, entry->id), *w;

    TRY(add_area(s, entry->area));
    if (*at != NULL) {
        replace(s, *at, entry);
        return MU_OK;
    }
    w = mu_alloc(sizeof(*w));
    if (w == NULL)
        return MU_E_NO_MEMORY;
    w->entry = *entry;
    *at = w;
    join_queue(s, w);
    widen(s);
    return MU_OK;
}

void sip_schedule_drop(struct sip_schedule *s, uint64_t id)
{
    struct waiting **at = find(s, id);

    if (*at != NULL)
        take_out(s, at);
}

size_t sip_schedule_count_of(
    const struct sip_schedule *s, enum sip_urgency urgency)
{
    return s->queues[urgency].count;
}

size_t sip_schedule_areas(const struct sip_schedule *s)
{
    return s->area_count;
}

size_t sip_schedule_count(const struct sip_schedule *s)
{
    size_t count = 0;

    for (size_t i = 0; i < SIP_URGENCIES; i++)
        count += s->queues[i].count;
    return count;
}

/* ---------------------------------------------------------------- next */

static void refill(struct sip_schedule *s, uint64_t now_ms)
{
    if (is_limited(&s->all_budget))
        fill(&s->all, &s->all_budget, now_ms);
    s->all.at_ms = now_ms;
    for (size_t i = 0; i < s->area_count; i++) {
        s->areas[i].blocked = false;
        if (is_limited(&s->area_budget))
            fill(&s->areas[i].bucket, &s->area_budget, now_ms);
        s->areas[i].bucket.at_ms = now_ms;
    }
}

static void sooner(uint64_t *again_ms, uint64_t at_ms)
{
    if (at_ms < *again_ms)
        *again_ms = at_ms;
}

/* Whether it may go; else *again_ms is brought forward to when it may. */
static bool may_go(struct sip_schedule *s, const struct sip_entry *e,
    uint64_t now_ms, uint64_t *again_ms)
{
    struct area *area = find_area(s, e->area);

    if (e->not_before_ms > now_ms) {
        sooner(again_ms, e->not_before_ms);
        return false;
    }
    if (area->blocked)
        return false;
    if (is_limited(&s->area_budget) &&
        !suffices(&area->bucket, &s->area_budget, e->octets)) {
        area->blocked = true;
        sooner(again_ms,
            now_ms + lacking_ms(&area->bucket, &s->area_budget, e->octets));
        return false;
    }
    return true;
}

static void charge(struct sip_schedule *s, const struct sip_entry *e)
{
    s->all.level -= (int64_t)e->octets * UNIT;
    find_area(s, e->area)->bucket.level -= (int64_t)e->octets * UNIT;
}

/* The first that its area lets go: it is the one whose turn it is, so if the
 * budget of all does not suffice for it nothing else goes. */
static const struct waiting *choose(
    struct sip_schedule *s, uint64_t now_ms, uint64_t *again_ms)
{
    for (size_t i = 0; i < SIP_URGENCIES; i++)
        for (const struct waiting *w = s->queues[i].first; w != NULL;
             w = w->next)
            if (may_go(s, &w->entry, now_ms, again_ms))
                return w;
    return NULL;
}

bool sip_schedule_next(struct sip_schedule *s, uint64_t now_ms,
    struct sip_entry *out, uint64_t *again_ms)
{
    const struct waiting *w;

    *again_ms = UINT64_MAX;
    refill(s, now_ms);
    w = choose(s, now_ms, again_ms);
    if (w == NULL)
        return false;
    if (is_limited(&s->all_budget) &&
        !suffices(&s->all, &s->all_budget, w->entry.octets)) {
        *again_ms =
            now_ms + lacking_ms(&s->all, &s->all_budget, w->entry.octets);
        return false;
    }
    *out = w->entry;
    charge(s, out);
    sip_schedule_drop(s, out->id);
    return true;
}

void sip_schedule_correct(
    struct sip_schedule *s, uint32_t area, uint32_t guessed, uint32_t sent)
{
    int64_t more = ((int64_t)sent - (int64_t)guessed) * UNIT;
    struct area *a = find_area(s, area);

    s->all.level -= more;
    if (a != NULL)
        a->bucket.level -= more;
}

/* ------------------------------------------------------------- back-off */

static uint64_t draw_below(const struct mu_rng *rng, uint64_t bound)
{
    uint8_t octets[8];
    uint64_t v = 0;

    /* Without randomness: as late as can be. */
    if (bound == 0 || mu_rng_fill(rng, octets, sizeof(octets)) != MU_OK)
        return bound;
    for (size_t i = 0; i < sizeof(octets); i++)
        v = v << 8 | octets[i];
    return v % (bound + 1);
}

uint64_t sip_backoff_ms(const struct mu_rng *rng, unsigned tries,
    uint64_t least_ms, uint64_t most_ms, uint64_t retry_after_ms)
{
    uint64_t wait = least_ms;

    for (unsigned i = 1; i < tries && wait < most_ms; i++)
        wait *= 2;
    if (wait > most_ms)
        wait = most_ms;
    wait = wait - wait / 2 + draw_below(rng, wait / 2);
    return retry_after_ms + wait;
}
