/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/order.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "tests/suites.h"

static const struct {
    const char *line;
    struct ue_order order;
} good[] = {
    {"lose\t30\t", {.kind = UE_ORDER_LOSE, .percent = 30}},
    {"lose\t0\t", {.kind = UE_ORDER_LOSE, .percent = 0}},
    {"lose\t100\tsip:m1@example.org", {.kind = UE_ORDER_LOSE, .percent = 100}},
    {"drift\t-3600\t", {.kind = UE_ORDER_DRIFT, .drift_s = -3600}},
    {"drift\t3155760000\t",
        {.kind = UE_ORDER_DRIFT, .drift_s = INT64_C(3155760000)}},
    {"restart\t\tsip:m1@example.org", {.kind = UE_ORDER_RESTART}},
    {"capture\t/tmp/a b\tsip:m1@example.org", {.kind = UE_ORDER_CAPTURE}},
};

static void what_is_written_is_read(void)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        MU_CLEANUP(buf_clear) struct buf again = {.p = NULL};
        struct ue_order order;

        CU_ASSERT_EQUAL_FATAL(
            ue_order_read(span_str(good[i].line), &order), MU_OK);
        CU_ASSERT_EQUAL(order.kind, good[i].order.kind);
        CU_ASSERT_EQUAL(order.percent, good[i].order.percent);
        CU_ASSERT_EQUAL(order.drift_s, good[i].order.drift_s);
        ue_order_write(&again, &order);
        CU_ASSERT_EQUAL(again.len, strlen(good[i].line) + 1);
        CU_ASSERT_EQUAL(memcmp(again.p, good[i].line, strlen(good[i].line)), 0);
    }
}

static void a_captured_member_is_named_and_so_is_the_file(void)
{
    struct ue_order order;

    CU_ASSERT_EQUAL_FATAL(
        ue_order_read(span_str("capture\t/tmp/a b\tsip:m1@x"), &order), MU_OK);
    CU_ASSERT(span_eq(order.path, span_str("/tmp/a b")));
    CU_ASSERT(span_eq(order.member, span_str("sip:m1@x")));
}

static void what_is_no_order_is_refused(void)
{
    static const char *const lines[] = {"", "lose", "lose\t", "lose\t30",
        "lose\t101\t", "lose\t\t", "lose\t-1\t", "lose\t3x\t", "lose\t30\ta\tb",
        "drift\t\t", "drift\t-\t", "drift\t--1\t", "drift\t3155760001\t",
        "drift\t-3155760001\t", "restart\t1\t", "capture\tkeys\tsip:m1@x",
        "capture\t/\tsip:m1@x", "capture\t/tmp/k\t",
        "capture\t/tmp/\x01\tsip:m1@x", "explode\t\t"};
    struct ue_order order;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        CU_ASSERT_EQUAL(
            ue_order_read(span_str(lines[i]), &order), MU_E_MALFORMED);
}

CU_TestInfo ue_order_tests[] = {
    {"what is written is read", what_is_written_is_read},
    {"a captured member is named and so is the file",
        a_captured_member_is_named_and_so_is_the_file},
    {"what is no order is refused", what_is_no_order_is_refused},
    CU_TEST_INFO_NULL,
};
