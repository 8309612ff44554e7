/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "tests/suites.h"

#include <string.h>

static const uint8_t five[] = {0x01, 0x02, 0x03, 0x04, 0x05};

static void reads_integers_most_significant_octet_first(void)
{
    struct rd r;

    rd_init(&r, SPAN_OF(five));
    CU_ASSERT_EQUAL(rd_u8(&r, "a"), 0x01);
    CU_ASSERT_EQUAL(rd_u32(&r, "b"), 0x02030405);
    CU_ASSERT_EQUAL(rd_close(&r), MU_OK);
    rd_init(&r, SPAN_OF(five));
    CU_ASSERT_EQUAL(rd_u40(&r, "c"), 0x0102030405);
    CU_ASSERT_EQUAL(rd_close(&r), MU_OK);
}

static void names_the_first_field_that_does_not_fit(void)
{
    struct rd r;

    rd_init(&r, SPAN_OF(five));
    (void)rd_u32(&r, "a");
    CU_ASSERT_EQUAL(rd_u16(&r, "b"), 0);
    CU_ASSERT_EQUAL(rd_u8(&r, "c"), 0);
    CU_ASSERT_EQUAL(rd_close(&r), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(r.fault.field, "b");
    CU_ASSERT_EQUAL(r.fault.at, 4);
    CU_ASSERT_FALSE(rd_more(&r));
}

static void names_trailing_octets(void)
{
    struct rd r;

    rd_init(&r, SPAN_OF(five));
    (void)rd_u8(&r, "a");
    CU_ASSERT_EQUAL(rd_close(&r), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(r.fault.field, "trailing octets");
    CU_ASSERT_EQUAL(r.fault.at, 1);
}

static void a_check_points_at_the_field_read_last(void)
{
    struct rd r;

    rd_init(&r, SPAN_OF(five));
    (void)rd_u8(&r, "a");
    (void)rd_u16(&r, "b");
    rd_check(&r, false, MU_E_UNSUPPORTED, "b");
    CU_ASSERT_EQUAL(rd_err(&r), MU_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(r.fault.at, 1);
}

static void a_sub_reader_counts_from_the_outermost(void)
{
    struct rd r, sub;

    rd_init(&r, SPAN_OF(five));
    (void)rd_u8(&r, "a");
    sub = rd_sub(&r, 3, "sub");
    (void)rd_u16(&sub, "b");
    (void)rd_u16(&sub, "c");
    rd_join(&r, &sub);
    CU_ASSERT_EQUAL(rd_err(&r), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(r.fault.field, "c");
    CU_ASSERT_EQUAL(r.fault.at, 3);
}

static void a_length_beyond_the_input_is_no_overflow(void)
{
    struct rd r;
    struct span s;

    rd_init(&r, SPAN_OF(five));
    (void)rd_u8(&r, "a");
    s = rd_span(&r, SIZE_MAX, "huge");
    CU_ASSERT_PTR_NULL(s.p);
    CU_ASSERT_EQUAL(s.len, 0);
    CU_ASSERT_EQUAL(rd_err(&r), MU_E_MALFORMED);
}

static void an_empty_input_reads_as_nothing(void)
{
    struct rd r;

    rd_init(&r, (struct span){NULL, 0});
    CU_ASSERT_FALSE(rd_more(&r));
    CU_ASSERT_EQUAL(rd_close(&r), MU_OK);
}

static void writes_what_it_reads(void)
{
    uint8_t buf[32];
    struct span out = {0};
    struct wr w;
    size_t mark;

    wr_init(&w, buf, sizeof(buf));
    wr_u8(&w, 0x1a);
    mark = wr_len16_open(&w);
    wr_u40(&w, 0x0102030405);
    wr_len16_close(&w, mark);
    CU_ASSERT_EQUAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT_EQUAL(out.len, 8);
    CU_ASSERT_EQUAL(memcmp(out.p, "\x1a\x00\x05\x01\x02\x03\x04\x05", 8), 0);
}

static void a_full_buffer_stops_the_writer(void)
{
    uint8_t buf[3] = {0};
    struct span out = {0};
    struct wr w;

    wr_init(&w, buf, sizeof(buf));
    wr_u16(&w, 0xffff);
    wr_u16(&w, 0xffff);
    wr_u8(&w, 0xff);
    CU_ASSERT_EQUAL(wr_close(&w, &out), MU_E_NO_SPACE);
    CU_ASSERT_PTR_NULL(out.p);
    CU_ASSERT_EQUAL(buf[2], 0);
}

static void counts_without_a_buffer(void)
{
    struct span out = {0};
    struct wr w;

    wr_init(&w, NULL, SIZE_MAX);
    wr_u64(&w, 1);
    wr_span(&w, SPAN_OF(five));
    CU_ASSERT_EQUAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT_EQUAL(out.len, 13);
}

static void count_octets(
    void *ctx, const char *field, size_t at, struct span octets)
{
    (void)field;
    *(size_t *)ctx += 100 * at + octets.len;
}

static void count_number(
    void *ctx, const char *field, size_t at, uint64_t value)
{
    (void)field;
    *(size_t *)ctx += 100 * at + (size_t)value;
}

static void a_trace_sees_fields_of_sub_readers_too(void)
{
    size_t sum = 0;
    struct rd_trace trace = {
        .octets = count_octets, .number = count_number, .ctx = &sum};
    struct rd r, sub;

    rd_init(&r, SPAN_OF(five));
    r.trace = &trace;
    (void)rd_u8(&r, "a"); /* 1 at 0 */
    sub = rd_sub(&r, 2, "sub");
    (void)rd_u16(&sub, "b");    /* 0x0203 at 1 */
    (void)rd_span(&r, 2, "c");  /* two octets at 3 */
    (void)rd_span(&r, 1, "no"); /* not there: not seen */
    CU_ASSERT_EQUAL(sum, 1 + (100 + 0x0203) + (300 + 2));
}

static void a_trace_sees_bits_only_as_they_are_noted(void)
{
    size_t sum = 0;
    struct rd_trace trace = {
        .octets = count_octets, .number = count_number, .ctx = &sum};
    struct rd r;

    rd_init(&r, SPAN_OF(five));
    r.trace = &trace;
    CU_ASSERT_EQUAL(rd_bits8(&r, "a"), 0x01);
    CU_ASSERT_EQUAL(rd_bits16(&r, "b"), 0x0203);
    CU_ASSERT_EQUAL(sum, 0);
    rd_note(&r, "low half of b", 3);
    CU_ASSERT_EQUAL(sum, 100 + 3);
}

static void note_group(void *ctx, const char *group, size_t at)
{
    (void)group;
    *(size_t *)ctx += 1000 + at;
}

static void note_end(void *ctx, const char *group)
{
    (void)group;
    *(size_t *)ctx += 10000;
}

static void a_trace_sees_groups_until_the_fault(void)
{
    size_t sum = 0;
    struct rd_trace trace = {
        count_octets, count_number, &sum, note_group, note_end};
    struct rd r;

    rd_init(&r, SPAN_OF(five));
    r.trace = &trace;
    (void)rd_u8(&r, "a");
    rd_enter(&r, "group");
    rd_leave(&r, "group");
    rd_enter(&r, "group");
    (void)rd_span(&r, 5, "no");
    rd_leave(&r, "group");
    CU_ASSERT_EQUAL(sum, 1 + (1000 + 1) + 10000 + (1000 + 1));
}

static void a_rule_says_why(void)
{
    struct rd r;

    rd_init(&r, SPAN_OF(five));
    (void)rd_u8(&r, "a");
    rd_rule(&r, true, MU_E_MALFORMED, "a", "fine");
    rd_rule(&r, false, MU_E_MALFORMED, "a", "too small");
    rd_rule(&r, false, MU_E_MALFORMED, "a", "too late");
    CU_ASSERT_STRING_EQUAL(r.fault.why, "too small");
}

static void gives_back_the_octets_of_several_fields(void)
{
    struct rd r, sub;
    struct span got;

    rd_init(&r, SPAN_OF(five));
    (void)rd_u8(&r, "a");
    sub = rd_sub(&r, 4, "sub");
    (void)rd_u8(&sub, "b");
    (void)rd_u16(&sub, "c");
    got = rd_since(&sub, 2);
    CU_ASSERT_PTR_EQUAL(got.p, five + 2);
    CU_ASSERT_EQUAL(got.len, 2);
    (void)rd_u16(&sub, "d");
    CU_ASSERT_EQUAL(rd_since(&sub, 2).len, 0);
}

CU_TestInfo base_bytes_tests[] = {
    {"reads integers most significant octet first",
        reads_integers_most_significant_octet_first},
    {"names the first field that does not fit",
        names_the_first_field_that_does_not_fit},
    {"names trailing octets", names_trailing_octets},
    {"a check points at the field read last",
        a_check_points_at_the_field_read_last},
    {"a sub-reader counts from the outermost",
        a_sub_reader_counts_from_the_outermost},
    {"a length beyond the input is no overflow",
        a_length_beyond_the_input_is_no_overflow},
    {"an empty input reads as nothing", an_empty_input_reads_as_nothing},
    {"writes what it reads", writes_what_it_reads},
    {"a full buffer stops the writer", a_full_buffer_stops_the_writer},
    {"counts without a buffer", counts_without_a_buffer},
    {"a trace sees fields of sub-readers too",
        a_trace_sees_fields_of_sub_readers_too},
    {"a trace sees bits only as they are noted",
        a_trace_sees_bits_only_as_they_are_noted},
    {"a trace sees groups until the fault",
        a_trace_sees_groups_until_the_fault},
    {"a rule says why", a_rule_says_why},
    {"gives back the octets of several fields",
        gives_back_the_octets_of_several_fields},
    CU_TEST_INFO_NULL,
};
