/* SPDX-License-Identifier: Apache-2.0 */
#include "http/bucket.h"

#define TOKEN UINT64_C(1000) /* so that each millisecond adds per_s */

void http_bucket_init(
    struct http_bucket *b, uint64_t per_s, uint64_t burst, uint64_t now_ms)
{
    *b = (struct http_bucket){.per_s = per_s,
        .burst = burst,
        .level = TOKEN * burst,
        .at_ms = now_ms};
}

uint64_t http_bucket_level(const struct http_bucket *b, uint64_t now_ms)
{
    uint64_t full = TOKEN * b->burst, passed = now_ms - b->at_ms, level;

    if (b->per_s == 0)
        return full;
    /* passed * per_s < full + per_s <= 1.001 * 10^9: no overflow. */
    if (passed > full / b->per_s)
        return full;
    level = b->level + passed * b->per_s;
    return level < full ? level : full;
}

bool http_bucket_take(struct http_bucket *b, uint64_t now_ms)
{
    if (b->per_s == 0)
        return true;
    b->level = http_bucket_level(b, now_ms);
    b->at_ms = now_ms;
    if (b->level < TOKEN)
        return false;
    b->level -= TOKEN;
    return true;
}
