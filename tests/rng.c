/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/rng.h"

#include <string.h>

/* xorshift64*: one word of the stream. */
static uint64_t next(struct test_rng *r)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return r->state * UINT64_C(0x2545f4914f6cdd1d);
}

static enum mu_err fill(void *ctx, uint8_t *out, size_t len)
{
    struct test_rng *r = ctx;

    if (r->fails)
        return MU_E_CRYPTO;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(next(r) >> 56);
    return MU_OK;
}

static enum mu_err fill_stuck(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
    return MU_OK;
}

const struct mu_rng test_rng_stuck = {.fill = fill_stuck};

void test_rng_init(struct test_rng *r, uint64_t seed)
{
    r->rng = (struct mu_rng){.fill = fill, .ctx = r};
    r->state = seed | UINT64_C(1) << 63; /* never zero */
    r->fails = false;
}

uint64_t test_rng_below(struct test_rng *r, uint64_t limit)
{
    return next(r) % limit;
}
