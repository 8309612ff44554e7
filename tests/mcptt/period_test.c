/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/period.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <stdio.h>
#include <string.h>

#define UNIX_EPOCH UINT64_C(2208988800) /* in seconds since 1900 */
#define MONTHS     (8100 * 12)

static struct mcptt_month month_at(unsigned index)
{
    return (struct mcptt_month){
        (uint16_t)(1900 + index / 12), (uint8_t)(index % 12 + 1)};
}

static bool same(struct mcptt_month a, struct mcptt_month b)
{
    return a.year == b.year && a.month == b.month;
}

static void month_text(struct mcptt_month month, char text[8])
{
    struct wr w;

    wr_init(&w, (uint8_t *)text, 7);
    mcptt_month_write(&w, month);
    text[7] = '\0';
}

/* The months of the years 2000 to 2020 that are good at that time. */
static void good_months(uint64_t now, char out[64])
{
    out[0] = '\0';
    for (unsigned i = 1200; i < 1440; i++) {
        char text[8];

        if (mcptt_month_accepts(month_at(i), now) != MU_OK)
            continue;
        month_text(month_at(i), text);
        (void)snprintf(out + strlen(out), 64 - strlen(out), "%s%s",
            out[0] != '\0' ? " " : "", text);
    }
}

static void months_are_good_as_in_every_example(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    char good[64];

    vec_open(&v, "mcptt-period.vec");
    while (vec_next(&v)) {
        good_months(vec_num(&v, "now") + UNIX_EPOCH, good);
        CU_ASSERT_STRING_EQUAL(good, vec_text(&v, "accept"));
    }
}

static void months_follow_each_other_to_the_year_9999(void)
{
    uint64_t expected = 0;
    struct mcptt_month got;

    for (unsigned i = 0; i < MONTHS; i++) {
        struct mcptt_interval m = mcptt_month_interval(month_at(i));

        CU_ASSERT_EQUAL_FATAL(m.from_s, expected);
        CU_ASSERT_FATAL(m.until_s - m.from_s >= 28UL * 86400);
        CU_ASSERT_EQUAL_FATAL(mcptt_month_of(m.from_s, &got), MU_OK);
        CU_ASSERT_FATAL(same(got, month_at(i)));
        CU_ASSERT_EQUAL_FATAL(mcptt_month_of(m.until_s - 1, &got), MU_OK);
        CU_ASSERT_FATAL(same(got, month_at(i)));
        expected = m.until_s;
    }
    CU_ASSERT_EQUAL(mcptt_month_of(expected, &got), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mcptt_month_of(UINT64_MAX, &got), MU_E_MALFORMED);
}

/* Unix times from date(1). */
static void months_agree_with_the_calendar(void)
{
    static const struct {
        struct mcptt_month month;
        int64_t unix_s;
    } cases[] = {
        {{1900, 3}, -2203891200},               /* no leap day */
        {{1970, 1}, 0}, {{2000, 3}, 951868800}, /* leap day */
        {{2036, 2}, 2085436800},
        {{2036, 3}, 2087942400}, /* beyond the first NTP era */
        {{2100, 3}, 4107542400}, /* no leap day */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(mcptt_month_interval(cases[i].month).from_s,
            (uint64_t)(cases[i].unix_s + (int64_t)UNIX_EPOCH));
}

static void never_more_than_two_months_are_good(void)
{
    for (uint64_t day = 0; day < UINT64_C(146097); day++) {
        struct mcptt_month now;
        unsigned good = 0;
        unsigned index;

        CU_ASSERT_EQUAL_FATAL(mcptt_month_of(day * 86400, &now), MU_OK);
        index = (now.year - 1900U) * 12 + now.month - 1;
        for (unsigned i = index < 3 ? 0 : index - 3; i < index + 4; i++)
            good += mcptt_month_accepts(month_at(i), day * 86400) == MU_OK;
        CU_ASSERT_FATAL(good >= 1 && good <= 2);
    }
}

static void month_texts_are_read_strictly(void)
{
    static const char *const bad[] = {"2011-13", "2011-00", "2011/02",
        "11-02-1", "2011-2 ", "+011-02", "1899-12", "2011-0"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct rd r;

        rd_init(&r, span_str(bad[i]));
        (void)mcptt_month_read(&r);
        CU_ASSERT_EQUAL(rd_close(&r), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(r.fault.field, "month");
        CU_ASSERT_EQUAL(r.fault.at, 0);
    }
}

static void fixed_periods_are_numbered_from_the_offset(void)
{
    struct mcptt_period_rule rule = {.length_s = 100, .offset_s = 30};
    uint64_t number = 99;

    CU_ASSERT_EQUAL(mcptt_period_number(&rule, 29, &number), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(number, 99);
    CU_ASSERT_EQUAL(mcptt_period_number(&rule, 30, &number), MU_OK);
    CU_ASSERT_EQUAL(number, 0);
    CU_ASSERT_EQUAL(mcptt_period_number(&rule, 129, &number), MU_OK);
    CU_ASSERT_EQUAL(number, 0);
    CU_ASSERT_EQUAL(mcptt_period_number(&rule, 130, &number), MU_OK);
    CU_ASSERT_EQUAL(number, 1);
}

static void a_deployed_period_is_numbered_as_its_kms_does(void)
{
    struct mcptt_period_rule rule = {.length_s = 16777215};
    uint64_t number = 0;

    CU_ASSERT_EQUAL(mcptt_period_number(&rule, 0xec898da8, &number), MU_OK);
    CU_ASSERT_EQUAL(number, 236);
}

static void fixed_periods_do_not_wrap_in_2036(void)
{
    struct mcptt_period_rule rule = {.length_s = 2592000};
    uint64_t before = 0, after = 0;

    CU_ASSERT_EQUAL(mcptt_period_number(&rule, UINT32_MAX, &before), MU_OK);
    CU_ASSERT_EQUAL(
        mcptt_period_number(&rule, UINT64_C(1) << 32, &after), MU_OK);
    CU_ASSERT_EQUAL(before, 1657);
    CU_ASSERT_EQUAL(after, 1657);
    CU_ASSERT_EQUAL(
        mcptt_period_number(&rule, UINT64_C(1658) * 2592000, &after), MU_OK);
    CU_ASSERT_EQUAL(after, 1658);
}

static void a_fixed_period_holds_its_own_times_alone(void)
{
    struct mcptt_period_rule rule = {.length_s = 2592000, .offset_s = 1000};
    struct mcptt_interval i;
    uint64_t number = 0;

    CU_ASSERT_EQUAL(mcptt_period_interval(&rule, 1658, &i), MU_OK);
    CU_ASSERT_EQUAL(i.until_s - i.from_s, rule.length_s);
    CU_ASSERT_EQUAL(mcptt_period_number(&rule, i.from_s, &number), MU_OK);
    CU_ASSERT_EQUAL(number, 1658);
    CU_ASSERT_EQUAL(mcptt_period_number(&rule, i.until_s, &number), MU_OK);
    CU_ASSERT_EQUAL(number, 1659);
    CU_ASSERT(mcptt_interval_has(i, i.from_s));
    CU_ASSERT(!mcptt_interval_has(i, i.from_s - 1));
    CU_ASSERT(!mcptt_interval_has(i, i.until_s));
}

static void impossible_fixed_periods_are_refused(void)
{
    struct mcptt_period_rule none = {.offset_s = 5};
    struct mcptt_period_rule late = {.length_s = 10, .offset_s = 10};
    struct mcptt_interval i = {1, 2};
    uint64_t number = 99;

    CU_ASSERT_EQUAL(mcptt_period_check(&none), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mcptt_period_check(&late), MU_E_MALFORMED);
    late.offset_s = 9;
    CU_ASSERT_EQUAL(mcptt_period_check(&late), MU_OK);
    CU_ASSERT_EQUAL(mcptt_period_number(&none, 7, &number), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mcptt_period_interval(&none, 1, &i), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        mcptt_period_interval(&late, UINT64_MAX / 5, &i), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        mcptt_period_interval(&late, UINT64_MAX / 10, &i), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(i.from_s, 1);
}

CU_TestInfo mcptt_period_tests[] = {
    {"months are good as in every example",
        months_are_good_as_in_every_example},
    {"months follow each other to the year 9999",
        months_follow_each_other_to_the_year_9999},
    {"months agree with the calendar", months_agree_with_the_calendar},
    {"never more than two months are good",
        never_more_than_two_months_are_good},
    {"month texts are read strictly", month_texts_are_read_strictly},
    {"fixed periods are numbered from the offset",
        fixed_periods_are_numbered_from_the_offset},
    {"a deployed period is numbered as its KMS does",
        a_deployed_period_is_numbered_as_its_kms_does},
    {"fixed periods do not wrap in 2036", fixed_periods_do_not_wrap_in_2036},
    {"a fixed period holds its own times alone",
        a_fixed_period_holds_its_own_times_alone},
    {"impossible fixed periods are refused",
        impossible_fixed_periods_are_refused},
    CU_TEST_INFO_NULL,
};
