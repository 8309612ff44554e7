/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include "base/secret.h"

#include <stdint.h>
#include <stdlib.h>

/*
 * Of the tests: allocations until the one that fails, 0 for never. Thread
 * local, so that a test that fails one thread leaves the others alone; no
 * program sets it.
 */
static _Thread_local unsigned until_failure;
static _Thread_local bool failed;

static bool must_fail(void)
{
    if (until_failure == 0 || --until_failure > 0)
        return false;
    failed = true;
    return true;
}

void *mu_alloc_array(size_t count, size_t size)
{
    if (must_fail())
        return NULL;
    if (count == 0 || size == 0)
        return calloc(1, 1);
    /* calloc() would refuse, too, but the sanitizer ends the program there. */
    if (count > SIZE_MAX / size)
        return NULL;
    return calloc(count, size);
}

void *mu_alloc(size_t size)
{
    return mu_alloc_array(1, size);
}

void mu_free(void *p)
{
    free(p);
}

void mu_free_wiped(void *p, size_t size)
{
    if (p != NULL)
        mu_wipe(p, size);
    free(p);
}

void mu_alloc_fail_nth(unsigned n)
{
    until_failure = n;
    failed = false;
}

bool mu_alloc_fail_end(void)
{
    until_failure = 0;
    return failed;
}
