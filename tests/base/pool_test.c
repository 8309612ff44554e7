/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "tests/suites.h"

#define JOBS 200

static void drop(struct mu_pool **pool)
{
    mu_pool_free(*pool);
}

/* Squares a number; the tally is the loop's alone. */
struct square {
    struct mu_job job; /* first */
    uint64_t in, out;
    struct tally *tally;
};

struct tally {
    struct mu_pool *pool;
    unsigned done, ended;
    uint64_t sum;
    unsigned again; /* how often done() still submits */
};

static void square_run(struct mu_job *job)
{
    struct square *s = (struct square *)job;

    s->out = s->in * s->in;
}

static void square_done(struct mu_job *job, enum mu_err err)
{
    struct square *s = (struct square *)job;
    struct tally *t = s->tally;

    t->done++;
    t->ended += err == MU_OK ? 0 : 1;
    t->sum += s->out;
    if (t->again > 0 && mu_pool_submit(t->pool, job) == MU_OK)
        t->again--;
}

static const struct mu_job_kind square = {square_run, square_done};

/* A loop's turns until that many are done. */
static void turn_until(const struct tally *t, unsigned done)
{
    struct pollfd p = {.fd = mu_pool_fd(t->pool), .events = POLLIN};

    while (t->done < done && poll(&p, 1, 60000) == 1)
        mu_pool_drain(t->pool);
}

/* With nothing to do the loop would otherwise turn for ever. */
static bool is_at_rest(struct mu_pool *pool)
{
    struct pollfd p = {.fd = mu_pool_fd(pool), .events = POLLIN};

    return poll(&p, 1, 0) == 0;
}

static void runs_every_job_and_brings_it_back(void)
{
    MU_CLEANUP(drop) struct mu_pool *pool = NULL;
    static struct square jobs[JOBS];
    struct tally t = {.done = 0};
    uint64_t want = 0;

    CU_ASSERT_EQUAL_FATAL(mu_pool_new(3, JOBS, &pool), MU_OK);
    t.pool = pool;
    for (unsigned i = 0; i < JOBS; i++) {
        jobs[i] =
            (struct square){.job = {.kind = &square}, .in = i, .tally = &t};
        want += (uint64_t)i * i;
        CU_ASSERT_EQUAL(mu_pool_submit(pool, &jobs[i].job), MU_OK);
    }
    turn_until(&t, JOBS);
    CU_ASSERT_EQUAL(t.done, JOBS);
    CU_ASSERT_EQUAL(t.ended, 0);
    CU_ASSERT(is_at_rest(pool));
    CU_ASSERT_EQUAL(t.sum, want);
}

static void a_job_may_submit_again_from_done(void)
{
    MU_CLEANUP(drop) struct mu_pool *pool = NULL;
    struct tally t = {.again = 5};
    struct square job = {.job = {.kind = &square}, .in = 2, .tally = &t};

    CU_ASSERT_EQUAL_FATAL(mu_pool_new(1, 1, &pool), MU_OK);
    t.pool = pool;
    CU_ASSERT_EQUAL(mu_pool_submit(pool, &job.job), MU_OK);
    turn_until(&t, 6);
    CU_ASSERT_EQUAL(t.done, 6);
    CU_ASSERT_EQUAL(t.sum, 24);
    CU_ASSERT(is_at_rest(pool));
}

/* Holds its worker until it is let go. */
struct gate {
    struct mu_job job;
    sem_t entered, leave;
    bool signals_blocked;
    unsigned done, ended;
};

static void gate_run(struct mu_job *job)
{
    struct gate *g = (struct gate *)job;
    sigset_t mask;

    g->signals_blocked = pthread_sigmask(SIG_SETMASK, NULL, &mask) == 0 &&
                         sigismember(&mask, SIGTERM) == 1 &&
                         sigismember(&mask, SIGHUP) == 1;
    (void)sem_post(&g->entered);
    (void)sem_wait(&g->leave);
}

static void gate_done(struct mu_job *job, enum mu_err err)
{
    struct gate *g = (struct gate *)job;

    g->done++;
    g->ended += err == MU_E_STATE ? 1 : 0;
}

static const struct mu_job_kind gate = {gate_run, gate_done};

static void gate_init(struct gate *g)
{
    *g = (struct gate){.job = {.kind = &gate}};
    CU_ASSERT_EQUAL_FATAL(sem_init(&g->entered, 0, 0), 0);
    CU_ASSERT_EQUAL_FATAL(sem_init(&g->leave, 0, 0), 0);
}

static void refuses_more_than_its_limit(void)
{
    struct mu_pool *pool = NULL;
    struct gate held, waiting, refused;

    gate_init(&held);
    gate_init(&waiting);
    gate_init(&refused);
    CU_ASSERT_EQUAL_FATAL(mu_pool_new(1, 2, &pool), MU_OK);
    CU_ASSERT_EQUAL(mu_pool_submit(pool, &held.job), MU_OK);
    CU_ASSERT_EQUAL(mu_pool_submit(pool, &waiting.job), MU_OK);
    CU_ASSERT_EQUAL(mu_pool_submit(pool, &refused.job), MU_E_NO_SPACE);
    (void)sem_post(&held.leave);
    (void)sem_post(&waiting.leave);
    mu_pool_free(pool);
    CU_ASSERT_EQUAL(held.done, 1);
    CU_ASSERT_EQUAL(waiting.done, 1);
    CU_ASSERT_EQUAL(refused.done, 0);
}

/* One is being run when the pool ends, or was just now; what stood behind it is
 * handed back, run or not. */
static void hands_back_what_is_left_at_its_end(void)
{
    struct mu_pool *pool = NULL;
    struct gate held;
    struct tally t = {.done = 0};
    struct square left = {.job = {.kind = &square}, .in = 3, .tally = &t};

    gate_init(&held);
    CU_ASSERT_EQUAL_FATAL(mu_pool_new(1, 2, &pool), MU_OK);
    t.pool = pool;
    CU_ASSERT_EQUAL(mu_pool_submit(pool, &held.job), MU_OK);
    CU_ASSERT_EQUAL(mu_pool_submit(pool, &left.job), MU_OK);
    (void)sem_wait(&held.entered);
    (void)sem_post(&held.leave);
    mu_pool_free(pool);
    CU_ASSERT_EQUAL(held.done, 1);
    CU_ASSERT_EQUAL(t.done, 1);
    CU_ASSERT_EQUAL(t.sum, t.ended == 0 ? 9 : 0);
}

static void its_workers_take_no_signals(void)
{
    struct mu_pool *pool = NULL;
    struct gate g;

    gate_init(&g);
    (void)sem_post(&g.leave);
    CU_ASSERT_EQUAL_FATAL(mu_pool_new(0, 1, &pool), MU_OK);
    CU_ASSERT_EQUAL(mu_pool_submit(pool, &g.job), MU_OK);
    (void)sem_wait(&g.entered);
    mu_pool_free(pool);
    CU_ASSERT_TRUE(g.signals_blocked);
    CU_ASSERT_EQUAL(g.ended, 0);
}

static void says_when_there_is_no_memory(void)
{
    struct mu_pool *pool = NULL;
    enum mu_err err;

    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = mu_pool_new(1, 1, &pool);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
    mu_pool_free(pool);
}

CU_TestInfo base_pool_tests[] = {
    {"runs every job and brings it back", runs_every_job_and_brings_it_back},
    {"a job may submit again from done", a_job_may_submit_again_from_done},
    {"refuses more than its limit", refuses_more_than_its_limit},
    {"hands back what is left at its end", hands_back_what_is_left_at_its_end},
    {"its workers take no signals", its_workers_take_no_signals},
    {"says when there is no memory", says_when_there_is_no_memory},
    CU_TEST_INFO_NULL,
};
