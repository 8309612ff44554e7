/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <string.h>
#include <time.h>

uint64_t mu_clock_unix_ms(const struct mu_clock *clock)
{
    return clock->unix_ms(clock->ctx);
}

uint64_t mu_clock_mono_ms(const struct mu_clock *clock)
{
    return clock->mono_ms(clock->ctx);
}

static uint64_t read_ms(clockid_t id)
{
    struct timespec now = {0};

    /* Both clocks exist on every Linux; a failure would read as 1970. */
    (void)clock_gettime(id, &now);
    if (now.tv_sec < 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t system_unix_ms(void *ctx)
{
    (void)ctx;
    return read_ms(CLOCK_REALTIME);
}

static uint64_t system_mono_ms(void *ctx)
{
    (void)ctx;
    return read_ms(CLOCK_MONOTONIC);
}

const struct mu_clock *mu_clock_system(void)
{
    static const struct mu_clock system_clock = {
        .unix_ms = system_unix_ms, .mono_ms = system_mono_ms};

    return &system_clock;
}

/* Decimal digits of v, zeros in front; the last one stands before end. */
static void put_digits(char *end, unsigned v, size_t digits)
{
    for (; digits > 0; digits--) {
        *--end = (char)('0' + v % 10);
        v /= 10;
    }
}

void mu_time_write(uint64_t unix_ms, char out[MU_TIME_TEXT])
{
    uint64_t ms = unix_ms < MU_TIME_MAX_MS ? unix_ms : MU_TIME_MAX_MS;
    time_t s = (time_t)(ms / 1000);
    struct tm t = {0};

    (void)gmtime_r(&s, &t); /* cannot fail up to the year 9999 */
    memcpy(out, "0000-00-00T00:00:00.000Z", MU_TIME_TEXT);
    put_digits(out + 4, (unsigned)t.tm_year + 1900U, 4);
    put_digits(out + 7, (unsigned)t.tm_mon + 1U, 2);
    put_digits(out + 10, (unsigned)t.tm_mday, 2);
    put_digits(out + 13, (unsigned)t.tm_hour, 2);
    put_digits(out + 16, (unsigned)t.tm_min, 2);
    put_digits(out + 19, (unsigned)t.tm_sec, 2);
    put_digits(out + 23, (unsigned)(ms % 1000), 3);
}

/* The digits from at to the first character that is none. */
static unsigned get_digits(const char *at)
{
    unsigned v = 0;

    while (*at >= '0' && *at <= '9')
        v = 10 * v + (unsigned)(*at++ - '0');
    return v;
}

enum mu_err mu_time_read(struct span text, uint64_t *unix_ms)
{
    char in[MU_TIME_TEXT] = {0}, again[MU_TIME_TEXT];
    struct tm t = {0};
    uint64_t ms;
    time_t s;

    if (text.len != MU_TIME_TEXT - 1)
        return MU_E_MALFORMED;
    memcpy(in, text.p, text.len);
    t.tm_year = (int)get_digits(in) - 1900;
    t.tm_mon = (int)get_digits(in + 5) - 1;
    t.tm_mday = (int)get_digits(in + 8);
    t.tm_hour = (int)get_digits(in + 11);
    t.tm_min = (int)get_digits(in + 14);
    t.tm_sec = (int)get_digits(in + 17);
    s = timegm(&t);
    if (s < 0)
        return MU_E_MALFORMED;
    ms = (uint64_t)s * 1000 + get_digits(in + 20);
    /* Separators, ranges and days of the month: all at once, by writing it. */
    mu_time_write(ms, again);
    if (memcmp(in, again, sizeof(in)) != 0)
        return MU_E_MALFORMED;
    *unix_ms = ms;
    return MU_OK;
}
