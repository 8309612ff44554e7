/* SPDX-License-Identifier: Apache-2.0 */
#include "http/bucket.h"

#include "tests/suites.h"

static unsigned admitted(struct http_bucket *a, unsigned tries, uint64_t now_ms)
{
    unsigned n = 0;

    while (tries-- > 0)
        n += http_bucket_take(a, now_ms);
    return n;
}

static void a_burst_is_let_in_and_no_more(void)
{
    struct http_bucket a;

    http_bucket_init(&a, 10, 5, 1000);
    CU_ASSERT_EQUAL(admitted(&a, 20, 1000), 5);
}

static void the_bucket_fills_with_time(void)
{
    struct http_bucket a;

    http_bucket_init(&a, 10, 5, 1000);
    CU_ASSERT_EQUAL(admitted(&a, 5, 1000), 5);
    CU_ASSERT_EQUAL(admitted(&a, 5, 1099), 0);
    CU_ASSERT_EQUAL(admitted(&a, 5, 1100), 1);
    CU_ASSERT_EQUAL(admitted(&a, 5, 1400), 3);
}

static void a_quiet_year_gives_one_burst(void)
{
    struct http_bucket a;

    http_bucket_init(&a, 1000000, 1000000, 0);
    CU_ASSERT_EQUAL(admitted(&a, 2, 5), 2);
    CU_ASSERT_EQUAL(admitted(&a, 1000010, UINT64_C(31536000000)), 1000000);
}

static void without_a_limit_everyone_is_let_in(void)
{
    struct http_bucket a;

    http_bucket_init(&a, 0, 1, 0);
    CU_ASSERT_EQUAL(admitted(&a, 100, 0), 100);
}

CU_TestInfo http_bucket_tests[] = {
    {"a burst is let in and no more", a_burst_is_let_in_and_no_more},
    {"the bucket fills with time", the_bucket_fills_with_time},
    {"a quiet year gives one burst", a_quiet_year_gives_one_burst},
    {"without a limit everyone is let in", without_a_limit_everyone_is_let_in},
    CU_TEST_INFO_NULL,
};
