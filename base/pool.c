/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/handoff.h"

struct mu_pool {
    /* Of the loop's thread alone. */
    size_t limit, under_way; /* under_way <= limit */
    unsigned threads;        /* started */
    /* As long as the list, so that a worker's put never fails. */
    struct mu_handoff *finished;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;  /* there is a job, or the end */
    struct mu_job *first, **last;
    bool ending;
    pthread_t thread[MU_POOL_THREADS_MAX];
};

/* The next job to run; NULL at the end. */
static struct mu_job *await_job(struct mu_pool *pool)
{
    struct mu_job *job;

    (void)pthread_mutex_lock(&pool->lock);
    while (pool->first == NULL && !pool->ending)
        (void)pthread_cond_wait(&pool->wake, &pool->lock);
    job = pool->ending ? NULL : pool->first;
    if (job != NULL) {
        pool->first = job->next;
        if (pool->first == NULL)
            pool->last = &pool->first;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return job;
}

static void *work(void *to)
{
    struct mu_pool *pool = to;
    struct mu_job *job;
    enum mu_err err;

    while ((job = await_job(pool)) != NULL) {
        job->kind->run(job);
        job->err = MU_OK;
        err = mu_handoff_put(pool->finished, job);
        assert(err == MU_OK); /* under_way <= limit */
        (void)err;
    }
    return NULL;
}

static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    if (n < 1)
        return 1;
    return n > MU_POOL_THREADS_MAX ? MU_POOL_THREADS_MAX : (unsigned)n;
}

/* A thread begins with its maker's mask of signals. */
static enum mu_err start(struct mu_pool *pool, unsigned threads)
{
    enum mu_err err = MU_OK;
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool->threads < threads && err == MU_OK) {
        if (pthread_create(&pool->thread[pool->threads], NULL, work, pool) == 0)
            pool->threads++;
        else
            err = MU_E_IO;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

enum mu_err mu_pool_new(unsigned threads, size_t limit, struct mu_pool **out)
{
    struct mu_pool *pool;
    enum mu_err err;

    assert(threads <= MU_POOL_THREADS_MAX && limit > 0);
    pool = mu_alloc(sizeof(*pool));
    if (pool == NULL)
        return MU_E_NO_MEMORY;
    err = mu_handoff_new(limit, &pool->finished);
    if (err != MU_OK) {
        mu_free(pool);
        return err;
    }
    pool->limit = limit;
    pool->last = &pool->first;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->wake, NULL);
    err = start(pool, threads > 0 ? threads : processors());
    if (err != MU_OK)
        mu_pool_free(pool);
    else
        *out = pool;
    return err;
}

static void finish(struct mu_pool *pool, struct mu_job *job)
{
    pool->under_way--;
    job->kind->done(job, job->err);
}

static void stop(struct mu_pool *pool)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    (void)pthread_cond_broadcast(&pool->wake);
    (void)pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->threads; i++)
        (void)pthread_join(pool->thread[i], NULL);
}

/* With the workers gone no lock is needed. */
void mu_pool_free(struct mu_pool *pool)
{
    struct mu_job *job;

    if (pool == NULL)
        return;
    stop(pool);
    mu_pool_drain(pool);
    while ((job = pool->first) != NULL) {
        pool->first = job->next;
        finish(pool, job);
    }
    assert(pool->under_way == 0);
    (void)pthread_cond_destroy(&pool->wake);
    (void)pthread_mutex_destroy(&pool->lock);
    mu_handoff_free(pool->finished);
    mu_free(pool);
}

int mu_pool_fd(const struct mu_pool *pool)
{
    return mu_handoff_fd(pool->finished);
}

enum mu_err mu_pool_submit(struct mu_pool *pool, struct mu_job *job)
{
    /* ending is written by this thread, so reading it needs no lock. */
    if (pool->ending || pool->under_way == pool->limit)
        return MU_E_NO_SPACE;
    pool->under_way++;
    job->next = NULL;
    job->err = MU_E_STATE; /* until it has been run */
    (void)pthread_mutex_lock(&pool->lock);
    *pool->last = job;
    pool->last = &job->next;
    (void)pthread_cond_signal(&pool->wake);
    (void)pthread_mutex_unlock(&pool->lock);
    return MU_OK;
}

void mu_pool_drain(struct mu_pool *pool)
{
    struct mu_job *job;

    /* No more than were there: what done() submits is for the next turn. */
    for (size_t n = pool->under_way; n > 0; n--) {
        job = mu_handoff_take(pool->finished);
        if (job == NULL)
            break;
        finish(pool, job);
    }
}
