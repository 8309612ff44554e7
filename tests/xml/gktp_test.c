/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/gktp.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"

#define TEXT_MAX 32768
#define HEAD     "<GKTPs xmlns=\"" XML_GKTP_NS "\">"
#define TAIL     "</GKTPs>"
#define GMK(in)  HEAD "<GMK-GKTPs>" in "</GMK-GKTPs>" TAIL
#define TMP      "sip:tmp-0007@groups.muster.example"
#define SPAN(s)                                                                \
    {                                                                          \
        (const uint8_t *)(s), sizeof(s) - 1                                    \
    }

static const struct xml_gktp four[] = {
    {XML_GKTP_GMK, SPAN("0c3d4e5f"), SPAN(TMP), 0, SPAN("\x01\x1a\xff")},
    {XML_GKTP_MKFC, SPAN("f"), SPAN(""), 0, SPAN("\x02")},
    {XML_GKTP_GMK, SPAN("0a1b2c3d"), SPAN(""), 1893553445,
        SPAN("\x01\x1a\x05")},
    {XML_GKTP_GMK, SPAN("0c3d4e60"), SPAN(TMP), 0, SPAN("\x03")},
};

/* What the writer makes of keys, as a string; free() it. */
static char *write_keys(const struct xml_gktp *keys, size_t count)
{
    char *text = calloc(1, TEXT_MAX);
    struct wr w;

    CU_ASSERT_FATAL(text != NULL);
    wr_init(&w, (uint8_t *)text, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(xml_gktp_write(&w, keys, count), MU_OK);
    return text;
}

static void writes_the_form_of_the_standard(void)
{
    char *text = write_keys(four, 4);

    CU_ASSERT_STRING_EQUAL(text, HEAD
        "<GMK-GKTPs>"
        "<GKTP id=\"0a1b2c3d\" activationtime=\"2030-01-02T03:04:05Z\">"
        "011a05</GKTP>"
        "<on-network-regrouped-GKTPs temporary-MCPTT-group-ID=\"" TMP "\">"
        "<GKTP id=\"0c3d4e5f\">011aff</GKTP>"
        "<GKTP id=\"0c3d4e60\">03</GKTP></on-network-regrouped-GKTPs>"
        "</GMK-GKTPs><MKFC-GKTPs><GKTP id=\"f\">02</GKTP></MKFC-GKTPs>" TAIL);
    free(text);
}

static bool same_key(const struct xml_gktp *a, const struct xml_gktp *b)
{
    return a->kind == b->kind && span_eq(a->id, b->id) &&
           span_eq(a->temporary_group, b->temporary_group) &&
           a->activation_s == b->activation_s &&
           span_eq(a->message, b->message);
}

static void reads_what_it_wrote(void)
{
    static const size_t order[] = {2, 0, 3, 1};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    char *text = write_keys(four, 4);
    const struct xml_gktp *keys;
    struct xml_fault fault;
    size_t count;

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(
        xml_gktp_read(span_str(text), &arena, &fault, &keys, &count), MU_OK);
    free(text);
    CU_ASSERT_EQUAL_FATAL(count, 4);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT(same_key(&keys[i], &four[order[i]]));
}

static void writes_a_message_of_full_length(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    uint8_t message[XML_GKTP_MESSAGE_MAX];
    const struct xml_gktp key = {
        XML_GKTP_GMK, SPAN("a"), SPAN(""), 0, SPAN_OF(message)};
    const struct xml_gktp *keys;
    struct xml_fault fault;
    size_t count;
    char *text;

    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)(i * 7);
    text = write_keys(&key, 1);
    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(
        xml_gktp_read(span_str(text), &arena, &fault, &keys, &count), MU_OK);
    free(text);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT(span_eq(keys[0].message, key.message));
}

static void refuses_to_write_what_nobody_could_read(void)
{
    static const struct xml_gktp bad[] = {
        {XML_GKTP_GMK, SPAN(""), SPAN(""), 0, SPAN("m")},
        {XML_GKTP_GMK, SPAN("a"), SPAN(""), 0, SPAN("")},
        {XML_GKTP_GMK, SPAN("\xff"), SPAN(""), 0, SPAN("m")},
        {XML_GKTP_GMK, SPAN("a"), SPAN("\xff"), 0, SPAN("m")},
        {XML_GKTP_GMK, SPAN("a"), SPAN(""), 0,
            {(const uint8_t *)"m", XML_GKTP_MESSAGE_MAX + 1}},
    };
    uint8_t text[1024];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wr w;

        wr_init(&w, text, sizeof(text));
        CU_ASSERT_EQUAL(xml_gktp_write(&w, &bad[i], 1), MU_E_MALFORMED);
    }
}

static void tells_how_much_room_it_needs(void)
{
    char *text = write_keys(four, 4);
    uint8_t room[1024];

    for (size_t cap = 0; cap < strlen(text); cap++) {
        struct wr w;

        wr_init(&w, room, cap);
        CU_ASSERT_EQUAL(xml_gktp_write(&w, four, 4), MU_E_NO_SPACE);
    }
    free(text);
}

static enum mu_err read_text(
    struct span text, struct xml_fault *fault, size_t *count)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct xml_gktp *keys;

    mu_arena_init(&arena, 1 << 20);
    return xml_gktp_read(text, &arena, fault, &keys, count);
}

static void reads_upper_case_and_skips_what_it_does_not_know(void)
{
    struct xml_fault fault;
    size_t count = 0;

    CU_ASSERT_EQUAL(read_text(span_str(GMK("<GKTP id='a' x='y'> 0A1b </GKTP>"
                                           "<anyExt><z/></anyExt>"
                                           "<o:p xmlns:o='urn:o'>q</o:p>")),
                        &fault, &count),
        MU_OK);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(read_text(span_str(HEAD TAIL), &fault, &count), MU_OK);
    CU_ASSERT_EQUAL(count, 0);
}

static void refuses_what_is_no_key_document(void)
{
    static const struct {
        const char *text, *path;
    } bad[] = {
        {GMK("<GKTP>00</GKTP>"), "/GKTPs/GMK-GKTPs/GKTP"},
        {GMK("<GKTP id=''>00</GKTP>"), "/GKTPs/GMK-GKTPs/GKTP"},
        {GMK("<GKTP id='a'></GKTP>"), "/GKTPs/GMK-GKTPs/GKTP"},
        {GMK("<GKTP id='a'>0</GKTP>"), "/GKTPs/GMK-GKTPs/GKTP"},
        {GMK("<GKTP id='a'>0g</GKTP>"), "/GKTPs/GMK-GKTPs/GKTP"},
        {GMK("<GKTP id='a' activationtime='now'>00</GKTP>"),
            "/GKTPs/GMK-GKTPs/GKTP"},
        {GMK("<on-network-regrouped-GKTPs/>"),
            "/GKTPs/GMK-GKTPs/on-network-regrouped-GKTPs"},
        {GMK("<key/>"), "/GKTPs/GMK-GKTPs/key"},
        {HEAD "<GMK-GKTPs/><GMK-GKTPs/>" TAIL, "/GKTPs/GMK-GKTPs"},
        {"<GKTPs/>", "/GKTPs"},
    };
    struct xml_fault fault;
    size_t count;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_EQUAL(
            read_text(span_str(bad[i].text), &fault, &count), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(fault.path, bad[i].path);
    }
}

static void refuses_one_key_too_many(void)
{
    static struct xml_gktp keys[XML_GKTP_MAX + 1];
    struct xml_fault fault;
    size_t count = 0;
    struct wr w;
    char *text;

    for (size_t i = 0; i < XML_GKTP_MAX + 1; i++)
        keys[i] = four[2];
    wr_init(&w, NULL, SIZE_MAX);
    CU_ASSERT_EQUAL(xml_gktp_write(&w, keys, XML_GKTP_MAX + 1), MU_E_MALFORMED);
    text = write_keys(keys, XML_GKTP_MAX);
    CU_ASSERT_EQUAL(read_text(span_str(text), &fault, &count), MU_OK);
    CU_ASSERT_EQUAL(count, XML_GKTP_MAX);
    free(text);
}

static void every_truncation_is_refused(void)
{
    char *text = write_keys(four, 4);
    struct xml_fault fault;
    size_t count;

    for (size_t len = 0; len < strlen(text); len++)
        CU_ASSERT_NOT_EQUAL(
            read_text((struct span){(uint8_t *)text, len}, &fault, &count),
            MU_OK);
    free(text);
}

static void survives_every_failing_allocation(void)
{
    char *text = write_keys(four, 4);

    for (unsigned n = 1;; n++) {
        struct xml_fault fault;
        enum mu_err err;
        size_t count;

        mu_alloc_fail_nth(n);
        err = read_text(span_str(text), &fault, &count);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    free(text);
}

CU_TestInfo xml_gktp_tests[] = {
    {"writes the form of the standard", writes_the_form_of_the_standard},
    {"reads what it wrote", reads_what_it_wrote},
    {"writes a message of full length", writes_a_message_of_full_length},
    {"refuses to write what nobody could read",
        refuses_to_write_what_nobody_could_read},
    {"tells how much room it needs", tells_how_much_room_it_needs},
    {"reads upper case, skips what it does not know",
        reads_upper_case_and_skips_what_it_does_not_know},
    {"refuses what is no key document", refuses_what_is_no_key_document},
    {"refuses one key too many", refuses_one_key_too_many},
    {"every truncation is refused", every_truncation_is_refused},
    {"survives every failing allocation", survives_every_failing_allocation},
    CU_TEST_INFO_NULL,
};
