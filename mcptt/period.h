/* SPDX-License-Identifier: Apache-2.0 */
/*
 * period.h - key periods, in both conventions: of a fixed length with an
 * offset (TS 33.180 clause F.2.1) and by calendar month (RFC 6509 clause 3.3).
 *
 * Times here are whole seconds since 1900-01-01 00:00 UTC in 64 bits: NTP
 * seconds that do not wrap in 2036, leap seconds not counted. The period of
 * a message is that of its own timestamp, for sender and receiver alike,
 * whatever their clocks say.
 */
#ifndef MCPTT_PERIOD_H
#define MCPTT_PERIOD_H

#include "base/bytes.h"

/* from <= t < until */
struct mcptt_interval {
    uint64_t from_s, until_s;
};

bool mcptt_interval_has(struct mcptt_interval i, uint64_t t_s);

/*
 * Periods of a fixed length: UserKeyPeriod and UserKeyOffset of a KMS
 * certificate. Number n covers length seconds from offset + n * length.
 */
struct mcptt_period_rule {
    uint64_t length_s, offset_s;
};

/*
 * For a certificate: the length must not be zero and the offset be below it.
 * (The functions below, as UIDs, do with any offset.)
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err mcptt_period_check(
    const struct mcptt_period_rule *rule);

/*
 * The number of the period that t_s lies in: floor((T - offset) / length).
 *
 * Returns MU_OK; MU_E_MALFORMED when the length is zero; MU_E_NOT_FOUND when
 * t_s is before the offset. *number is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mcptt_period_number(
    const struct mcptt_period_rule *rule, uint64_t t_s, uint64_t *number);

/*
 * When that period begins and ends.
 *
 * Returns MU_OK; MU_E_MALFORMED when the length is zero or the end does not
 * fit in 64 bits. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mcptt_period_interval(
    const struct mcptt_period_rule *rule, uint64_t number,
    struct mcptt_interval *out);

/* A calendar month in UTC, of the years 1900 to 9999. */
struct mcptt_month {
    uint16_t year;
    uint8_t month; /* 1..12 */
};

#define MCPTT_MONTH_TEXT_LEN 7 /* "YYYY-MM" */

/*
 * The month that t_s lies in.
 * Returns MU_OK, or MU_E_MALFORMED beyond the year 9999; *out untouched then.
 */
MU_MUST_CHECK enum mu_err mcptt_month_of(uint64_t t_s, struct mcptt_month *out);

struct mcptt_interval mcptt_month_interval(struct mcptt_month month);

/*
 * Whether keys of a month are good for a message now: from the second-to-last
 * day of the month before to the end of the second day of the month after
 * (RFC 6509 clause 3.3). A receiver holds the keys of two months at once;
 * never are more than two good.
 *
 * Returns MU_OK or MU_E_EXPIRED, also when the month is yet to come.
 */
MU_MUST_CHECK enum mu_err mcptt_month_accepts(
    struct mcptt_month month, uint64_t now_s);

/* "YYYY-MM", seven characters. */
void mcptt_month_write(struct wr *w, struct mcptt_month month);

/* Faults: MU_E_MALFORMED, field "month", for any other text or range. */
struct mcptt_month mcptt_month_read(struct rd *r);

#endif
