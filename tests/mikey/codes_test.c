/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/codes.h"
#include "tests/suites.h"
#include "tests/vec.h"

static void names_every_code_point(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mikey-registry.vec");
    while (vec_next(&v)) {
        const char *name =
            mikey_code_name(vec_text(&v, "registry"), vec_num(&v, "value"));

        CU_ASSERT_PTR_NOT_NULL_FATAL(name);
        CU_ASSERT_STRING_EQUAL(name, vec_text(&v, "name"));
    }
}

static void names_by_the_field_of_a_message(void)
{
    CU_ASSERT_STRING_EQUAL(mikey_code_name("next", MIKEY_PL_RAND), "RAND");
    CU_ASSERT_STRING_EQUAL(
        mikey_code_name("prf", MIKEY_PRF_SHA256), "PRF-HMAC-SHA-256");
    CU_ASSERT_STRING_EQUAL(
        mikey_code_name("map_type", MIKEY_MAP_GENERIC_ID), "GENERIC-ID");
    CU_ASSERT_STRING_EQUAL(
        mikey_code_name("ext_type", MIKEY_EXT_SAKKE_TO_SELF), "SAKKE-to-self");
    CU_ASSERT_STRING_EQUAL(mikey_code_name("srtp_param", MIKEY_SRTP_ROC_RATE),
        "ROC transmission rate");
}

static void has_no_name_for_what_is_not_assigned(void)
{
    CU_ASSERT_PTR_NULL(mikey_code_name("next", 18));
    CU_ASSERT_PTR_NULL(mikey_code_name("next", UINT64_C(1) << 32));
    CU_ASSERT_PTR_NULL(mikey_code_name("csb_id", 1));
}

static void shows_identifiers_in_hex_and_counts_in_decimal(void)
{
    CU_ASSERT_EQUAL(mikey_field_digits("csb_id"), 8);
    CU_ASSERT_EQUAL(mikey_field_digits("ts"), 16);
    CU_ASSERT_EQUAL(mikey_field_digits("rand_len"), 0);
}

CU_TestInfo mikey_codes_tests[] = {
    {"names every code point", names_every_code_point},
    {"names by the field of a message", names_by_the_field_of_a_message},
    {"has no name for what is not assigned",
        has_no_name_for_what_is_not_assigned},
    {"shows identifiers in hex and counts in decimal",
        shows_identifiers_in_hex_and_counts_in_decimal},
    CU_TEST_INFO_NULL,
};
