/* SPDX-License-Identifier: Apache-2.0 */
#include "http/admit.h"

#include "tests/suites.h"

#include <stdio.h>

static const uint8_t key[MU_SIPHASH_KEY] = "sixteen octets.";

static struct http_admit *make(uint64_t per_s, uint64_t burst)
{
    struct http_admit *admit = NULL;

    CU_ASSERT_EQUAL_FATAL(http_admit_new(per_s, burst, key, &admit), MU_OK);
    return admit;
}

static unsigned admitted(
    struct http_admit *admit, const char *who, unsigned tries, uint64_t now_ms)
{
    unsigned n = 0;

    while (tries-- > 0)
        n += http_admit_take(admit, span_str(who), now_ms);
    return n;
}

/* How many of `count` others are let in for the first time. */
static unsigned strangers(
    struct http_admit *admit, unsigned count, uint64_t now_ms)
{
    char name[32];
    unsigned n = 0;

    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(name, sizeof(name), "stranger %u", i);
        n += admitted(admit, name, 1, now_ms);
    }
    return n;
}

static void each_caller_has_a_bucket_of_his_own(void)
{
    struct http_admit *admit = make(10, 5);

    CU_ASSERT_EQUAL(admitted(admit, "anna", 20, 1000), 5);
    CU_ASSERT_EQUAL(admitted(admit, "bert", 3, 1000), 3);
    CU_ASSERT_EQUAL(admitted(admit, "anna", 5, 1200), 2);
    CU_ASSERT_EQUAL(admitted(admit, "bert", 5, 1200), 4);
    http_admit_free(admit);
}

static void to_ask_uses_nothing_up(void)
{
    struct http_admit *admit = make(10, 2), *open = make(0, 1);

    CU_ASSERT(http_admit_has(admit, span_str("anna"), 1000));
    CU_ASSERT_EQUAL(admitted(admit, "anna", 1, 1000), 1);
    CU_ASSERT(http_admit_has(admit, span_str("anna"), 1000));
    CU_ASSERT(http_admit_has(admit, span_str("anna"), 1000));
    CU_ASSERT_EQUAL(admitted(admit, "anna", 2, 1000), 1);
    CU_ASSERT(!http_admit_has(admit, span_str("anna"), 1000));
    CU_ASSERT(http_admit_has(admit, span_str("bert"), 1000));
    CU_ASSERT(http_admit_has(admit, span_str("anna"), 1100));
    CU_ASSERT_EQUAL(http_admit_refused(admit), 1);
    CU_ASSERT(http_admit_has(open, span_str("anna"), 1000));
    http_admit_free(open);
    http_admit_free(admit);
}

static void refusals_are_counted(void)
{
    struct http_admit *admit = make(10, 5);

    CU_ASSERT_EQUAL(http_admit_refused(admit), 0);
    (void)admitted(admit, "anna", 20, 1000);
    CU_ASSERT_EQUAL(http_admit_refused(admit), 15);
    http_admit_free(admit);
}

/* Far more names than places: each is served, none pushes out the one who has
 * spent most. */
static void strangers_do_not_refill_a_spent_bucket(void)
{
    struct http_admit *admit = make(1, 5);

    CU_ASSERT_EQUAL(admitted(admit, "anna", 20, 0), 5);
    CU_ASSERT_EQUAL(
        strangers(admit, 4 * HTTP_ADMIT_PLACES, 0), 4 * HTTP_ADMIT_PLACES);
    CU_ASSERT_EQUAL(admitted(admit, "anna", 20, 0), 0);
    http_admit_free(admit);
}

/* Those who were let in an hour ago are the first to go, not who asks now. */
static void a_quiet_caller_is_as_a_new_one(void)
{
    struct http_admit *admit = make(10, 5);

    CU_ASSERT_EQUAL(admitted(admit, "bert", 20, 0), 5);
    (void)strangers(admit, 4 * HTTP_ADMIT_PLACES, 0);
    CU_ASSERT_EQUAL(admitted(admit, "anna", 20, 3600000), 5);
    CU_ASSERT_EQUAL(strangers(admit, 4 * HTTP_ADMIT_PLACES, 3600000),
        4 * HTTP_ADMIT_PLACES);
    CU_ASSERT_EQUAL(admitted(admit, "anna", 20, 3600000), 0);
    CU_ASSERT_EQUAL(admitted(admit, "bert", 20, 3600000), 5);
    http_admit_free(admit);
}

static void without_a_limit_everybody_is_let_in(void)
{
    struct http_admit *admit = make(0, 1);

    CU_ASSERT_EQUAL(admitted(admit, "anna", 1000, 0), 1000);
    CU_ASSERT_EQUAL(http_admit_refused(admit), 0);
    http_admit_free(admit);
}

CU_TestInfo http_admit_tests[] = {
    {"each caller has a bucket of his own",
        each_caller_has_a_bucket_of_his_own},
    {"to ask uses nothing up", to_ask_uses_nothing_up},
    {"refusals are counted", refusals_are_counted},
    {"strangers do not refill a spent bucket",
        strangers_do_not_refill_a_spent_bucket},
    {"a quiet caller is as a new one", a_quiet_caller_is_as_a_new_one},
    {"without a limit everybody is let in",
        without_a_limit_everybody_is_let_in},
    CU_TEST_INFO_NULL,
};
