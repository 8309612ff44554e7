/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - worker threads for what would hold up the loop.
 *
 * A job is a struct of its owner's with a struct mu_job in it. It holds copies
 * of all it needs: run() is called once, on some worker, and shares nothing
 * with the loop; done() is called once, on the loop's thread, where the owner
 * takes the result and frees the job.
 *
 * The pool knows no loop. Its descriptor is readable when jobs are done; the
 * loop then calls mu_pool_drain().
 *
 * Submit, drain and free are for one thread.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/err.h"

#include <stddef.h>

#define MU_POOL_THREADS_MAX 64

struct mu_pool;
struct mu_job;

struct mu_job_kind {
    void (*run)(struct mu_job *job);
    /* MU_OK; MU_E_STATE when the pool ended before the job was run. */
    void (*done)(struct mu_job *job, enum mu_err err);
};

/* The caller sets kind alone; the rest is the pool's until done(). */
struct mu_job {
    const struct mu_job_kind *kind;
    struct mu_job *next;
    enum mu_err err;
};

/*
 *   threads  1..MU_POOL_THREADS_MAX, or 0: one for each processor
 *   limit    jobs at once, from submit to done(); 1 or more
 *
 * Workers take no signals: they stay with the caller's thread.
 *
 * Returns MU_OK; MU_E_NO_MEMORY; MU_E_IO when the system gives no thread or
 * descriptor.
 */
MU_MUST_CHECK enum mu_err mu_pool_new(
    unsigned threads, size_t limit, struct mu_pool **out);

/* Waits for the jobs that are being run; then every job that is left is done(),
 * from here. NULL is fine. */
void mu_pool_free(struct mu_pool *pool);

/* To be watched for reading; stays the pool's. */
int mu_pool_fd(const struct mu_pool *pool);

/*
 * Returns MU_OK: done() will be called; MU_E_NO_SPACE when `limit` jobs are
 * under way or the pool ends, and the job is still the caller's.
 */
MU_MUST_CHECK enum mu_err mu_pool_submit(
    struct mu_pool *pool, struct mu_job *job);

/* Calls done() for all that were run; it may submit again. */
void mu_pool_drain(struct mu_pool *pool);

#endif
