/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/alloc.h"
#include "tests/suites.h"

#include <string.h>

static void pieces_are_zeroed_aligned_and_apart(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena a;
    uint8_t *last = NULL, *p = (uint8_t *)&a;

    mu_arena_init(&a, 1 << 20);
    for (size_t len = 0; p != NULL && len < 300; len++) {
        p = mu_arena_alloc(&a, len, 1);
        CU_ASSERT_PTR_NOT_NULL(p);
        CU_ASSERT_EQUAL((uintptr_t)p % _Alignof(max_align_t), 0);
        CU_ASSERT_PTR_NOT_EQUAL(p, last);
        for (size_t i = 0; p != NULL && i < len; i++) {
            CU_ASSERT_EQUAL(p[i], 0);
            p[i] = 0xff; /* the next piece must not notice */
        }
        last = p;
    }
    CU_ASSERT_EQUAL(mu_arena_err(&a), MU_OK);
}

static void the_limit_is_exact_and_final(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena a;

    mu_arena_init(&a, 10000);
    CU_ASSERT_PTR_NOT_NULL(mu_arena_alloc(&a, 100, 96));
    CU_ASSERT_PTR_NOT_NULL(mu_arena_alloc(&a, 1, 400));
    CU_ASSERT_PTR_NULL(mu_arena_alloc(&a, 1, 1));
    CU_ASSERT_EQUAL(mu_arena_err(&a), MU_E_NO_SPACE);
}

static void an_error_stays(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena a;

    mu_arena_init(&a, 1000);
    CU_ASSERT_PTR_NULL(mu_arena_alloc(&a, 1, 2000));
    CU_ASSERT_PTR_NULL(mu_arena_alloc(&a, 1, 1));
    CU_ASSERT_EQUAL(mu_arena_err(&a), MU_E_NO_SPACE);
}

static void sizes_that_overflow_exceed_the_limit(void)
{
    static const size_t sizes[][2] = {
        {SIZE_MAX, 2}, {SIZE_MAX, 1}, {1, SIZE_MAX - 14}, {SIZE_MAX / 2, 3}};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena a;

        mu_arena_init(&a, 1 << 20);
        CU_ASSERT_PTR_NULL(mu_arena_alloc(&a, sizes[i][0], sizes[i][1]));
        CU_ASSERT_EQUAL(mu_arena_err(&a), MU_E_NO_SPACE);
    }
}

static void texts_and_copies_keep_their_octets(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena a;
    struct span abc = span_str("abc"), none = {NULL, 0}, copy;

    mu_arena_init(&a, 1000);
    CU_ASSERT_STRING_EQUAL(mu_arena_text(&a, abc), "abc");
    CU_ASSERT_STRING_EQUAL(mu_arena_text(&a, none), "");
    copy = mu_arena_copy(&a, abc);
    CU_ASSERT(span_eq(copy, abc));
    CU_ASSERT_PTR_NOT_EQUAL(copy.p, abc.p);
    CU_ASSERT_PTR_NOT_NULL(mu_arena_copy(&a, none).p);
}

static void a_list_keeps_order_while_it_grows(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena a;
    struct mu_arena_list list = {0};

    mu_arena_init(&a, 1 << 20);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *v = mu_arena_list_add(&a, &list, sizeof(*v));

        CU_ASSERT(v != NULL && *v == 0);
        if (v != NULL)
            *v = i;
    }
    CU_ASSERT_EQUAL(list.len, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(((const uint32_t *)list.at)[i], i);
}

static void a_list_that_cannot_grow_stays_as_it_is(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena a;
    struct mu_arena_list list = {0};
    size_t added = 0;

    mu_arena_init(&a, 4096);
    while (mu_arena_list_add(&a, &list, 16) != NULL)
        added++;
    CU_ASSERT_EQUAL(list.len, added);
    CU_ASSERT_EQUAL(added, 128);
    CU_ASSERT_EQUAL(mu_arena_err(&a), MU_E_NO_SPACE);
}

static enum mu_err fill(struct mu_arena *a)
{
    for (size_t i = 0; i < 4; i++)
        if (mu_arena_alloc(a, 1, 3000) == NULL)
            return mu_arena_err(a);
    return MU_OK;
}

static void every_failed_allocation_is_told(void)
{
    for (unsigned n = 1;; n++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena a;
        enum mu_err err;

        mu_arena_init(&a, 1 << 20);
        mu_alloc_fail_nth(n);
        err = fill(&a);
        if (!mu_alloc_fail_end()) {
            CU_ASSERT_EQUAL(err, MU_OK);
            CU_ASSERT_EQUAL(n, 5); /* a block for each piece */
            break;
        }
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
}

CU_TestInfo base_arena_tests[] = {
    {"pieces are zeroed, aligned and apart",
        pieces_are_zeroed_aligned_and_apart},
    {"the limit is exact and final", the_limit_is_exact_and_final},
    {"an error stays", an_error_stays},
    {"sizes that overflow exceed the limit",
        sizes_that_overflow_exceed_the_limit},
    {"texts and copies keep their octets", texts_and_copies_keep_their_octets},
    {"a list keeps order while it grows", a_list_keeps_order_while_it_grows},
    {"a list that cannot grow stays as it is",
        a_list_that_cannot_grow_stays_as_it_is},
    {"every failed allocation is told", every_failed_allocation_is_told},
    CU_TEST_INFO_NULL,
};
