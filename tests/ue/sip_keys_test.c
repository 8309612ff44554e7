/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/sip_keys.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "mcptt/message.h"
#include "tests/suites.h"

static void parts_are_those_of_that_type(void)
{
    const struct sip_request request = {
        .parts = {{.type = span_str("text/a")},
            {.type = span_str(UE_SIP_MIKEY_TYPE)},
            {.type = span_str(UE_SIP_MIKEY_TYPE)}},
        .part_count = 3};
    const struct sip_request none = {.part_count = 0};

    CU_ASSERT_EQUAL(ue_sip_parts(&request), 2);
    CU_ASSERT_EQUAL(ue_sip_parts(&none), 0);
}

/* What is wrong with it is found when it is opened. */
static void what_does_not_read_is_not_elsewhere(void)
{
    static const uint8_t octets[] = {1, 26, 5, 1, 12, 15, 0xfe};

    for (size_t len = 0; len <= sizeof(octets); len++)
        CU_ASSERT(!ue_sip_is_elsewhere(
            (struct span){octets, len}, span_str("kms.example.org")));
}

CU_TestInfo ue_sip_keys_tests[] = {
    {"parts are those of that type", parts_are_those_of_that_type},
    {"what does not read is not elsewhere",
        what_does_not_read_is_not_elsewhere},
    CU_TEST_INFO_NULL,
};
