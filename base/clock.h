/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - time as an argument, and as text.
 *
 * Whoever needs the time takes a struct mu_clock or, in the pure layers, the
 * time itself; programs pass mu_clock_system(), tests one that they set.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/bytes.h"

struct mu_clock {
    uint64_t (*unix_ms)(void *ctx);
    uint64_t (*mono_ms)(void *ctx);
    void *ctx;
};

/* Milliseconds since 1970-01-01T00:00:00Z; may step when the host is set. */
uint64_t mu_clock_unix_ms(const struct mu_clock *clock);

/* Milliseconds since some moment; never goes back. For deadlines. */
uint64_t mu_clock_mono_ms(const struct mu_clock *clock);

/* The host's clocks. A host set to before 1970 counts as 1970. */
const struct mu_clock *mu_clock_system(void);

/* "2026-11-23T14:23:45.123Z" and its NUL. */
#define MU_TIME_TEXT 25

/* The last time that has a text: 9999-12-31T23:59:59.999Z. */
#define MU_TIME_MAX_MS UINT64_C(253402300799999)

/*
 * A time in milliseconds since 1970 as text in the one form above (RFC 3339,
 * UTC, three digits of fraction); later than MU_TIME_MAX_MS counts as that.
 */
void mu_time_write(uint64_t unix_ms, char out[MU_TIME_TEXT]);

/*
 * Reads exactly what mu_time_write() writes, so that one time has one text.
 *
 * Returns MU_OK or MU_E_MALFORMED; *unix_ms is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mu_time_read(struct span text, uint64_t *unix_ms);

#endif
