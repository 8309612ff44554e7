/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.h - who is told next when the network cannot take all at once.
 * Pure: time and jitter are arguments.
 *
 * What waits is one entry per subscriber; a later one takes the place of the
 * one before (what it will say is made when it is sent, so nothing old goes
 * out). Entries go by class, the most urgent first, and in a class in the order
 * of their coming. Two budgets hold them back, in octets per second: one for
 * all, and one for each access area (a cell, a site, a satellite link), so
 * that a crowded one neither floods nor starves the others:
 *
 *   - while the budget of all is used up, nothing goes, whatever its class;
 *   - an entry whose area's budget is used up steps aside for other areas,
 *     but never for a less urgent one of its own area.
 *
 * An entry that is larger than a budget's whole burst goes when that is full.
 */
#ifndef SIP_SCHEDULE_H
#define SIP_SCHEDULE_H

#include "base/err.h"
#include "base/rng.h"

#include <stdbool.h>

enum sip_urgency {
    SIP_URGENT_EMERGENCY,
    SIP_URGENT_PERIL,
    SIP_URGENT_EXCLUSION,
    SIP_URGENT_TALKER,
    SIP_URGENT_AFFILIATED,
    SIP_URGENT_REGISTERED,
    SIP_URGENT_OFFLINE,
    SIP_URGENCIES
};

struct sip_budget {
    uint64_t octets_per_s; /* 0: no limit; at most 2^32 */
    uint64_t burst;        /* octets at once after a quiet spell; at least 1 */
};

struct sip_schedule;

MU_MUST_CHECK enum mu_err sip_schedule_new(const struct sip_budget *all,
    const struct sip_budget *area, uint64_t now_ms, struct sip_schedule **out);
void sip_schedule_free(struct sip_schedule *schedule); /* NULL is fine */

struct sip_entry {
    uint64_t id; /* of the subscriber */
    enum sip_urgency urgency;
    uint32_t area;
    uint32_t octets;        /* what sending it will cost, about */
    uint64_t not_before_ms; /* back-off, pacing; 0: now */
};

/*
 * Puts an entry, in the place of one of the same id: with the more urgent class
 * of the two, and at the old one's turn if the class is the same.
 *
 * Returns MU_OK or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err sip_schedule_put(
    struct sip_schedule *schedule, const struct sip_entry *entry);
/* Takes it out, if it is there: the subscriber is gone, or was told. */
void sip_schedule_drop(struct sip_schedule *schedule, uint64_t id);
size_t sip_schedule_count(const struct sip_schedule *schedule);
size_t sip_schedule_count_of(
    const struct sip_schedule *schedule, enum sip_urgency urgency);

/* Areas that are kept: those that wait, or whose budget is not full, and as
 * many again. */
size_t sip_schedule_areas(const struct sip_schedule *schedule);

/*
 * Takes the next entry that may go now, and charges it. False when there is
 * none; *again_ms is then when to ask again, UINT64_MAX when only a put can
 * change that. now_ms never goes back.
 */
bool sip_schedule_next(struct sip_schedule *schedule, uint64_t now_ms,
    struct sip_entry *out, uint64_t *again_ms);

/* What was sent in fact, when the guess was another. */
void sip_schedule_correct(struct sip_schedule *schedule, uint32_t area,
    uint32_t guessed, uint32_t sent);

/*
 * How long to wait after the tries-th failure, 1 or more: least_ms doubled each
 * time up to most_ms, of which the second half is drawn evenly, so that those
 * who failed together do not come back together. A Retry-After is a least.
 */
uint64_t sip_backoff_ms(const struct mu_rng *rng, unsigned tries,
    uint64_t least_ms, uint64_t most_ms, uint64_t retry_after_ms);

#endif
