/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf_text.h"

#include "tests/suites.h"

#include <string.h>

static void what_libconfig_reads_right_passes(void)
{
    static const char *const texts[] = {
        "",
        "a = 2147483647; b = -2147483647; c = 0x7fffffff;",
        "a = 9223372036854775807L; b = 0x7fffffffffffffffL;",
        "a = 5000000000.0; b = 5000000000e3;",
        "a5000000000 = 1; *5000000000 = 1; a-5000000000 = 1;",
        "a = \"5000000000 @include \\\" 5000000000\";",
        "# 5000000000 @include\na = 1; // 5000000000\n/* 5000000000 */",
        "/* 5000000000 *//* 5000000000 */",
        "/*/ 5000000000 */",
        "# no line end",
        "/* no end",
        "\"no end",
        "\"no end \\",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct mu_conf_text_fault fault = {0, NULL};

        CU_ASSERT_EQUAL(mu_conf_text_check(span_str(texts[i]), &fault), MU_OK);
    }
}

static void what_it_misreads_is_found_in_its_line(void)
{
    static const char *const texts[] = {
        "\na = 2147483648;",
        "\na = -2147483648;",
        "\na = 0xffffffff;",
        "\na = 99999999999999999999999999;",
        "\na = 9223372036854775808L;",
        "\n[ 1, 5000000000 ]",
        "/*\n*/5000000000",
        "/*\n*//**/5000000000",
        "\"\n\"5000000000",
        "#\n@include \"more.conf\"",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct mu_conf_text_fault fault = {0, NULL};

        CU_ASSERT_EQUAL(
            mu_conf_text_check(span_str(texts[i]), &fault), MU_E_MALFORMED);
        CU_ASSERT_EQUAL(fault.line, 2);
        CU_ASSERT_PTR_NOT_NULL(fault.what);
    }
}

static void a_nul_is_found(void)
{
    static const uint8_t text[] = "a = 1;\n\0b = 2;\n";
    struct mu_conf_text_fault fault = {0, NULL};

    CU_ASSERT_EQUAL(mu_conf_text_check(SPAN_OF(text), &fault), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(fault.line, 2);
}

CU_TestInfo base_conf_text_tests[] = {
    {"what libconfig reads right passes", what_libconfig_reads_right_passes},
    {"what it misreads is found in its line",
        what_it_misreads_is_found_in_its_line},
    {"a NUL is found", a_nul_is_found},
    CU_TEST_INFO_NULL,
};
