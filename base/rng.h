/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rng.h - randomness as an argument.
 *
 * Whoever needs random octets takes a struct mu_rng; programs pass
 * mu_rng_system(), tests a fixed stream.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct mu_rng {
    /* Fills len octets, or fails as a whole: MU_E_CRYPTO. */
    enum mu_err (*fill)(void *ctx, uint8_t *out, size_t len);
    void *ctx;
};

MU_MUST_CHECK enum mu_err mu_rng_fill(
    const struct mu_rng *rng, uint8_t *out, size_t len);

/* OpenSSL's generator for private values, seeded by the kernel. */
const struct mu_rng *mu_rng_system(void);

#endif
