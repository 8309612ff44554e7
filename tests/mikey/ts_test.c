/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/ts.h"
#include "tests/suites.h"

static void a_counter_is_padded_on_the_left(void)
{
    const struct mikey_ts ts = {.type = MIKEY_TS_COUNTER, .ts = 7};

    CU_ASSERT_EQUAL(mikey_ts_64(&ts), 7);
}

static void short_ntp_is_padded_on_the_right(void)
{
    const struct mikey_ts ts = {.type = MIKEY_TS_NTP_UTC_32, .ts = 0xec898da8};

    CU_ASSERT_EQUAL(mikey_ts_64(&ts), UINT64_C(0xec898da800000000));
}

static void ntp_has_64_bits_as_it_is(void)
{
    const struct mikey_ts ts = {
        .type = MIKEY_TS_NTP_UTC, .ts = UINT64_C(0xec898da853f8a463)};

    CU_ASSERT_EQUAL(mikey_ts_64(&ts), ts.ts);
}

CU_TestInfo mikey_ts_tests[] = {
    {"a counter is padded on the left", a_counter_is_padded_on_the_left},
    {"short NTP is padded on the right", short_ntp_is_padded_on_the_right},
    {"NTP has 64 bits as it is", ntp_has_64_bits_as_it_is},
    CU_TEST_INFO_NULL,
};
