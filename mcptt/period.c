/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/period.h"

#include <assert.h>

#include "base/text.h"

#define DAY_S      UINT64_C(86400)
#define YEAR_FIRST 1900
#define YEAR_LAST  9999

bool mcptt_interval_has(struct mcptt_interval i, uint64_t t_s)
{
    return i.from_s <= t_s && t_s < i.until_s;
}

enum mu_err mcptt_period_check(const struct mcptt_period_rule *rule)
{
    return rule->offset_s < rule->length_s ? MU_OK : MU_E_MALFORMED;
}

enum mu_err mcptt_period_number(
    const struct mcptt_period_rule *rule, uint64_t t_s, uint64_t *number)
{
    if (rule->length_s == 0)
        return MU_E_MALFORMED;
    if (t_s < rule->offset_s)
        return MU_E_NOT_FOUND;
    *number = (t_s - rule->offset_s) / rule->length_s;
    return MU_OK;
}

enum mu_err mcptt_period_interval(const struct mcptt_period_rule *rule,
    uint64_t number, struct mcptt_interval *out)
{
    uint64_t from, until;

    if (rule->length_s == 0 ||
        __builtin_mul_overflow(number, rule->length_s, &from) ||
        __builtin_add_overflow(from, rule->offset_s, &from) ||
        __builtin_add_overflow(from, rule->length_s, &until))
        return MU_E_MALFORMED;
    *out = (struct mcptt_interval){from, until};
    return MU_OK;
}

/* Months since January 1900; and the way back. */
static unsigned index_of(struct mcptt_month m)
{
    return (m.year - (unsigned)YEAR_FIRST) * 12 + m.month - 1;
}

static struct mcptt_month month_at(unsigned index)
{
    return (struct mcptt_month){
        (uint16_t)(YEAR_FIRST + index / 12), (uint8_t)(index % 12 + 1)};
}

/* Leap days of the years before this one, since 1900, which was no leap year.
 * year is 1900 or later: of the years to 1899 460 had a leap day. */
static uint64_t leap_days_before(unsigned year)
{
    unsigned y = year - 1;

    return y / 4 - y / 100 + y / 400 - 460;
}

static bool is_leap(unsigned year)
{
    return leap_days_before(year + 1) > leap_days_before(year);
}

/* Seconds from 1900 to the start of the month; the index may be one past the
 * last month. */
static uint64_t start_of(unsigned index)
{
    static const uint16_t days_before[12] = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    unsigned year = YEAR_FIRST + index / 12;
    uint64_t days = index / 12 * UINT64_C(365) + leap_days_before(year);

    days += days_before[index % 12];
    if (index % 12 >= 2 && is_leap(year))
        days++;
    return days * DAY_S;
}

enum mu_err mcptt_month_of(uint64_t t_s, struct mcptt_month *out)
{
    const unsigned end = (YEAR_LAST + 1 - YEAR_FIRST) * 12;
    unsigned low = 0, high = end;

    if (t_s >= start_of(end))
        return MU_E_MALFORMED;
    /* start_of(low) <= t_s < start_of(high) */
    while (high - low > 1) {
        unsigned middle = low + (high - low) / 2;

        if (start_of(middle) <= t_s)
            low = middle;
        else
            high = middle;
    }
    *out = month_at(low);
    return MU_OK;
}

struct mcptt_interval mcptt_month_interval(struct mcptt_month month)
{
    unsigned index = index_of(month);

    return (struct mcptt_interval){start_of(index), start_of(index + 1)};
}

enum mu_err mcptt_month_accepts(struct mcptt_month month, uint64_t now_s)
{
    struct mcptt_interval i = mcptt_month_interval(month);

    /* RFC 6509 clause 3.3: two days before and two days after. The first
     * month of all begins at zero. */
    i.from_s = i.from_s >= 2 * DAY_S ? i.from_s - 2 * DAY_S : 0;
    i.until_s += 2 * DAY_S;
    return mcptt_interval_has(i, now_s) ? MU_OK : MU_E_EXPIRED;
}

static void write_digits(struct wr *w, unsigned value, unsigned divisor)
{
    for (; divisor > 0; divisor /= 10)
        wr_u8(w, (uint8_t)('0' + value / divisor % 10));
}

void mcptt_month_write(struct wr *w, struct mcptt_month month)
{
    assert(month.year >= YEAR_FIRST && month.year <= YEAR_LAST);
    assert(month.month >= 1 && month.month <= 12);
    write_digits(w, month.year, 1000);
    wr_u8(w, '-');
    write_digits(w, month.month, 10);
}

struct mcptt_month mcptt_month_read(struct rd *r)
{
    struct span text = rd_span(r, MCPTT_MONTH_TEXT_LEN, "month");
    uint64_t year = 0, month = 0;
    bool ok = text.len == MCPTT_MONTH_TEXT_LEN && text.p[4] == '-' &&
              mu_text_u64((struct span){text.p, 4}, &year) == MU_OK &&
              mu_text_u64((struct span){text.p + 5, 2}, &month) == MU_OK;

    ok = ok && year >= YEAR_FIRST && month >= 1 && month <= 12;
    rd_check(r, ok, MU_E_MALFORMED, "month");
    return ok ? (struct mcptt_month){(uint16_t)year, (uint8_t)month}
              : (struct mcptt_month){YEAR_FIRST, 1};
}
