/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "tests/clock.h"
#include "tests/suites.h"

static const struct {
    uint64_t ms;
    const char *text;
} times[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {951782399999, "2000-02-28T23:59:59.999Z"},
    {951782400000, "2000-02-29T00:00:00.000Z"},
    {2147483648001, "2038-01-19T03:14:08.001Z"},
    {4107542400000, "2100-03-01T00:00:00.000Z"},
    {MU_TIME_MAX_MS, "9999-12-31T23:59:59.999Z"},
};

static void times_have_one_text_both_ways(void)
{
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char text[MU_TIME_TEXT];
        uint64_t ms = 7;

        mu_time_write(times[i].ms, text);
        CU_ASSERT_STRING_EQUAL(text, times[i].text);
        CU_ASSERT_EQUAL(mu_time_read(span_str(times[i].text), &ms), MU_OK);
        CU_ASSERT_EQUAL(ms, times[i].ms);
    }
}

static void times_beyond_the_last_read_as_the_last(void)
{
    char text[MU_TIME_TEXT];

    mu_time_write(UINT64_MAX, text);
    CU_ASSERT_STRING_EQUAL(text, "9999-12-31T23:59:59.999Z");
}

static void other_texts_are_refused(void)
{
    static const char *const texts[] = {
        "",
        "2026-11-23T14:23:45Z",
        "2026-11-23t14:23:45.123Z",
        "2026-11-23 14:23:45.123Z",
        "2026-11-23T14:23:45.123z",
        "2026-11-23T14:23:45,123Z",
        "2026-11-31T14:23:45.123Z",
        "2026-02-29T14:23:45.123Z",
        "2026-13-01T14:23:45.123Z",
        "2026-00-01T14:23:45.123Z",
        "2026-11-23T24:00:00.000Z",
        "2026-11-23T14:23:60.123Z",
        "2026-11-23T14:23:45.12ZZ",
        "+026-11-23T14:23:45.123Z",
        "1969-12-31T23:59:59.999Z",
        "999999999999999999999999",
    };
    uint64_t ms = 7;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        CU_ASSERT_EQUAL(mu_time_read(span_str(texts[i]), &ms), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(ms, 7);
}

static void the_system_clocks_run(void)
{
    const struct mu_clock *c = mu_clock_system();
    uint64_t before = mu_clock_mono_ms(c);

    CU_ASSERT(mu_clock_unix_ms(c) > UINT64_C(1700000000000));
    CU_ASSERT(mu_clock_mono_ms(c) >= before);
}

static void a_test_sets_both_clocks(void)
{
    struct test_clock now;

    test_clock_init(&now, 5000);
    test_clock_step(&now, 20);
    test_clock_set(&now, 1000);
    CU_ASSERT_EQUAL(mu_clock_unix_ms(&now.clock), 1000);
    CU_ASSERT_EQUAL(mu_clock_mono_ms(&now.clock), 20);
}

CU_TestInfo base_clock_tests[] = {
    {"times have one text, both ways", times_have_one_text_both_ways},
    {"times beyond the last read as the last",
        times_beyond_the_last_read_as_the_last},
    {"other texts are refused", other_texts_are_refused},
    {"the system clocks run", the_system_clocks_run},
    {"a test sets both clocks", a_test_sets_both_clocks},
    CU_TEST_INFO_NULL,
};
