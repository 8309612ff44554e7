/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - a clock that a test sets.
 *
 *     struct test_clock now;
 *
 *     test_clock_init(&now, 1700000000000);
 *     thing_new(&now.clock, &thing);
 *     test_clock_step(&now, 1000);
 *
 * now.clock holds a pointer to now, which therefore stays where it is.
 */
#ifndef TESTS_CLOCK_H
#define TESTS_CLOCK_H

#include "base/clock.h"

struct test_clock {
    struct mu_clock clock;
    uint64_t unix_ms, mono_ms;
};

/* The monotonic clock starts at 0. */
void test_clock_init(struct test_clock *c, uint64_t unix_ms);

/* Time passes: both clocks move. */
void test_clock_step(struct test_clock *c, uint64_t ms);

/* The host's clock is set, forward or back: time does not pass. */
void test_clock_set(struct test_clock *c, uint64_t unix_ms);

#endif
