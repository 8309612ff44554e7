/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/value.h"

#include <stdio.h>
#include <string.h>

#include "tests/suites.h"

/* What one leaf <v> is read as; which reader is the rule's handler. */
struct values {
    struct mu_arena arena;
    struct span string;
    uint64_t number;
    bool boolean;
    uint8_t octets[5];
};

static enum mu_err on_string(void *to, const struct xml_element *e)
{
    struct values *v = to;

    return xml_value_string(e, &v->arena, &v->string);
}

static enum mu_err on_number(void *to, const struct xml_element *e)
{
    struct values *v = to;

    return xml_value_number(e, &v->number);
}

static enum mu_err on_boolean(void *to, const struct xml_element *e)
{
    struct values *v = to;

    return xml_value_boolean(e, &v->boolean);
}

static enum mu_err on_time(void *to, const struct xml_element *e)
{
    struct values *v = to;

    return xml_value_time(e, &v->number);
}

static enum mu_err on_octets(void *to, const struct xml_element *e)
{
    struct values *v = to;

    return xml_value_octets(e, v->octets, sizeof(v->octets));
}

static void values_clear(struct values *v)
{
    mu_arena_clear(&v->arena);
}

static void values_init(struct values *v)
{
    *v = (struct values){.number = 77};
    mu_arena_init(&v->arena, 1000);
}

static enum mu_err read_as(
    enum mu_err (*handler)(void *to, const struct xml_element *e),
    const char *text, struct values *v)
{
    const struct xml_rule rule = {NULL, "v", NULL, 1, 1, handler, NULL};
    const struct xml_table table = {.ns = "urn:v",
        .rules = &rule,
        .count = 1,
        .limits = {.octets = 2000, .elements = 1, .depth = 1}};
    struct xml_fault fault;
    char doc[1500];
    enum mu_err err;

    (void)snprintf(doc, sizeof(doc), "<v xmlns='urn:v'>%s</v>", text);
    err = xml_read(&table, span_str(doc), v, &fault);
    CU_ASSERT_EQUAL(err, fault.err);
    CU_ASSERT(err == MU_OK || strcmp(fault.path, "/v") == 0);
    return err;
}

static void reads_a_string_verbatim(void)
{
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    CU_ASSERT_EQUAL(
        read_as(on_string, "\n sip:Ann@EXAMPLE.org&amp;x ", &v), MU_OK);
    CU_ASSERT(span_eq(v.string, span_str("sip:Ann@EXAMPLE.org&x")));
}

static void refuses_an_empty_string(void)
{
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    CU_ASSERT_EQUAL(read_as(on_string, "", &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(read_as(on_string, " \n", &v), MU_E_MALFORMED);
    CU_ASSERT_PTR_NULL(v.string.p);
}

static void refuses_a_string_beyond_the_limit(void)
{
    MU_CLEANUP(values_clear) struct values v;
    char text[XML_STRING_MAX + 2];

    values_init(&v);
    memset(text, 'a', sizeof(text));
    text[XML_STRING_MAX] = '\0';
    CU_ASSERT_EQUAL(read_as(on_string, text, &v), MU_OK);
    text[XML_STRING_MAX] = 'a';
    text[XML_STRING_MAX + 1] = '\0';
    CU_ASSERT_EQUAL(read_as(on_string, text, &v), MU_E_MALFORMED);
}

static void reads_a_number(void)
{
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    CU_ASSERT_EQUAL(read_as(on_number, " 18446744073709551615 ", &v), MU_OK);
    CU_ASSERT_EQUAL(v.number, UINT64_MAX);
}

static void refuses_what_is_no_number(void)
{
    static const char *const bad[] = {
        "", "-1", "+1", "1.0", "0x1", "1 2", "18446744073709551616"};
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(read_as(on_number, bad[i], &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(v.number, 77);
}

static void reads_the_four_booleans(void)
{
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    CU_ASSERT_EQUAL(read_as(on_boolean, "true", &v), MU_OK);
    CU_ASSERT_TRUE(v.boolean);
    CU_ASSERT_EQUAL(read_as(on_boolean, "0", &v), MU_OK);
    CU_ASSERT_FALSE(v.boolean);
    CU_ASSERT_EQUAL(read_as(on_boolean, "1", &v), MU_OK);
    CU_ASSERT_TRUE(v.boolean);
    CU_ASSERT_EQUAL(read_as(on_boolean, "false", &v), MU_OK);
    CU_ASSERT_FALSE(v.boolean);
    CU_ASSERT_EQUAL(read_as(on_boolean, "True", &v), MU_E_MALFORMED);
}

static void reads_times_with_and_without_a_zone(void)
{
    static const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2021-05-10T11:23:02", 1620645782},
        {"2021-05-10T11:23:02Z", 1620645782},
        {"2021-05-10T11:23:02.999Z", 1620645782},
        {"2021-05-10T11:23:02.1", 1620645782},
        {"2021-05-10T13:23:02+02:00", 1620645782},
        {"2021-05-10T05:53:02-05:30", 1620645782},
        {"2024-02-29T23:59:59Z", 1709251199},
    };
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        CU_ASSERT_EQUAL(read_as(on_time, good[i].text, &v), MU_OK);
        CU_ASSERT_EQUAL(v.number, good[i].seconds);
    }
}

static void refuses_what_is_no_time(void)
{
    static const char *const bad[] = {"", "2021-05-10", "2021-05-10T11:23",
        "2021-05-10 11:23:02Z", "2021-13-10T11:23:02Z", "2023-02-29T00:00:00Z",
        "2021-05-10T24:00:00Z", "2021-05-10T11:60:02Z", "2021-05-10T11:23:60Z",
        "2021-05-10T11:23:02.Z", "2021-05-10T11:23:02z",
        "2021-05-10T11:23:02ZZ", "2021-05-10T11:23:02+2:00",
        "2021-05-10T11:23:02+02:60", "2021-05-10T11:23:02+14:01",
        "2021-05-10T11:23:02+0200", "-2021-05-10T11:23:02Z",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01",
        "20210-05-10T11:23:02Z"};
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(read_as(on_time, bad[i], &v), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(v.number, 77);
}

static void reads_octets_as_hex_and_as_base64(void)
{
    static const char *const good[] = {"deadbeef01", "DEADBEEF01",
        "3q2+7wE=", "3q2+7wE", " de ad\n be\tef01 ", "3q2+\n7wE="};
    static const uint8_t want[] = {0xde, 0xad, 0xbe, 0xef, 0x01};
    MU_CLEANUP(values_clear) struct values v;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        values_init(&v);
        CU_ASSERT_EQUAL(read_as(on_octets, good[i], &v), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(v.octets), SPAN_OF(want)));
    }
}

static void refuses_octets_of_another_length(void)
{
    static const char *const bad[] = {"", "dead", "deadbeef0", "deadbeef",
        "deadbeef0100", "deadbeef0g", "3q2+", "3q2+7w==", "3q2+7wEA",
        "3q2+7wF="};
    static const uint8_t zero[5] = {0};
    MU_CLEANUP(values_clear) struct values v;

    values_init(&v);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(read_as(on_octets, bad[i], &v), MU_E_MALFORMED);
    CU_ASSERT(span_eq(SPAN_OF(v.octets), SPAN_OF(zero)));
}

static void refuses_octets_beyond_any_limit(void)
{
    MU_CLEANUP(values_clear) struct values v;
    char text[1300];

    values_init(&v);
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    CU_ASSERT_EQUAL(read_as(on_octets, text, &v), MU_E_MALFORMED);
}

CU_TestInfo xml_value_tests[] = {
    {"reads a string verbatim", reads_a_string_verbatim},
    {"refuses an empty string", refuses_an_empty_string},
    {"refuses a string beyond the limit", refuses_a_string_beyond_the_limit},
    {"reads a number", reads_a_number},
    {"refuses what is no number", refuses_what_is_no_number},
    {"reads the four booleans", reads_the_four_booleans},
    {"reads times with and without a zone",
        reads_times_with_and_without_a_zone},
    {"refuses what is no time", refuses_what_is_no_time},
    {"reads octets as hex and as base64", reads_octets_as_hex_and_as_base64},
    {"refuses octets of another length", refuses_octets_of_another_length},
    {"refuses octets beyond any limit", refuses_octets_beyond_any_limit},
    CU_TEST_INFO_NULL,
};
