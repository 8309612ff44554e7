/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_once.h - a request that must not be done twice (Idempotency-Key): the
 * same key of the same caller with the same request gets the same answer for a
 * day, whatever happened in between.
 *
 * Before the handler runs, a row says that it has begun; the answer takes its
 * place. A row left by a process that is no more is a request of which nobody
 * knows whether it was done: one that may be repeated is, others are told so
 * (409 outcome-unknown). Answers that are not final, 202 and 5xx, are not
 * kept: the next request of that key asks anew.
 */
#ifndef GMS_API_ONCE_H
#define GMS_API_ONCE_H

#include "gms/api_call.h"

#define GMS_ONCE_KEY_MAX 255
#define GMS_ONCE_KEEP_MS UINT64_C(86400000)

/*
 * True: go on, the handler is to run. False: the call is answered, perhaps as
 * it was before (with Idempotent-Replayed: true).
 *
 *   key   as it came; p NULL: none, and nothing is kept
 *   what  method, target and body, of which the SHA-256 is kept
 */
bool gms_once_begin(
    struct gms_api_call *call, struct span key, const struct span what[3]);

/* The answer of the call is known. */
void gms_once_keep(
    struct gms_api_call *call, unsigned status, struct span text);

#endif
