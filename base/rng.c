/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"

#include <limits.h>
#include <openssl/rand.h>

enum mu_err mu_rng_fill(const struct mu_rng *rng, uint8_t *out, size_t len)
{
    return rng->fill(rng->ctx, out, len);
}

static enum mu_err fill_system(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    if (len > INT_MAX || RAND_priv_bytes(out, (int)len) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

const struct mu_rng *mu_rng_system(void)
{
    static const struct mu_rng system_rng = {.fill = fill_system};

    return &system_rng;
}
