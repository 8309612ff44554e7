/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/text.h"
#include "tests/log.h"
#include "tests/suites.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TIME      "2026-11-23T14:23:45.123Z"
#define TEXT_HEAD "time=" TIME " level=info event=test.event"
#define JSON_HEAD                                                              \
    "{\"time\":\"" TIME "\",\"level\":\"info\",\"event\":\"test.event\""

static struct test_log caught;

/* The fields of the one line that an event with this value makes. */
static const char *value_as(enum mu_log_format format, struct span value)
{
    size_t head = strlen(format == MU_LOG_TEXT ? TEXT_HEAD : JSON_HEAD);

    test_log_start(&caught, format);
    mu_log(MU_LOG_INFO, "test.event", mu_log_octets("v", value));
    test_log_stop(&caught);
    CU_ASSERT_EQUAL_FATAL(caught.lines, 1);
    return caught.text + head;
}

static void an_event_is_one_line_of_text(void)
{
    test_log_start(&caught, MU_LOG_TEXT);
    mu_log(MU_LOG_INFO, "test.event", mu_log_str("group", "tel:+4930"),
        mu_log_hex32("gmk_id", 0xa1b2c3d), mu_log_u64("tries", UINT64_MAX),
        mu_log_bool("last", true), mu_log_err("error", MU_E_NOT_FOUND));
    test_log_stop(&caught);
    CU_ASSERT_STRING_EQUAL(caught.text,
        TEXT_HEAD " group=tel:+4930 gmk_id=0x0a1b2c3d"
                  " tries=18446744073709551615 last=true"
                  " error=\"not found\"\n");
}

static void an_event_is_one_line_of_json(void)
{
    test_log_start(&caught, MU_LOG_JSON);
    mu_log(MU_LOG_INFO, "test.event", mu_log_str("group", "tel:+4930"),
        mu_log_hex32("gmk_id", 0xa1b2c3d), mu_log_u64("tries", UINT64_MAX),
        mu_log_bool("last", false), mu_log_err("error", MU_E_NOT_FOUND));
    test_log_stop(&caught);
    CU_ASSERT_STRING_EQUAL(caught.text,
        JSON_HEAD ",\"group\":\"tel:+4930\",\"gmk_id\":\"0x0a1b2c3d\","
                  "\"tries\":18446744073709551615,\"last\":false,"
                  "\"error\":\"not found\"}\n");
}

static void an_event_may_have_no_field(void)
{
    test_log_start(&caught, MU_LOG_TEXT);
    mu_log_event(MU_LOG_INFO, "test.event");
    mu_log(MU_LOG_ERROR, "test.null", mu_log_str("v", NULL));
    test_log_stop(&caught);
    CU_ASSERT_STRING_EQUAL(caught.text,
        TEXT_HEAD "\ntime=" TIME " level=error event=test.null v=\"\"\n");
}

static void values_of_a_peer_are_quoted_and_escaped(void)
{
    static const struct {
        const char *in, *text, *json;
    } cases[] = {
        {"plain", "plain", "\"plain\""},
        {"", "\"\"", "\"\""},
        {"a b", "\"a b\"", "\"a b\""},
        {"a=b", "\"a=b\"", "\"a=b\""},
        {"a\"b", "\"a\\\"b\"", "\"a\\\"b\""},
        {"a\\", "\"a\\\\\"", "\"a\\\\\\\\\""},
        {"x\nevent=forged", "\"x\\x0aevent=forged\"",
            "\"x\\\\x0aevent=forged\""},
        {"\x1b[2J", "\"\\x1b[2J\"", "\"\\\\x1b[2J\""},
        {"\xc3\xa4\xff", "\"\\xc3\\xa4\\xff\"", "\"\\\\xc3\\\\xa4\\\\xff\""},
    };
    char want[128];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(want, sizeof(want), " v=%s\n", cases[i].text);
        CU_ASSERT_STRING_EQUAL(
            value_as(MU_LOG_TEXT, span_str(cases[i].in)), want);
        (void)snprintf(want, sizeof(want), ",\"v\":%s}\n", cases[i].json);
        CU_ASSERT_STRING_EQUAL(
            value_as(MU_LOG_JSON, span_str(cases[i].in)), want);
    }
}

/* Line ends and escapes of a terminal, whatever octet stands where. */
static void no_octet_gets_through_that_is_not_printable(void)
{
    uint8_t all[256];

    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (uint8_t)i;
    for (int format = MU_LOG_TEXT; format <= MU_LOG_JSON; format++) {
        (void)value_as((enum mu_log_format)format, SPAN_OF(all));
        CU_ASSERT(caught.len > sizeof(all));
        for (size_t i = 0; i + 1 < caught.len; i++)
            CU_ASSERT(caught.text[i] >= 0x20 && caught.text[i] <= 0x7e);
        CU_ASSERT_EQUAL(caught.text[caught.len - 1], '\n');
    }
}

/* Undoes the text form of a quoted value: what a reader recovers. */
static size_t unquote(const char *in, uint8_t *out)
{
    size_t n = 0, len;

    for (in++; *in != '"'; in++, n++) {
        if (*in == '\\')
            in++;
        out[n] = (uint8_t)*in;
        if (in[-1] != '\\' || *in != 'x')
            continue;
        CU_ASSERT_EQUAL(mu_hex_read((struct span){(const uint8_t *)in + 1, 2},
                            out + n, 1, &len),
            MU_OK);
        in += 2;
    }
    return n;
}

static void an_escaped_value_can_be_read_back(void)
{
    uint8_t all[256], back[1024];
    size_t len;

    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (uint8_t)i;
    len = unquote(value_as(MU_LOG_TEXT, SPAN_OF(all)) + 3, back);
    CU_ASSERT(span_eq(SPAN_OF(all), (struct span){back, len}));
}

static void long_values_are_cut_with_a_mark(void)
{
    char value[MU_LOG_VALUE_MAX + 1];
    const char *got;

    memset(value, 'x', sizeof(value));
    got = value_as(MU_LOG_TEXT, (struct span){(uint8_t *)value, 512});
    CU_ASSERT_EQUAL(strcmp(got + 3 + 510, "xx\n"), 0);
    got = value_as(MU_LOG_TEXT, SPAN_OF(value));
    CU_ASSERT_EQUAL(strcmp(got + 3 + 511, "xx\\...\"\n"), 0);
    got = value_as(MU_LOG_JSON, SPAN_OF(value));
    CU_ASSERT_EQUAL(strcmp(got + 6 + 511, "x\\\\...\"}\n"), 0);
}

static void fields_that_do_not_fit_are_left_out_with_a_mark(void)
{
    static const uint8_t nuls[MU_LOG_VALUE_MAX];
    struct span v = SPAN_OF(nuls); /* four characters each, in JSON five */

    for (int format = MU_LOG_TEXT; format <= MU_LOG_JSON; format++) {
        const char *end =
            format == MU_LOG_TEXT ? " z=1 cut=1\n" : ",\"z\":1,\"cut\":1}\n";

        test_log_start(&caught, (enum mu_log_format)format);
        mu_log(MU_LOG_INFO, "test.event", mu_log_octets("a", v),
            mu_log_octets("b", v), mu_log_u64("z", 1));
        test_log_stop(&caught);
        CU_ASSERT_EQUAL(caught.lines, 1);
        CU_ASSERT(caught.len <= MU_LOG_LINE_MAX);
        CU_ASSERT_STRING_EQUAL(caught.text + caught.len - strlen(end), end);
    }
}

static void what_matters_less_than_the_level_is_dropped(void)
{
    test_log_start(&caught, MU_LOG_TEXT);
    mu_log_set_level(MU_LOG_WARNING);
    mu_log_event(MU_LOG_INFO, "test.event");
    mu_log_event(MU_LOG_DEBUG, "test.event");
    CU_ASSERT_EQUAL(caught.lines, 0);
    mu_log_event(MU_LOG_WARNING, "test.event");
    mu_log_event(MU_LOG_ERROR, "test.event");
    CU_ASSERT_EQUAL(caught.lines, 2);
    CU_ASSERT_EQUAL(caught.level, MU_LOG_ERROR);
    test_log_stop(&caught);
    mu_log_event(MU_LOG_ERROR, "test.event");
    CU_ASSERT_EQUAL(caught.lines, 2);
}

static void without_a_sink_lines_go_to_standard_error(void)
{
    struct test_clock now;
    struct mu_log_config config = {.clock = &now.clock};
    char got[MU_LOG_LINE_MAX] = "";
    int ends[2], kept = dup(STDERR_FILENO);

    test_clock_init(&now, 0);
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    (void)dup2(ends[1], STDERR_FILENO);
    mu_log_start(&config);
    mu_log_event(MU_LOG_ERROR, "test.event");
    mu_log_stop();
    (void)dup2(kept, STDERR_FILENO);
    CU_ASSERT(read(ends[0], got, sizeof(got) - 1) > 0);
    CU_ASSERT_STRING_EQUAL(
        got, "time=1970-01-01T00:00:00.000Z level=error event=test.event\n");
    (void)close(kept);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void levels_have_names(void)
{
    enum mu_log_level level = MU_LOG_ERROR;

    CU_ASSERT_EQUAL(mu_log_level_read(span_str("debug"), &level), MU_OK);
    CU_ASSERT_EQUAL(level, MU_LOG_DEBUG);
    CU_ASSERT_EQUAL(
        mu_log_level_read(span_str("Debug"), &level), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(level, MU_LOG_DEBUG);
}

static void an_event_for_another_log_has_no_time(void)
{
    struct mu_log_field fields[] = {
        mu_log_str("who", "a b"), mu_log_u64("n", 3)};
    uint8_t room[64];
    struct span text;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    mu_log_event_write(&w, "test.event", fields, 2);
    CU_ASSERT_EQUAL(wr_close(&w, &text), MU_OK);
    CU_ASSERT(span_eq(text, span_str("event=test.event who=\"a b\" n=3")));
}

static void an_event_for_another_log_is_whole_or_not_at_all(void)
{
    struct mu_log_field fields[] = {
        mu_log_str("who", "somebody"), mu_log_u64("n", 3)};
    uint8_t room[30];
    struct span text;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    mu_log_event_write(&w, "test.event", fields, 2);
    CU_ASSERT_EQUAL(wr_close(&w, &text), MU_E_NO_SPACE);
}

CU_TestInfo base_log_tests[] = {
    {"an event is one line of text", an_event_is_one_line_of_text},
    {"an event is one line of JSON", an_event_is_one_line_of_json},
    {"an event may have no field", an_event_may_have_no_field},
    {"values of a peer are quoted and escaped",
        values_of_a_peer_are_quoted_and_escaped},
    {"no octet gets through that is not printable",
        no_octet_gets_through_that_is_not_printable},
    {"an escaped value can be read back", an_escaped_value_can_be_read_back},
    {"long values are cut with a mark", long_values_are_cut_with_a_mark},
    {"fields that do not fit are left out with a mark",
        fields_that_do_not_fit_are_left_out_with_a_mark},
    {"what matters less than the level is dropped",
        what_matters_less_than_the_level_is_dropped},
    {"without a sink lines go to standard error",
        without_a_sink_lines_go_to_standard_error},
    {"levels have names", levels_have_names},
    {"an event for another log has no time",
        an_event_for_another_log_has_no_time},
    {"an event for another log is whole or not at all",
        an_event_for_another_log_is_whole_or_not_at_all},
    CU_TEST_INFO_NULL,
};
