/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/faults.h"

static uint64_t off_unix_ms(void *ctx)
{
    const struct ue_faults *faults = ctx;
    uint64_t real = mu_clock_unix_ms(faults->real);
    int64_t drift_ms = faults->drift_s * 1000;

    if (drift_ms < 0 && real < (uint64_t)-drift_ms)
        return 0;
    return real + (uint64_t)drift_ms;
}

static uint64_t mono_ms(void *ctx)
{
    const struct ue_faults *faults = ctx;

    return mu_clock_mono_ms(faults->real);
}

void ue_faults_init(struct ue_faults *faults, const struct mu_clock *real,
    const struct mu_rng *rng)
{
    *faults = (struct ue_faults){
        .real = real, .rng = rng, .clock = {off_unix_ms, mono_ms, faults}};
}

bool ue_faults_lose(struct ue_faults *faults)
{
    uint16_t chance = 0;

    if (faults->lose_percent == 0 ||
        mu_rng_fill(faults->rng, (uint8_t *)&chance, sizeof(chance)) != MU_OK)
        return false;
    return chance * 100U < faults->lose_percent * (UINT16_MAX + 1U);
}
