/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/ntp.h"
#include "tests/suites.h"

/* 2036-02-07 06:28:16 UTC, the first second of era 1. */
#define ROLLOVER_S INT64_C(2085978496)

static void counts_from_1900(void)
{
    /* 2025-09-29 15:27:17 UTC is ec8523d5 in a deployed product's message. */
    CU_ASSERT_EQUAL(
        mikey_ntp_from_unix(1759159637, 0), UINT64_C(0xec8523d500000000));
    CU_ASSERT_EQUAL(mikey_ntp_to_unix(UINT64_C(0xec8523d500000000), 1759159637),
        1759159637);
    CU_ASSERT_EQUAL(mikey_ntp_from_unix(-MIKEY_NTP_UNIX_S, 0), 0);
}

static void halves_are_exact(void)
{
    CU_ASSERT_EQUAL(
        mikey_ntp_from_unix(0, 500000000) & UINT32_MAX, UINT64_C(0x80000000));
    CU_ASSERT_EQUAL(mikey_ntp_ns(UINT64_C(0x80000000)), 500000000);
}

static void nanoseconds_come_back(void)
{
    CU_ASSERT_EQUAL(mikey_ntp_ns(mikey_ntp_from_unix(0, 999999999)), 999999999);
    for (uint32_t ns = 0; ns < 1000000000; ns += 999983)
        CU_ASSERT_EQUAL(mikey_ntp_ns(mikey_ntp_from_unix(0, ns)), ns);
}

static void the_seconds_wrap_in_2036(void)
{
    CU_ASSERT_EQUAL(mikey_ntp_from_unix(ROLLOVER_S - 1, 0) >> 32, UINT32_MAX);
    CU_ASSERT_EQUAL(mikey_ntp_from_unix(ROLLOVER_S, 0), 0);
}

static void the_clock_chooses_the_era(void)
{
    const uint64_t before = mikey_ntp_from_unix(ROLLOVER_S - 60, 0);
    const uint64_t after = mikey_ntp_from_unix(ROLLOVER_S + 60, 0);

    CU_ASSERT_EQUAL(mikey_ntp_to_unix(after, ROLLOVER_S - 1), ROLLOVER_S + 60);
    CU_ASSERT_EQUAL(mikey_ntp_to_unix(before, ROLLOVER_S + 1), ROLLOVER_S - 60);
    CU_ASSERT_EQUAL(
        mikey_ntp_to_unix(after, -MIKEY_NTP_UNIX_S), 60 - MIKEY_NTP_UNIX_S);
}

static void eras_reach_68_years_either_way(void)
{
    const int64_t half = INT64_C(1) << 31;
    const int64_t now = 1759159637;

    CU_ASSERT_EQUAL(
        mikey_ntp_to_unix(mikey_ntp_from_unix(now + half - 1, 0), now),
        now + half - 1);
    CU_ASSERT_EQUAL(
        mikey_ntp_to_unix(mikey_ntp_from_unix(now - half, 0), now), now - half);
}

static void seconds_since_1900_do_not_wrap(void)
{
    CU_ASSERT_EQUAL(
        mikey_ntp_s(UINT64_C(5) << 32, ROLLOVER_S), (UINT64_C(1) << 32) + 5);
    CU_ASSERT_EQUAL(
        mikey_ntp_s(UINT64_C(0xec898da800000000), 1759159637), 0xec898da8);
}

CU_TestInfo mikey_ntp_tests[] = {
    {"counts from 1900", counts_from_1900},
    {"halves are exact", halves_are_exact},
    {"nanoseconds come back", nanoseconds_come_back},
    {"the seconds wrap in 2036", the_seconds_wrap_in_2036},
    {"the clock chooses the era", the_clock_chooses_the_era},
    {"eras reach 68 years either way", eras_reach_68_years_either_way},
    {"seconds since 1900 do not wrap", seconds_since_1900_do_not_wrap},
    CU_TEST_INFO_NULL,
};
