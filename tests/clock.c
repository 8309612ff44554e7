/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/clock.h"

static uint64_t test_unix_ms(void *ctx)
{
    return ((const struct test_clock *)ctx)->unix_ms;
}

static uint64_t test_mono_ms(void *ctx)
{
    return ((const struct test_clock *)ctx)->mono_ms;
}

void test_clock_init(struct test_clock *c, uint64_t unix_ms)
{
    c->clock = (struct mu_clock){test_unix_ms, test_mono_ms, c};
    c->unix_ms = unix_ms;
    c->mono_ms = 0;
}

void test_clock_step(struct test_clock *c, uint64_t ms)
{
    c->unix_ms += ms;
    c->mono_ms += ms;
}

void test_clock_set(struct test_clock *c, uint64_t unix_ms)
{
    c->unix_ms = unix_ms;
}
