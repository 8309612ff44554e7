/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/replay.h"

#include "base/alloc.h"
#include "tests/suites.h"

#include <string.h>

#define WINDOW UINT64_C(300)
#define NOW    UINT64_C(4000000000)

static const struct mcptt_interval period = {NOW - 100000, NOW + 100000};

static void free_cache(struct mcptt_replay **r)
{
    mcptt_replay_free(*r);
}

static struct mcptt_replay *cache(enum mcptt_replay_start start,
    enum mcptt_replay_mode mode, uint32_t capacity)
{
    struct mcptt_replay_conf conf = {
        .window_s = WINDOW, .capacity = capacity, .start = start, .mode = mode};
    struct mcptt_replay *r = NULL;

    CU_ASSERT_EQUAL_FATAL(mcptt_replay_new(&conf, NOW, &r), MU_OK);
    return r;
}

static struct mcptt_replay *online(uint32_t capacity)
{
    return cache(MCPTT_REPLAY_FIRST, MCPTT_REPLAY_ONLINE, capacity);
}

static struct mcptt_replay *deferring(void)
{
    return cache(MCPTT_REPLAY_FIRST, MCPTT_REPLAY_DEFERRED, 8);
}

static struct mcptt_replay_message message(const char *text, uint64_t t_s)
{
    return (struct mcptt_replay_message){
        .signed_octets = span_str(text), .t_s = t_s, .period = period};
}

static void a_message_is_good_once(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(4);
    struct mcptt_replay_message a = message("a", NOW), b = message("b", NOW);

    CU_ASSERT_EQUAL(mcptt_replay_check(r, &a, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &a, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &a, NOW), MU_E_DENIED);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &a, NOW), MU_E_DENIED);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &b, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_count(r), 2);
}

static void a_message_not_authenticated_is_not_remembered(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(4);
    struct mcptt_replay_message a = message("a", NOW);

    CU_ASSERT_EQUAL(mcptt_replay_check(r, &a, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &a, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_count(r), 0);
}

static void the_window_is_as_wide_both_ways(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(4);
    static const struct {
        uint64_t t_s;
        enum mu_err err;
    } cases[] = {
        {NOW - WINDOW - 1, MU_E_EXPIRED},
        {NOW - WINDOW, MU_OK},
        {NOW + WINDOW, MU_OK},
        {NOW + WINDOW + 1, MU_E_EXPIRED},
        {0, MU_E_EXPIRED},
        {UINT64_MAX, MU_E_EXPIRED},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcptt_replay_message m = message("m", cases[i].t_s);

        CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, NOW), cases[i].err);
    }
}

static void a_replay_is_refused_to_the_end_of_its_time(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(4);
    struct mcptt_replay_message m = message("m", NOW + WINDOW);

    CU_ASSERT_EQUAL(mcptt_replay_add(r, &m, NOW), MU_OK);
    for (uint64_t now = NOW; now <= NOW + 2 * WINDOW; now++)
        CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now), MU_E_DENIED);
    CU_ASSERT_EQUAL(
        mcptt_replay_check(r, &m, NOW + 2 * WINDOW + 1), MU_E_EXPIRED);
}

static void a_full_cache_refuses_and_forgets_nothing(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(2);
    struct mcptt_replay_message a = message("a", NOW), b = message("b", NOW);
    struct mcptt_replay_message c = message("c", NOW);

    CU_ASSERT_EQUAL(mcptt_replay_add(r, &a, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &b, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &c, NOW), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &a, NOW), MU_E_DENIED);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &b, NOW), MU_E_DENIED);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &c, NOW + WINDOW), MU_E_NO_SPACE);
}

static void room_is_made_of_what_is_over(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(1);
    struct mcptt_replay_message a = message("a", NOW);

    CU_ASSERT(mcptt_replay_has_room(r, NOW));
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &a, NOW), MU_OK);
    CU_ASSERT(!mcptt_replay_has_room(r, NOW + WINDOW));
    CU_ASSERT(mcptt_replay_has_room(r, NOW + WINDOW + 1));
}

/* Whether it comes as octets or as what is left of them. */
static void a_message_is_known_by_its_hash(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(4);
    struct mcptt_replay_message a = message("a", NOW), hash = {.t_s = NOW};
    uint8_t sha256[MCPTT_REPLAY_SHA256_LEN];

    CU_ASSERT_EQUAL(mcptt_replay_sha256(a.signed_octets, sha256), MU_OK);
    hash.sha256 = sha256;
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &hash, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &a, NOW), MU_E_DENIED);
    sha256[0] ^= 1;
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &hash, NOW), MU_OK);
}

static void a_full_cache_drops_what_is_over(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(2);
    struct mcptt_replay_message a = message("a", NOW - 10);
    struct mcptt_replay_message b = message("b", NOW);
    struct mcptt_replay_message c = message("c", NOW + WINDOW);
    uint64_t later = NOW + WINDOW - 5;

    CU_ASSERT_EQUAL(mcptt_replay_add(r, &a, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &b, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &c, later), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_count(r), 2);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &b, later), MU_E_DENIED);
}

/* What was dropped stays refused when the clock is set back. */
static void a_clock_set_back_lets_nothing_in_again(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(1);
    struct mcptt_replay_message a = message("a", NOW);
    struct mcptt_replay_message b = message("b", NOW + 2 * WINDOW);

    CU_ASSERT_EQUAL(mcptt_replay_add(r, &a, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_add(r, &b, NOW + 2 * WINDOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &a, NOW), MU_E_EXPIRED);
}

static void a_cache_remembers_through_many_generations(void)
{
    enum {
        CAPACITY = 50,
        ROUNDS = 40
    };
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(CAPACITY);

    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t now = NOW + round * (WINDOW + 1);

        for (unsigned i = 0; i < CAPACITY; i++) {
            uint8_t octets[2] = {(uint8_t)round, (uint8_t)i};
            struct mcptt_replay_message m = {
                .signed_octets = SPAN_OF(octets), .t_s = now};

            CU_ASSERT_EQUAL(mcptt_replay_add(r, &m, now), MU_OK);
            CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now), MU_E_DENIED);
        }
        CU_ASSERT_EQUAL(mcptt_replay_count(r), CAPACITY);
    }
}

static void a_deferred_message_may_come_until_its_period_ends(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = deferring();
    struct mcptt_replay_message m = message("m", NOW - 50000);

    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, NOW), MU_E_EXPIRED);
    m.deferred = true;
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, NOW), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, period.until_s - 1), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, period.until_s), MU_E_EXPIRED);
    m.t_s = NOW + WINDOW + 1; /* ahead is never deferred */
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, NOW), MU_E_EXPIRED);
    m.t_s = period.from_s - 1; /* of another period than it says */
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, period.from_s - 1), MU_E_EXPIRED);
}

static void a_message_taken_online_does_not_come_again_as_deferred(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = deferring();
    struct mcptt_replay_message m = message("m", NOW);

    CU_ASSERT_EQUAL(mcptt_replay_add(r, &m, NOW), MU_OK);
    m.deferred = true;
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, NOW + 50000), MU_E_DENIED);
}

static void the_end_of_the_period_does_not_narrow_the_window(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = deferring();
    struct mcptt_replay_message m = message("m", period.until_s - 1);
    uint64_t now = period.until_s + WINDOW - 1;

    m.deferred = true;
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now), MU_OK);
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now + 1), MU_E_EXPIRED);
}

static void deferred_messages_want_a_cache_for_them(void)
{
    MU_CLEANUP(free_cache) struct mcptt_replay *r = online(4);
    struct mcptt_replay_message m = message("m", NOW);

    m.deferred = true;
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, NOW), MU_E_UNSUPPORTED);
}

static void after_a_loss_everything_is_refused_for_one_window(void)
{
    MU_CLEANUP(free_cache)
    struct mcptt_replay *r = cache(MCPTT_REPLAY_LOST, MCPTT_REPLAY_ONLINE, 4);

    for (uint64_t now = NOW; now < NOW + WINDOW; now++) {
        struct mcptt_replay_message m = message("m", now);

        CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now), MU_E_STATE);
        m.t_s = now + WINDOW;
        CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now), MU_E_STATE);
    }
}

/* A sender one window ahead was heard just before the loss. */
static void after_a_loss_no_older_timestamp_is_taken_ever(void)
{
    MU_CLEANUP(free_cache)
    struct mcptt_replay *r = cache(MCPTT_REPLAY_LOST, MCPTT_REPLAY_DEFERRED, 4);
    struct mcptt_replay_message m = message("m", NOW + WINDOW);
    uint64_t now = NOW + WINDOW + 1;

    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now), MU_E_STATE);
    m.deferred = true;
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now + 50000), MU_E_STATE);
    m.t_s++;
    CU_ASSERT_EQUAL(mcptt_replay_check(r, &m, now), MU_OK);
}

static void a_cache_out_of_range_is_refused(void)
{
    struct mcptt_replay_conf conf = {.window_s = WINDOW};
    struct mcptt_replay *r = NULL;

    CU_ASSERT_EQUAL(mcptt_replay_new(&conf, NOW, &r), MU_E_MALFORMED);
    conf.capacity = 1;
    conf.window_s = UINT64_C(1) << 32;
    CU_ASSERT_EQUAL(mcptt_replay_new(&conf, NOW, &r), MU_E_MALFORMED);
    CU_ASSERT_PTR_NULL(r);
    mcptt_replay_free(r);
}

static void every_allocation_may_fail(void)
{
    struct mcptt_replay_conf conf = {.window_s = WINDOW, .capacity = 4};
    struct mcptt_replay *r = NULL;
    enum mu_err err = MU_OK;

    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = mcptt_replay_new(&conf, NOW, &r);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
    mcptt_replay_free(r);
}

CU_TestInfo mcptt_replay_tests[] = {
    {"room is made of what is over", room_is_made_of_what_is_over},
    {"a message is known by its hash", a_message_is_known_by_its_hash},
    {"a message is good once", a_message_is_good_once},
    {"a message not authenticated is not remembered",
        a_message_not_authenticated_is_not_remembered},
    {"the window is as wide both ways", the_window_is_as_wide_both_ways},
    {"a replay is refused to the end of its time",
        a_replay_is_refused_to_the_end_of_its_time},
    {"a full cache refuses and forgets nothing",
        a_full_cache_refuses_and_forgets_nothing},
    {"a full cache drops what is over", a_full_cache_drops_what_is_over},
    {"a clock set back lets nothing in again",
        a_clock_set_back_lets_nothing_in_again},
    {"a cache remembers through many generations",
        a_cache_remembers_through_many_generations},
    {"a deferred message may come until its period ends",
        a_deferred_message_may_come_until_its_period_ends},
    {"a message taken on-line does not come again as deferred",
        a_message_taken_online_does_not_come_again_as_deferred},
    {"the end of the period does not narrow the window",
        the_end_of_the_period_does_not_narrow_the_window},
    {"deferred messages want a cache for them",
        deferred_messages_want_a_cache_for_them},
    {"after a loss everything is refused for one window",
        after_a_loss_everything_is_refused_for_one_window},
    {"after a loss no older timestamp is taken ever",
        after_a_loss_no_older_timestamp_is_taken_ever},
    {"a cache out of range is refused", a_cache_out_of_range_is_refused},
    {"every allocation may fail", every_allocation_may_fail},
    CU_TEST_INFO_NULL,
};
