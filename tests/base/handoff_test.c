/* SPDX-License-Identifier: Apache-2.0 */
#include "base/handoff.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "tests/suites.h"

#define THREADS 4
#define PUTS    5000
#define LIMIT   16

static void drop(struct mu_handoff **handoff)
{
    mu_handoff_free(*handoff);
}

static bool is_readable(const struct mu_handoff *handoff, int wait_ms)
{
    struct pollfd p = {.fd = mu_handoff_fd(handoff), .events = POLLIN};

    return poll(&p, 1, wait_ms) == 1;
}

static void keeps_the_order_of_one_thread(void)
{
    MU_CLEANUP(drop) struct mu_handoff *h = NULL;
    int items[7];

    CU_ASSERT_EQUAL_FATAL(mu_handoff_new(4, &h), MU_OK);
    for (unsigned i = 0; i + 1 < 7; i += 2) { /* the ring goes round */
        CU_ASSERT_EQUAL(mu_handoff_put(h, &items[i]), MU_OK);
        CU_ASSERT_EQUAL(mu_handoff_put(h, &items[i + 1]), MU_OK);
        CU_ASSERT_PTR_EQUAL(mu_handoff_take(h), &items[i]);
        CU_ASSERT_PTR_EQUAL(mu_handoff_take(h), &items[i + 1]);
    }
    CU_ASSERT_PTR_NULL(mu_handoff_take(h));
}

static void refuses_what_does_not_fit(void)
{
    MU_CLEANUP(drop) struct mu_handoff *h = NULL;
    int a = 0, b = 0, c = 0;

    CU_ASSERT_EQUAL_FATAL(mu_handoff_new(2, &h), MU_OK);
    CU_ASSERT_EQUAL(mu_handoff_put(h, &a), MU_OK);
    CU_ASSERT_EQUAL(mu_handoff_put(h, &b), MU_OK);
    CU_ASSERT_EQUAL(mu_handoff_put(h, &c), MU_E_NO_SPACE);
    CU_ASSERT_PTR_EQUAL(mu_handoff_take(h), &a);
    CU_ASSERT_EQUAL(mu_handoff_put(h, &c), MU_OK);
    CU_ASSERT_PTR_EQUAL(mu_handoff_take(h), &b);
    CU_ASSERT_PTR_EQUAL(mu_handoff_take(h), &c);
}

static void its_descriptor_rests_when_all_were_taken(void)
{
    MU_CLEANUP(drop) struct mu_handoff *h = NULL;
    int a = 0;

    CU_ASSERT_EQUAL_FATAL(mu_handoff_new(2, &h), MU_OK);
    CU_ASSERT_FALSE(is_readable(h, 0));
    CU_ASSERT_EQUAL(mu_handoff_put(h, &a), MU_OK);
    CU_ASSERT_EQUAL(mu_handoff_put(h, &a), MU_OK);
    CU_ASSERT_TRUE(is_readable(h, 0));
    CU_ASSERT_PTR_EQUAL(mu_handoff_take(h), &a);
    CU_ASSERT_TRUE(is_readable(h, 0));
    CU_ASSERT_PTR_EQUAL(mu_handoff_take(h), &a);
    CU_ASSERT_FALSE(is_readable(h, 0));
    CU_ASSERT_PTR_NULL(mu_handoff_take(h));
}

/* Items are numbered by what they point at. */
struct putter {
    pthread_t thread;
    struct mu_handoff *handoff;
    uint32_t items[PUTS];
    size_t refused;
};

static void *put_all(void *to)
{
    struct putter *p = to;

    for (uint32_t i = 0; i < PUTS; i++) {
        p->items[i] = i; /* unsynchronised but for the handoff */
        while (mu_handoff_put(p->handoff, &p->items[i]) != MU_OK)
            p->refused++;
    }
    return NULL;
}

static struct putter putters[THREADS];

static struct putter *putter_of(const uint32_t *item)
{
    for (unsigned i = 0; i < THREADS; i++)
        if (item >= putters[i].items && item < putters[i].items + PUTS)
            return &putters[i];
    return NULL;
}

/* Takes as a loop does: sleeps on the descriptor alone. */
static void loses_nothing_between_threads(void)
{
    MU_CLEANUP(drop) struct mu_handoff *h = NULL;
    uint32_t seen[THREADS] = {0};
    size_t left = (size_t)THREADS * PUTS, wrong = 0;
    uint32_t *item;

    CU_ASSERT_EQUAL_FATAL(mu_handoff_new(LIMIT, &h), MU_OK);
    for (unsigned i = 0; i < THREADS; i++) {
        putters[i].handoff = h;
        CU_ASSERT_EQUAL_FATAL(
            pthread_create(&putters[i].thread, NULL, put_all, &putters[i]), 0);
    }
    while (left > 0 && is_readable(h, 60000))
        while ((item = mu_handoff_take(h)) != NULL) {
            size_t of = (size_t)(putter_of(item) - putters);

            wrong += *item == seen[of] ? 0 : 1;
            seen[of]++;
            left--;
        }
    CU_ASSERT_EQUAL(left, 0);
    CU_ASSERT_EQUAL(wrong, 0);
    for (unsigned i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL(pthread_join(putters[i].thread, NULL), 0);
    CU_ASSERT_FALSE(is_readable(h, 0));
}

static void says_when_there_is_no_memory(void)
{
    struct mu_handoff *h = NULL;

    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(mu_handoff_new(1, &h), MU_E_NO_MEMORY);
    CU_ASSERT_TRUE(mu_alloc_fail_end());
    CU_ASSERT_PTR_NULL(h);
}

CU_TestInfo base_handoff_tests[] = {
    {"keeps the order of one thread", keeps_the_order_of_one_thread},
    {"refuses what does not fit", refuses_what_does_not_fit},
    {"its descriptor rests when all were taken",
        its_descriptor_rests_when_all_were_taken},
    {"loses nothing between threads", loses_nothing_between_threads},
    {"says when there is no memory", says_when_there_is_no_memory},
    CU_TEST_INFO_NULL,
};
