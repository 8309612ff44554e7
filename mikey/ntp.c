/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/ntp.h"

#include <assert.h>

#define NS_PER_S UINT64_C(1000000000)

uint64_t mikey_ntp_from_unix(int64_t unix_s, uint32_t ns)
{
    /* ns < 10^9 < 2^30, so the shift keeps every bit, and the quotient,
     * rounded up, is at most 2^32 - 4. */
    uint64_t fraction = (((uint64_t)ns << 32) + NS_PER_S - 1) / NS_PER_S;

    assert(ns < NS_PER_S && unix_s >= -MIKEY_NTP_UNIX_S);
    return (uint64_t)(unix_s + MIKEY_NTP_UNIX_S) << 32 | fraction;
}

int64_t mikey_ntp_to_unix(uint64_t ntp, int64_t near_unix_s)
{
    uint32_t near = (uint32_t)(uint64_t)(near_unix_s + MIKEY_NTP_UNIX_S);

    /* The difference modulo 2^32, taken as a signed number, is the way to the
     * nearest moment with these seconds, whatever the era. */
    return near_unix_s + (int32_t)((uint32_t)(ntp >> 32) - near);
}

uint32_t mikey_ntp_ns(uint64_t ntp)
{
    return (uint32_t)((ntp & UINT32_MAX) * NS_PER_S >> 32);
}

uint64_t mikey_ntp_s(uint64_t ntp, int64_t near_unix_s)
{
    int64_t s = mikey_ntp_to_unix(ntp, near_unix_s) + MIKEY_NTP_UNIX_S;

    assert(s >= 0);
    return (uint64_t)s;
}
