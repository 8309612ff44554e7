/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/stamp.h"

#include "mikey/ntp.h"

struct mcptt_stamp mcptt_stamp_of_unix_ms(uint64_t unix_ms)
{
    uint64_t fraction = ((unix_ms % 1000) << 32) / 1000;

    return (struct mcptt_stamp){
        unix_ms / 1000 + (uint64_t)MIKEY_NTP_UNIX_S, (uint32_t)fraction};
}

uint64_t mcptt_stamp_ntp(struct mcptt_stamp stamp)
{
    return stamp.s << 32 | stamp.fraction;
}

static bool later(struct mcptt_stamp a, struct mcptt_stamp b)
{
    return a.s > b.s || (a.s == b.s && a.fraction > b.fraction);
}

static struct mcptt_stamp after(struct mcptt_stamp stamp)
{
    stamp.fraction++;
    if (stamp.fraction == 0)
        stamp.s++;
    return stamp;
}

enum mu_err mcptt_stamps_next(struct mcptt_stamps *stamps,
    struct mcptt_stamp now, struct mcptt_interval period,
    struct mcptt_stamp *out)
{
    struct mcptt_stamp next =
        later(now, stamps->last) ? now : after(stamps->last);

    if (!mcptt_interval_has(period, next.s))
        return MU_E_EXPIRED;
    stamps->last = *out = next;
    return MU_OK;
}
