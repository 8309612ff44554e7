/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/faults.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "tests/clock.h"
#include "tests/suites.h"

/* Draws 0, 1, 2 ... 65535, and again: each value as often as the others. */
struct counter {
    uint16_t next;
};

static enum mu_err count(void *ctx, uint8_t *out, size_t len)
{
    struct counter *c = ctx;

    CU_ASSERT_EQUAL_FATAL(len, sizeof(c->next));
    memcpy(out, &c->next, len);
    c->next++;
    return MU_OK;
}

static unsigned lost(unsigned percent)
{
    struct counter c = {0};
    const struct mu_rng rng = {count, &c};
    struct ue_faults faults;
    unsigned lost = 0;

    ue_faults_init(&faults, mu_clock_system(), &rng);
    faults.lose_percent = percent;
    for (unsigned i = 0; i <= UINT16_MAX; i++)
        lost += ue_faults_lose(&faults);
    return lost;
}

static void loses_the_share_that_it_is_told_to(void)
{
    CU_ASSERT_EQUAL(lost(0), 0);
    CU_ASSERT_EQUAL(lost(25), 16384);
    CU_ASSERT_EQUAL(lost(50), 32768);
    CU_ASSERT_EQUAL(lost(100), 65536);
}

static void a_clock_is_off_by_what_it_is_told_to(void)
{
    struct test_clock now;
    struct ue_faults faults;

    test_clock_init(&now, 1000000);
    ue_faults_init(&faults, &now.clock, mu_rng_system());
    CU_ASSERT_EQUAL(mu_clock_unix_ms(&faults.clock), 1000000);
    faults.drift_s = 60;
    CU_ASSERT_EQUAL(mu_clock_unix_ms(&faults.clock), 1060000);
    faults.drift_s = -60;
    CU_ASSERT_EQUAL(mu_clock_unix_ms(&faults.clock), 940000);
    /* Before 1970 there is nothing, as in base/clock.h. */
    faults.drift_s = -1001;
    CU_ASSERT_EQUAL(mu_clock_unix_ms(&faults.clock), 0);
    CU_ASSERT_EQUAL(
        mu_clock_mono_ms(&faults.clock), mu_clock_mono_ms(&now.clock));
}

CU_TestInfo ue_faults_tests[] = {
    {"loses the share that it is told to", loses_the_share_that_it_is_told_to},
    {"a clock is off by what it is told to",
        a_clock_is_off_by_what_it_is_told_to},
    CU_TEST_INFO_NULL,
};
