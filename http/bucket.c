/* SPDX-License-Identifier: Apache-2.0 */
#include "http/bucket.h"

#define TOKEN UINT64_C(1000) /* so that each millisecond adds per_s */

void http_bucket_init(
    struct http_bucket *a, uint64_t per_s, uint64_t burst, uint64_t now_ms)
{
    *a = (struct http_bucket){.per_s = per_s,
        .burst = burst,
        .level = TOKEN * burst,
        .at_ms = now_ms};
}

bool http_bucket_take(struct http_bucket *a, uint64_t now_ms)
{
    uint64_t full = TOKEN * a->burst, passed = now_ms - a->at_ms;

    if (a->per_s == 0)
        return true;
    /* passed * per_s < full + per_s <= 1.001 * 10^9: no overflow. */
    if (passed > full / a->per_s)
        a->level = full;
    else
        a->level += passed * a->per_s;
    if (a->level > full)
        a->level = full;
    a->at_ms = now_ms;
    if (a->level < TOKEN)
        return false;
    a->level -= TOKEN;
    return true;
}
