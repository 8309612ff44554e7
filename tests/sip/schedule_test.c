/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/schedule.h"

#include "tests/rng.h"
#include "tests/suites.h"

static const struct sip_budget unlimited = {0, 1};

static void drop(struct sip_schedule **s)
{
    sip_schedule_free(*s);
}

static struct sip_schedule *make(
    const struct sip_budget *all, const struct sip_budget *area)
{
    struct sip_schedule *s = NULL;

    CU_ASSERT_EQUAL_FATAL(sip_schedule_new(all, area, 0, &s), MU_OK);
    return s;
}

static void put(struct sip_schedule *s, uint64_t id, enum sip_urgency urgency,
    uint32_t area, uint32_t octets)
{
    const struct sip_entry e = {
        .id = id, .urgency = urgency, .area = area, .octets = octets};

    CU_ASSERT_EQUAL(sip_schedule_put(s, &e), MU_OK);
}

static void goes(struct sip_schedule *s, uint64_t now_ms, uint64_t id)
{
    struct sip_entry e = {.id = 0};
    uint64_t again_ms;

    CU_ASSERT_FATAL(sip_schedule_next(s, now_ms, &e, &again_ms));
    CU_ASSERT_EQUAL(e.id, id);
}

static void waits(struct sip_schedule *s, uint64_t now_ms, uint64_t until_ms)
{
    struct sip_entry e;
    uint64_t again_ms;

    CU_ASSERT(!sip_schedule_next(s, now_ms, &e, &again_ms));
    CU_ASSERT_EQUAL(again_ms, until_ms);
}

static void goes_by_class_and_then_by_coming(void)
{
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &unlimited);

    put(s, 1, SIP_URGENT_OFFLINE, 0, 100);
    put(s, 2, SIP_URGENT_TALKER, 0, 100);
    put(s, 3, SIP_URGENT_EMERGENCY, 0, 100);
    put(s, 4, SIP_URGENT_TALKER, 0, 100);
    put(s, 5, SIP_URGENT_EXCLUSION, 0, 100);
    CU_ASSERT_EQUAL(sip_schedule_count(s), 5);
    CU_ASSERT_EQUAL(sip_schedule_count_of(s, SIP_URGENT_TALKER), 2);
    goes(s, 0, 3);
    goes(s, 0, 5);
    goes(s, 0, 2);
    goes(s, 0, 4);
    goes(s, 0, 1);
    waits(s, 0, UINT64_MAX);
}

static void a_later_entry_takes_the_place_of_the_one_before(void)
{
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &unlimited);

    put(s, 1, SIP_URGENT_TALKER, 0, 100);
    put(s, 2, SIP_URGENT_TALKER, 0, 100);
    put(s, 1, SIP_URGENT_TALKER, 0, 500);
    CU_ASSERT_EQUAL(sip_schedule_count(s), 2);
    goes(s, 0, 1);
    goes(s, 0, 2);
}

static void an_entry_becomes_more_urgent_and_never_less(void)
{
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &unlimited);

    put(s, 1, SIP_URGENT_EXCLUSION, 0, 100);
    put(s, 2, SIP_URGENT_TALKER, 0, 100);
    put(s, 1, SIP_URGENT_OFFLINE, 0, 100);
    put(s, 3, SIP_URGENT_OFFLINE, 0, 100);
    put(s, 3, SIP_URGENT_EMERGENCY, 0, 100);
    goes(s, 0, 3);
    goes(s, 0, 1);
    goes(s, 0, 2);
}

static void the_budget_of_all_holds_everyone(void)
{
    const struct sip_budget all = {1000, 1000};
    MU_CLEANUP(drop) struct sip_schedule *s = make(&all, &unlimited);

    put(s, 1, SIP_URGENT_EMERGENCY, 0, 800);
    put(s, 2, SIP_URGENT_EMERGENCY, 0, 800);
    put(s, 3, SIP_URGENT_OFFLINE, 0, 1);
    goes(s, 0, 1);
    /* 200 are left: enough for the third, whose turn it is not. */
    waits(s, 0, 600);
    waits(s, 599, 600);
    goes(s, 600, 2);
    goes(s, 601, 3);
}

static void an_area_holds_its_own(void)
{
    const struct sip_budget area = {1000, 1000};
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &area);

    put(s, 1, SIP_URGENT_EXCLUSION, 7, 900);
    put(s, 2, SIP_URGENT_EXCLUSION, 7, 900);
    put(s, 3, SIP_URGENT_OFFLINE, 7, 10); /* fits, and still waits */
    put(s, 4, SIP_URGENT_OFFLINE, 8, 900);
    goes(s, 0, 1);
    goes(s, 0, 4);
    waits(s, 0, 800);
    goes(s, 800, 2);
    goes(s, 810, 3);
}

static void what_is_larger_than_the_burst_is_paid_for_afterwards(void)
{
    const struct sip_budget all = {1000, 1000};
    MU_CLEANUP(drop) struct sip_schedule *s = make(&all, &unlimited);

    put(s, 1, SIP_URGENT_TALKER, 0, 3000);
    put(s, 2, SIP_URGENT_TALKER, 0, 500);
    goes(s, 0, 1); /* the level is at -2000 */
    waits(s, 0, 2500);
    goes(s, 2500, 2);
}

static void a_wrong_guess_is_put_right(void)
{
    const struct sip_budget all = {1000, 1000};
    MU_CLEANUP(drop) struct sip_schedule *s = make(&all, &unlimited);

    put(s, 1, SIP_URGENT_TALKER, 0, 1000);
    goes(s, 0, 1);
    sip_schedule_correct(s, 0, 1000, 400);
    put(s, 2, SIP_URGENT_TALKER, 0, 600);
    goes(s, 0, 2);
}

static void backs_off_until_its_time(void)
{
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &unlimited);
    const struct sip_entry later = {.id = 1,
        .urgency = SIP_URGENT_EMERGENCY,
        .octets = 1,
        .not_before_ms = 500};

    CU_ASSERT_EQUAL(sip_schedule_put(s, &later), MU_OK);
    put(s, 2, SIP_URGENT_OFFLINE, 0, 1);
    goes(s, 0, 2);
    waits(s, 0, 500);
    goes(s, 500, 1);
}

static void what_is_dropped_does_not_go(void)
{
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &unlimited);

    put(s, 1, SIP_URGENT_TALKER, 0, 1);
    put(s, 2, SIP_URGENT_TALKER, 0, 1);
    sip_schedule_drop(s, 2);
    sip_schedule_drop(s, 9);
    put(s, 3, SIP_URGENT_TALKER, 0, 1);
    goes(s, 0, 1);
    goes(s, 0, 3);
    waits(s, 0, UINT64_MAX);
}

/* A year without traffic overflows nothing. */
static void a_long_quiet_spell_fills_the_burst_and_no_more(void)
{
    const struct sip_budget all = {UINT64_C(1) << 32, 1000};
    MU_CLEANUP(drop) struct sip_schedule *s = make(&all, &unlimited);
    uint64_t year_ms = UINT64_C(31557600000);

    put(s, 1, SIP_URGENT_TALKER, 0, 1000);
    put(s, 2, SIP_URGENT_TALKER, 0, 1000);
    goes(s, year_ms, 1);
    waits(s, year_ms, year_ms + 1);
    goes(s, year_ms + 1, 2);
}

/* Over ten seconds at 8,000 octets a second no more than burst and rate go, all
 * of the most urgent before any other, and everyone in the end. */
static void octets_stay_bounded_and_all_converge(void)
{
    const struct sip_budget all = {8000, 4000};
    MU_CLEANUP(drop) struct sip_schedule *s = make(&all, &unlimited);
    uint64_t now_ms = 0, sent = 0, again_ms;
    struct sip_entry e;
    unsigned last = SIP_URGENT_EMERGENCY;

    for (uint64_t id = 0; id < 40; id++)
        put(s, id, id % 2 == 0 ? SIP_URGENT_REGISTERED : SIP_URGENT_EMERGENCY,
            0, 1500);
    while (sip_schedule_count(s) > 0) {
        if (!sip_schedule_next(s, now_ms, &e, &again_ms)) {
            CU_ASSERT_FATAL(again_ms > now_ms);
            now_ms = again_ms;
            continue;
        }
        sent += e.octets;
        CU_ASSERT(sent <= 4000 + now_ms * 8);
        CU_ASSERT(e.urgency >= last);
        last = e.urgency;
    }
    CU_ASSERT_EQUAL(sent, UINT64_C(60000));
    CU_ASSERT_EQUAL(now_ms, (60000 - 4000) / 8);
}

static void backs_off_longer_and_apart(void)
{
    struct test_rng state;
    const struct mu_rng *rng = &state.rng;
    bool differs = false;
    uint64_t first;

    test_rng_init(&state, 1);
    first = sip_backoff_ms(rng, 1, 1000, 60000, 0);

    for (unsigned i = 0; i < 50; i++) {
        uint64_t one = sip_backoff_ms(rng, 1, 1000, 60000, 0);
        uint64_t four = sip_backoff_ms(rng, 4, 1000, 60000, 0);
        uint64_t many = sip_backoff_ms(rng, 99, 1000, 60000, 30000);

        CU_ASSERT(one >= 500 && one <= 1000);
        CU_ASSERT(four >= 4000 && four <= 8000);
        CU_ASSERT(many >= 60000 && many <= 90000);
        differs |= one != first;
    }
    CU_ASSERT(differs);
}

/* More than the table of ids begins with. */
static void many_keep_their_order(void)
{
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &unlimited);
    const uint64_t count = 5000;

    for (uint64_t id = 1; id <= count; id++)
        put(s, id, SIP_URGENT_REGISTERED, (uint32_t)(id % 7), 100);
    for (uint64_t id = 1; id <= count; id++)
        if (id % 3 == 0)
            put(s, id, SIP_URGENT_TALKER, 0, 100);
        else if (id % 3 == 1)
            sip_schedule_drop(s, id);
    sip_schedule_drop(s, count + 1);
    CU_ASSERT_EQUAL(sip_schedule_count(s), count - (count + 2) / 3);
    for (uint64_t id = 3; id <= count; id += 3)
        goes(s, 0, id);
    for (uint64_t id = 2; id <= count; id += 3)
        goes(s, 0, id);
    waits(s, 0, UINT64_MAX);
}

/* Subscribers from ever new addresses: those where nobody waits, and nothing
 * was sent of late, leave nothing behind. */
static void areas_that_are_quiet_are_forgotten(void)
{
    static const struct sip_budget area = {100, 1000};
    MU_CLEANUP(drop) struct sip_schedule *s = make(&unlimited, &area);
    MU_CLEANUP(drop)
    struct sip_schedule *free_of_it = make(&unlimited, &unlimited);

    put(s, 1, SIP_URGENT_REGISTERED, 0, 1000);
    goes(s, 0, 1);
    put(s, 2, SIP_URGENT_OFFLINE, 0, 1000);
    for (uint32_t i = 1; i <= 10000; i++) {
        put(s, i + 2, SIP_URGENT_REGISTERED, i * 7919, 10);
        goes(s, i, i + 2);
        put(free_of_it, i, SIP_URGENT_REGISTERED, i * 7919, 10);
        goes(free_of_it, 0, i);
    }
    CU_ASSERT(sip_schedule_areas(s) < 500);
    CU_ASSERT(sip_schedule_areas(free_of_it) <= 16);
    goes(s, 10000, 2);
}

CU_TestInfo sip_schedule_tests[] = {
    {"areas that are quiet are forgotten", areas_that_are_quiet_are_forgotten},
    {"goes by class and then by coming", goes_by_class_and_then_by_coming},
    {"a later entry takes the place of the one before",
        a_later_entry_takes_the_place_of_the_one_before},
    {"an entry becomes more urgent and never less",
        an_entry_becomes_more_urgent_and_never_less},
    {"the budget of all holds everyone", the_budget_of_all_holds_everyone},
    {"an area holds its own", an_area_holds_its_own},
    {"what is larger than the burst is paid for afterwards",
        what_is_larger_than_the_burst_is_paid_for_afterwards},
    {"a wrong guess is put right", a_wrong_guess_is_put_right},
    {"backs off until its time", backs_off_until_its_time},
    {"what is dropped does not go", what_is_dropped_does_not_go},
    {"a long quiet spell fills the burst and no more",
        a_long_quiet_spell_fills_the_burst_and_no_more},
    {"octets stay bounded and all converge",
        octets_stay_bounded_and_all_converge},
    {"many keep their order", many_keep_their_order},
    {"backs off longer and apart", backs_off_longer_and_apart},
    CU_TEST_INFO_NULL,
};
