/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/sakke_lanes.h"

#include "mikey/params.h"
#include "mikey/tables.h"
#include "tests/suites.h"

/*
 * No message leads to these inputs, r being a hash: they are what must be
 * refused all the same (RFC 6508 clause 6.2: r and [b]P + Z are not zero). The
 * point Z is P here, so R = [rb + r]P.
 */
static struct mikey_lane_in lane(uint64_t r, uint64_t rb)
{
    return (struct mikey_lane_in){{{r}}, {{rb}}};
}

/* rb = -r mod q, as for the identifier -1, which is q - z. */
static struct mikey_lane_in cancelling_lane(void)
{
    struct mikey_lane_in in = lane(3, 0);
    const struct mikey_scalar zero = {{0}};

    mikey_mod_sub(in.rb.v, zero.v, in.r.v, &mikey_mod_q);
    return in;
}

static void good_lanes_are_let_through(void)
{
    const struct mikey_lane_in in[2] = {lane(5, 7), lane(2, 4)};
    struct mikey_lane_out out[2];

    CU_ASSERT_EQUAL(mikey_sakke_lanes(&mikey_table_p, in, 2, out), UINT64_MAX);
}

static void r_zero_is_refused_in_any_lane(void)
{
    for (size_t bad = 0; bad < 3; bad++) {
        struct mikey_lane_in in[3] = {lane(5, 7), lane(2, 4), lane(9, 1)};
        struct mikey_lane_out out[3];

        in[bad] = lane(0, 0);
        CU_ASSERT_EQUAL(mikey_sakke_lanes(&mikey_table_p, in, 3, out), 0);
    }
}

static void a_neutral_sum_is_refused_in_any_lane(void)
{
    for (size_t bad = 0; bad < 3; bad++) {
        struct mikey_lane_in in[3] = {lane(5, 7), lane(2, 4), lane(9, 1)};
        struct mikey_lane_out out[3];

        in[bad] = cancelling_lane();
        CU_ASSERT_EQUAL(mikey_sakke_lanes(&mikey_table_p, in, 3, out), 0);
    }
}

/* TEST of a receiver: equal to no R that a message can hold, and not to the
 * point (0,0) that the reader refuses. */
static void check_equals_nothing(const struct mikey_lane_in *in)
{
    const struct mikey_point origin = {{{0}}, {{0}}};
    struct mikey_edwards test;

    mikey_sakke_lane_point(&mikey_table_p, in, &test);
    CU_ASSERT(mikey_edwards_is_neutral(&test) != 0);
    CU_ASSERT_EQUAL(mikey_edwards_equals_point(&test, &mikey_p), 0);
    CU_ASSERT_EQUAL(mikey_edwards_equals_point(&test, &origin), 0);
}

static void a_neutral_test_point_equals_no_point(void)
{
    const struct mikey_lane_in zero = lane(0, 0), sum = cancelling_lane();

    check_equals_nothing(&zero);
    check_equals_nothing(&sum);
}

CU_TestInfo mikey_sakke_lanes_tests[] = {
    {"good lanes are let through", good_lanes_are_let_through},
    {"r = 0 is refused in any lane", r_zero_is_refused_in_any_lane},
    {"a neutral sum is refused in any lane",
        a_neutral_sum_is_refused_in_any_lane},
    {"a neutral TEST point equals no point",
        a_neutral_test_point_equals_no_point},
    CU_TEST_INFO_NULL,
};
