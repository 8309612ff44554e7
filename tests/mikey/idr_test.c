/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/idr.h"
#include "tests/suites.h"

static void uris_are_text(void)
{
    CU_ASSERT(mikey_id_is_text(span_str("sip:alice@example.org")));
    CU_ASSERT(mikey_id_is_text(span_str("tel:+15558364495")));
    CU_ASSERT(mikey_id_is_text(span_str("gms@example.org")));
    CU_ASSERT(mikey_id_is_text(span_str("sip:\xc3\xa4@example.org")));
    CU_ASSERT(mikey_id_is_text(span_str("sip:\xf0\x9f\x9a\x92")));
}

static void controls_and_blanks_are_not_text(void)
{
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("sip:a b")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("sip:a\n")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("sip:a\x7f")));
    CU_ASSERT_FALSE(mikey_id_is_text((struct span){(const uint8_t *)"a", 2}));
}

static void broken_utf8_is_not_text(void)
{
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\x80")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xc3")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xc3@")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xc1\x80")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xf5\x80\x80\x80")));
}

/* RFC 3629 clause 3: each would make JSON that readers refuse. */
static void characters_that_are_none_are_not_text(void)
{
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xe0\x80\xaf")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xf0\x8f\xbf\xbf")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xed\xa0\x80")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("\xf4\x90\x80\x80")));
    CU_ASSERT(mikey_id_is_text(span_str("\xf4\x8f\xbf\xbd")));
}

/* U+009B alone begins a command to a terminal. */
static void controls_of_two_octets_are_not_text(void)
{
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("sip:a\xc2\x9b")));
    CU_ASSERT_FALSE(mikey_id_is_text(span_str("sip:a\xc2\xa0")));
    CU_ASSERT(mikey_id_is_text(span_str("sip:a\xc2\xa1")));
}

static void nothing_is_not_text(void)
{
    CU_ASSERT_FALSE(mikey_id_is_text((struct span){NULL, 0}));
}

CU_TestInfo mikey_idr_tests[] = {
    {"URIs are text", uris_are_text},
    {"controls and blanks are not text", controls_and_blanks_are_not_text},
    {"broken UTF-8 is not text", broken_utf8_is_not_text},
    {"characters that are none are not text",
        characters_that_are_none_are_not_text},
    {"controls of two octets are not text",
        controls_of_two_octets_are_not_text},
    {"nothing is not text", nothing_is_not_text},
    CU_TEST_INFO_NULL,
};
