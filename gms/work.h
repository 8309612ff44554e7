/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work.h - what is done at once when it is small, and by a worker when it is
 * not: nothing on the loop's thread may take over 5 ms (STYLE section 8).
 */
#ifndef GMS_WORK_H
#define GMS_WORK_H

#include "base/pool.h"

#define GMS_WORK_INLINE_MAX 65536 /* octets of XML; more takes too long */

/*
 * Runs the job, which works on `octets` octets of XML: here when they are few
 * or there is no pool, else by a worker. done() is called once, perhaps before
 * this returns; with MU_E_STATE when there are too many jobs already, or the
 * pool ends: 503.
 */
void gms_work(struct mu_pool *pool, struct mu_job *job, size_t octets);

#endif
