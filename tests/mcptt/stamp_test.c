/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/stamp.h"

#include "mikey/ntp.h"
#include "tests/suites.h"

static const struct mcptt_interval always = {0, UINT64_MAX};

static void a_batch_at_one_reading_has_distinct_stamps_in_order(void)
{
    struct mcptt_stamp now = mcptt_stamp_of_unix_ms(1758980858123);
    struct mcptt_stamps stamps = {{0, 0}};
    struct mcptt_stamp got;
    uint64_t last = 0;

    for (unsigned i = 0; i < 1000; i++) {
        CU_ASSERT_EQUAL(mcptt_stamps_next(&stamps, now, always, &got), MU_OK);
        CU_ASSERT_FATAL(mcptt_stamp_ntp(got) > last);
        last = mcptt_stamp_ntp(got);
    }
    CU_ASSERT_EQUAL(got.s, now.s);
    CU_ASSERT_EQUAL(got.fraction, now.fraction + 999);
}

static void stamps_follow_a_clock_that_moves_on(void)
{
    struct mcptt_stamps stamps = {{100, 5}};
    struct mcptt_stamp got;

    CU_ASSERT_EQUAL(
        mcptt_stamps_next(&stamps, (struct mcptt_stamp){100, 9}, always, &got),
        MU_OK);
    CU_ASSERT(got.s == 100 && got.fraction == 9);
    CU_ASSERT_EQUAL(
        mcptt_stamps_next(&stamps, (struct mcptt_stamp){101, 2}, always, &got),
        MU_OK);
    CU_ASSERT(got.s == 101 && got.fraction == 2);
}

static void stamps_do_not_go_back_with_the_clock(void)
{
    struct mcptt_stamps stamps = {{100, UINT32_MAX}};
    struct mcptt_stamp got;

    CU_ASSERT_EQUAL(
        mcptt_stamps_next(&stamps, (struct mcptt_stamp){50, 0}, always, &got),
        MU_OK);
    CU_ASSERT(got.s == 101 && got.fraction == 0);
}

static void stamps_stay_in_their_period(void)
{
    struct mcptt_interval period = {100, 200};
    struct mcptt_stamps stamps = {{199, UINT32_MAX - 1}};
    struct mcptt_stamp now = {199, 7}, got = {1, 1};

    CU_ASSERT_EQUAL(mcptt_stamps_next(&stamps, now, period, &got), MU_OK);
    CU_ASSERT(got.s == 199 && got.fraction == UINT32_MAX);
    CU_ASSERT_EQUAL(
        mcptt_stamps_next(&stamps, now, period, &got), MU_E_EXPIRED);
    CU_ASSERT(got.s == 199 && stamps.last.s == 199);
    now.s = 99;
    stamps.last.s = 0;
    CU_ASSERT_EQUAL(
        mcptt_stamps_next(&stamps, now, period, &got), MU_E_EXPIRED);
}

static void milliseconds_keep_their_place_across_the_era(void)
{
    /* 2036-02-07T06:28:15.999Z and one millisecond later. */
    struct mcptt_stamp before = mcptt_stamp_of_unix_ms(2085978495999);
    struct mcptt_stamp after = mcptt_stamp_of_unix_ms(2085978496000);

    CU_ASSERT_EQUAL(before.s, UINT32_MAX);
    CU_ASSERT_EQUAL(after.s, UINT64_C(1) << 32);
    CU_ASSERT_EQUAL(after.fraction, 0);
    CU_ASSERT_EQUAL(mcptt_stamp_ntp(before) >> 32, UINT32_MAX);
    CU_ASSERT_EQUAL(mcptt_stamp_ntp(after), 0);
    CU_ASSERT_EQUAL(mikey_ntp_s(mcptt_stamp_ntp(after), 2085978490), after.s);
    CU_ASSERT_EQUAL(mikey_ntp_s(mcptt_stamp_ntp(before), 2085978500), before.s);
}

CU_TestInfo mcptt_stamp_tests[] = {
    {"a batch at one reading has distinct stamps in order",
        a_batch_at_one_reading_has_distinct_stamps_in_order},
    {"stamps follow a clock that moves on",
        stamps_follow_a_clock_that_moves_on},
    {"stamps do not go back with the clock",
        stamps_do_not_go_back_with_the_clock},
    {"stamps stay in their period", stamps_stay_in_their_period},
    {"milliseconds keep their place across the era",
        milliseconds_keep_their_place_across_the_era},
    CU_TEST_INFO_NULL,
};
