/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rng.h - randomness that a test can repeat, or make fail.
 *
 * The stream is public and the same in each run; nothing is random in it but
 * the look.
 */
#ifndef TESTS_RNG_H
#define TESTS_RNG_H

#include "base/rng.h"

#include <stdbool.h>

struct test_rng {
    struct mu_rng rng; /* holds a pointer to this struct, which stays put */
    uint64_t state;
    bool fails; /* from now on: MU_E_CRYPTO */
};

/* Every octet is 5a, however often one asks. */
extern const struct mu_rng test_rng_stuck;

void test_rng_init(struct test_rng *r, uint64_t seed);

/* A number below limit (limit > 0); not quite even, which is enough here. */
uint64_t test_rng_below(struct test_rng *r, uint64_t limit);

#endif
