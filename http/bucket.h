/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bucket.h - how many requests are let in: a bucket that holds `burst`
 * tokens and gains `per_s` each second. Pure; time is an argument.
 *
 * After a loss of power every radio asks at the same moment. Whoever is not
 * let in is told when to come back, at a moment of his own.
 */
#ifndef HTTP_BUCKET_H
#define HTTP_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct http_bucket {
    uint64_t per_s; /* 0: everyone is let in */
    uint64_t burst;
    uint64_t level; /* thousandths of a token: 0..1000 * burst */
    uint64_t at_ms;
};

/* Begins full. per_s <= 10^6, 1 <= burst <= 10^6. */
void http_bucket_init(
    struct http_bucket *b, uint64_t per_s, uint64_t burst, uint64_t now_ms);

/* What is in it at now_ms, in thousandths of a token. */
uint64_t http_bucket_level(const struct http_bucket *b, uint64_t now_ms);

/* One request at now_ms, which never goes back; whether it is let in. */
bool http_bucket_take(struct http_bucket *b, uint64_t now_ms);

#endif
