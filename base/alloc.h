/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alloc.h - allocation for the whole project.
 *
 * Everything allocated is zeroed, aligned for any type, and given back with
 * mu_free() or mu_free_wiped(). Sizes that overflow fail as if memory had run
 * out; callers turn NULL into MU_E_NO_MEMORY. A size of zero yields a pointer
 * of its own, so that NULL always means failure.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

__attribute__((malloc, alloc_size(1))) void *mu_alloc(size_t size);

/* count elements of size octets each. */
__attribute__((malloc, alloc_size(1, 2))) void *mu_alloc_array(
    size_t count, size_t size);

/* p may be NULL. */
void mu_free(void *p);

/* For what held a secret: wipes the size octets at p first; p may be NULL. */
void mu_free_wiped(void *p, size_t size);

/*
 * For tests: makes the n-th allocation from now on fail (n = 1 is the next
 * one), once, in this thread only. So a test walks every failure path:
 *
 *     for (unsigned n = 1;; n++) {
 *         mu_alloc_fail_nth(n);
 *         err = thing_new(&thing);
 *         if (!mu_alloc_fail_end())
 *             break;
 *         CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
 *     }
 *
 * mu_alloc_fail_end() withdraws the order and tells whether it was carried
 * out. Between the two calls nothing else in the thread may allocate through
 * this header.
 */
void mu_alloc_fail_nth(unsigned n);
bool mu_alloc_fail_end(void);

#endif
