/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"

static void starts_empty(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};

    CU_ASSERT_EQUAL(buf_span(&b).len, 0);
}

static void writes_text_hex_and_numbers(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};
    static const uint8_t octets[] = {0x00, 0x0f, 0xff};

    buf_text(&b, "a ");
    buf_hex(&b, SPAN_OF(octets));
    buf_text(&b, " ");
    buf_number(&b, UINT64_MAX);
    CU_ASSERT(span_eq(buf_span(&b), span_str("a 000fff 18446744073709551615")));
}

static void keeps_what_it_has_when_it_grows(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};

    for (unsigned i = 0; i < 10000; i++)
        buf_text(&b, i % 2 == 0 ? "abc" : "def");
    CU_ASSERT_EQUAL_FATAL(b.len, 30000);
    CU_ASSERT_EQUAL(memcmp(b.p + 24000, "abcdef", 6), 0);
    CU_ASSERT_EQUAL(memcmp(b.p, "abcdef", 6), 0);
}

static void stays_failed_without_memory(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};

    mu_alloc_fail_nth(1);
    buf_text(&b, "lost");
    CU_ASSERT_TRUE(mu_alloc_fail_end());
    buf_text(&b, "late");
    CU_ASSERT_EQUAL(b.err, MU_E_NO_MEMORY);
    CU_ASSERT_EQUAL(b.len, 0);
}

CU_TestInfo base_buf_tests[] = {
    {"starts empty", starts_empty},
    {"writes text hex and numbers", writes_text_hex_and_numbers},
    {"keeps what it has when it grows", keeps_what_it_has_when_it_grows},
    {"stays failed without memory", stays_failed_without_memory},
    CU_TEST_INFO_NULL,
};
