/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include "tests/suites.h"

#include <stdint.h>

static void memory_comes_zeroed(void)
{
    uint8_t *p = mu_alloc_array(33, 7);
    unsigned any = 0;

    CU_ASSERT_PTR_NOT_NULL(p);
    for (size_t i = 0; p != NULL && i < sizeof(uint8_t[33][7]); i++)
        any |= p[i];
    CU_ASSERT_EQUAL(any, 0);
    mu_free(p);
}

static void a_product_that_overflows_fails(void)
{
    /* Not constants, so that no compiler warns about what is meant. */
    volatile size_t count = SIZE_MAX / 4 + 2, size = 4;

    CU_ASSERT_PTR_NULL(mu_alloc_array(count, size));
}

static void nothing_is_still_a_pointer(void)
{
    volatile size_t none = 0;
    void *a = mu_alloc(none), *b = mu_alloc_array(none, 8);

    CU_ASSERT_PTR_NOT_NULL(a);
    CU_ASSERT_PTR_NOT_NULL(b);
    mu_free(a);
    mu_free_wiped(b, 0);
    mu_free_wiped(NULL, 0);
}

static void the_nth_allocation_fails_and_no_other(void)
{
    for (unsigned n = 1; n <= 4; n++) {
        mu_alloc_fail_nth(n);
        for (unsigned i = 1; i <= 4; i++) {
            void *p = mu_alloc(1);

            CU_ASSERT_EQUAL(p == NULL, i == n);
            mu_free(p);
        }
        CU_ASSERT(mu_alloc_fail_end());
    }
}

static void an_order_not_carried_out_is_told(void)
{
    mu_alloc_fail_nth(2);
    mu_free(mu_alloc(1));
    CU_ASSERT_FALSE(mu_alloc_fail_end());
    mu_free(mu_alloc(1)); /* would have been the one */
    CU_ASSERT_FALSE(mu_alloc_fail_end());
}

CU_TestInfo base_alloc_tests[] = {
    {"memory comes zeroed", memory_comes_zeroed},
    {"a product that overflows fails", a_product_that_overflows_fails},
    {"nothing is still a pointer", nothing_is_still_a_pointer},
    {"the nth allocation fails and no other",
        the_nth_allocation_fails_and_no_other},
    {"an order not carried out is told", an_order_not_carried_out_is_told},
    CU_TEST_INFO_NULL,
};
