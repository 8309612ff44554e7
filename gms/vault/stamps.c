/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/stamps.h"

#define PLACES_PER_MS 16
#define PLACES        ((uint64_t)GMS_STAMPS_AHEAD_S << 32)

uint64_t gms_stamps_from(const struct gms_vault_time *time, uint64_t unix_ms)
{
    return time->ahead ? time->period.from_s
                       : mcptt_stamp_of_unix_ms(unix_ms).s;
}

/*
 * Two periods may have the same places: what makes a stamp one of its own is
 * the period's first second together with the place.
 */
static enum mu_err next_ahead(struct gms_stamps *stamps, uint64_t from_s,
    struct mcptt_interval period, uint64_t unix_ms, struct mcptt_stamp *out)
{
    uint64_t place = unix_ms * PLACES_PER_MS;
    struct mcptt_stamp next;

    if (place <= stamps->ahead)
        place = stamps->ahead + 1;
    next.s = from_s + (place % PLACES >> 32);
    next.fraction = (uint32_t)place;
    if (!mcptt_interval_has(period, next.s))
        return MU_E_EXPIRED;
    stamps->ahead = place;
    *out = next;
    return MU_OK;
}

enum mu_err gms_stamps_next(struct gms_stamps *stamps,
    const struct gms_vault_time *time, struct mcptt_interval period,
    uint64_t unix_ms, struct mcptt_stamp *out)
{
    if (time->ahead)
        return next_ahead(stamps, time->period.from_s, period, unix_ms, out);
    return mcptt_stamps_next(
        &stamps->present, mcptt_stamp_of_unix_ms(unix_ms), period, out);
}
