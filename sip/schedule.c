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
    bool blocked; /* in this round: one of it had to step aside */
};

struct waiting {
    struct waiting *next;
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
};

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

/* A new area's budget is full: nothing was sent there for long. */
static enum mu_err add_area(struct sip_schedule *s, uint32_t id)
{
    size_t i = place_of(s, id);

    if (i < s->area_count && s->areas[i].id == id)
        return MU_OK;
    if (s->area_count == s->area_cap)
        TRY(grow(s));
    memmove(&s->areas[i + 1], &s->areas[i],
        (s->area_count - i) * sizeof(s->areas[0]));
    s->areas[i] = (struct area){
        .id = id, .bucket = {full(&s->area_budget), s->all.at_ms}};
    s->area_count++;
    return MU_OK;
}

/* ------------------------------------------------------------- entries */

static void unlink_at(struct queue *queue, struct waiting **link)
{
    struct waiting *w = *link;

    *link = w->next;
    if (queue->end == &w->next)
        queue->end = link;
    queue->count--;
    mu_free(w);
}

static void append(struct queue *queue, struct waiting *w)
{
    w->next = NULL;
    *queue->end = w;
    queue->end = &w->next;
    queue->count++;
}

static struct waiting **find(struct sip_schedule *s, uint64_t id, size_t *class)
{
    for (size_t i = 0; i < SIP_URGENCIES; i++)
        for (struct waiting **link = &s->queues[i].first; *link != NULL;
             link = &(*link)->next)
            if ((*link)->entry.id == id) {
                *class = i;
                return link;
            }
    return NULL;
}

enum mu_err sip_schedule_put(
    struct sip_schedule *s, const struct sip_entry *entry)
{
    size_t class = 0;
    struct waiting **link = find(s, entry->id, &class);
    struct sip_entry now = *entry;
    struct waiting *w;

    TRY(add_area(s, entry->area));
    if (link != NULL && class <= (size_t)entry->urgency) {
        now.urgency = (enum sip_urgency) class;
        (*link)->entry = now;
        return MU_OK;
    }
    w = mu_alloc(sizeof(*w));
    if (w == NULL)
        return MU_E_NO_MEMORY;
    w->entry = now;
    if (link != NULL)
        unlink_at(&s->queues[class], link);
    append(&s->queues[now.urgency], w);
    return MU_OK;
}

void sip_schedule_drop(struct sip_schedule *s, uint64_t id)
{
    size_t class = 0;
    struct waiting **link = find(s, id, &class);

    if (link != NULL)
        unlink_at(&s->queues[class], link);
}

size_t sip_schedule_count_of(
    const struct sip_schedule *s, enum sip_urgency urgency)
{
    return s->queues[urgency].count;
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
static struct waiting **choose(
    struct sip_schedule *s, uint64_t now_ms, size_t *class, uint64_t *again_ms)
{
    for (size_t i = 0; i < SIP_URGENCIES; i++)
        for (struct waiting **link = &s->queues[i].first; *link != NULL;
             link = &(*link)->next)
            if (may_go(s, &(*link)->entry, now_ms, again_ms)) {
                *class = i;
                return link;
            }
    return NULL;
}

bool sip_schedule_next(struct sip_schedule *s, uint64_t now_ms,
    struct sip_entry *out, uint64_t *again_ms)
{
    struct waiting **link;
    size_t class = 0;

    *again_ms = UINT64_MAX;
    refill(s, now_ms);
    link = choose(s, now_ms, &class, again_ms);
    if (link == NULL)
        return false;
    if (is_limited(&s->all_budget) &&
        !suffices(&s->all, &s->all_budget, (*link)->entry.octets)) {
        *again_ms =
            now_ms + lacking_ms(&s->all, &s->all_budget, (*link)->entry.octets);
        return false;
    }
    *out = (*link)->entry;
    charge(s, out);
    unlink_at(&s->queues[class], link);
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
