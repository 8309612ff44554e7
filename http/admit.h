/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admit.h - a bucket (http/bucket.h) for each of many: callers by their
 * identity, sources by their address. Pure; time and the hash's key are
 * arguments.
 *
 * The table has a fixed size and keeps no names, only a keyed hash of each
 * (base/siphash.h): whoever asks under many names costs no memory. A bucket
 * that is full again says nothing that a new one would not, so its place is
 * free. Where all places of a hash are taken, the fullest bucket goes: that
 * favours its owner by the little that he had spent.
 */
#ifndef HTTP_ADMIT_H
#define HTTP_ADMIT_H

#include "base/siphash.h"
#include "http/bucket.h"

#define HTTP_ADMIT_PLACES 8192 /* buckets at once; 400 kB */

struct http_admit;

/*
 * per_s, burst: of each bucket, as http_bucket_init() has them; with per_s 0
 * everybody is let in. The key is copied.
 *
 * Returns MU_OK or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_admit_new(uint64_t per_s, uint64_t burst,
    const uint8_t key[MU_SIPHASH_KEY], struct http_admit **out);
void http_admit_free(struct http_admit *admit); /* NULL is fine */

/* One request of `who`, any octets, at now_ms, which never goes back; whether
 * it is let in. */
bool http_admit_take(
    struct http_admit *admit, struct span who, uint64_t now_ms);

/* Whether one would be let in; nothing is used up. */
bool http_admit_has(
    const struct http_admit *admit, struct span who, uint64_t now_ms);

/* How often it was not. */
uint64_t http_admit_refused(const struct http_admit *admit);

#endif
