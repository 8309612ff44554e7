/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/json.h"

#include "tests/suites.h"

/* What was written is this text. */
static void check(const struct buf *b, const char *want)
{
    CU_ASSERT(span_eq(buf_span(b), span_str(want)));
}

static void puts_commas_between_members(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};
    struct json j = {.out = &b};

    json_open(&j, NULL, '{');
    json_number(&j, "n", 7);
    json_open(&j, "list", '[');
    json_number(&j, NULL, 1);
    json_number(&j, NULL, 2);
    json_close(&j, ']');
    json_open(&j, "none", '[');
    json_close(&j, ']');
    json_bool(&j, "yes", true);
    json_bool(&j, "no", false);
    json_close(&j, '}');
    check(&b, "{\"n\":7,\"list\":[1,2],\"none\":[],\"yes\":true,\"no\":false}");
}

static void writes_octets_as_hex(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};
    static const uint8_t octets[] = {0x00, 0xab};
    struct json j = {.out = &b};

    json_hex(&j, NULL, SPAN_OF(octets));
    json_hex(&j, NULL, (struct span){NULL, 0});
    check(&b, "\"00ab\",\"\"");
}

static void escapes_what_would_end_a_string(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};
    struct json j = {.out = &b};

    json_text(&j, NULL, span_str("a\"b\\c\nd\x01"));
    check(&b, "\"a\\\"b\\\\c\\u000ad\\u0001\"");
}

static void keeps_text_of_other_scripts(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};
    struct json j = {.out = &b};

    json_text(&j, NULL, span_str("\xc3\xa4 \xe2\x82\xac"));
    check(&b, "\"\xc3\xa4 \xe2\x82\xac\"");
}

static void writes_what_is_no_text_as_hex(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};
    struct json j = {.out = &b};

    json_text(&j, NULL, span_str("ok \xc3"));
    json_text(&j, NULL, span_str("\xff"));
    check(&b, "\"6f6b20c3\",\"ff\"");
}

static void writes_empty_text(void)
{
    MU_CLEANUP(buf_clear) struct buf b = {.p = NULL};
    struct json j = {.out = &b};

    json_text(&j, NULL, (struct span){NULL, 0});
    check(&b, "\"\"");
}

CU_TestInfo cli_json_tests[] = {
    {"puts commas between members", puts_commas_between_members},
    {"writes octets as hex", writes_octets_as_hex},
    {"escapes what would end a string", escapes_what_would_end_a_string},
    {"keeps text of other scripts", keeps_text_of_other_scripts},
    {"writes what is no text as hex", writes_what_is_no_text_as_hex},
    {"writes empty text", writes_empty_text},
    CU_TEST_INFO_NULL,
};
