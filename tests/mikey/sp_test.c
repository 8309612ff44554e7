/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/sp.h"
#include "tests/suites.h"

static const uint8_t params[] = {0x00, 0x01, 0x06, 0x0d, 0x02, 0x01, 0x02, 0xc8,
    0x00, 0xc9, 0x05, 0x00, 0x00, 0x00, 0x00, 0x01};
static const struct mikey_sp policy = {
    .prot_type = MIKEY_PROT_SRTP, .params = {params, sizeof(params)}};

static void gives_parameters_as_numbers(void)
{
    CU_ASSERT_EQUAL(mikey_sp_number(&policy, MIKEY_SRTP_ENCR_ALG, 99), 6);
    CU_ASSERT_EQUAL(mikey_sp_number(&policy, MIKEY_SRTP_ROC_RATE, 1), 0x0102);
}

static void gives_the_default_for_a_parameter_that_is_absent(void)
{
    CU_ASSERT_EQUAL(mikey_sp_number(&policy, MIKEY_SRTP_KDR, 99), 99);
    CU_ASSERT_EQUAL(mikey_sp_number(&policy, 0xc8, 99), 99);
}

static void a_parameter_of_five_octets_is_no_number(void)
{
    CU_ASSERT_EQUAL(mikey_sp_number(&policy, 0xc9, 99), 99);
}

static void writes_parameters_as_they_are_read(void)
{
    struct mikey_sp_param param;
    uint8_t buf[sizeof(params)];
    struct span out = {0};
    struct wr w;
    struct rd r;

    rd_init(&r, SPAN_OF(params));
    wr_init(&w, buf, sizeof(buf));
    while (rd_more(&r)) {
        mikey_sp_param_read(&r, MIKEY_PROT_SRTP, &param);
        mikey_sp_param_write(&w, &param);
    }
    CU_ASSERT_EQUAL(rd_close(&r), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT(span_eq(out, SPAN_OF(params)));
}

CU_TestInfo mikey_sp_tests[] = {
    {"gives parameters as numbers", gives_parameters_as_numbers},
    {"gives the default for a parameter that is absent",
        gives_the_default_for_a_parameter_that_is_absent},
    {"a parameter of five octets is no number",
        a_parameter_of_five_octets_is_no_number},
    {"writes parameters as they are read", writes_parameters_as_they_are_read},
    CU_TEST_INFO_NULL,
};
