/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chain.h"

#include "base/text.h"
#include "tests/base/chain_fixture.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <openssl/evp.h>
#include <string.h>

static const struct mu_sign_key key = {{1}};

static struct span line_of(const struct log *log, size_t i)
{
    return (struct span){(const uint8_t *)log->text + log->start[i],
        log->start[i + 1] - log->start[i] - 1};
}

static void a_line_is_as_documented(void)
{
    static const char begin[] =
        "3 2026-11-23T14:23:45.126Z event=test.a number=3 ";
    struct span line;
    struct log log;
    char hex[65];

    log_make(&log, "test", 1);
    line = line_of(&log, 3);
    CU_ASSERT_EQUAL(memcmp(line.p, begin, sizeof(begin) - 1), 0);
    mu_hex_write(SPAN_OF(log.heads[2].hash), hex);
    CU_ASSERT_EQUAL(memcmp(line.p + sizeof(begin) - 1, hex, 64), 0);
    CU_ASSERT_EQUAL(line.p[sizeof(begin) - 1 + 64], ' ');
    CU_ASSERT_EQUAL(line.len, sizeof(begin) - 1 + 64 + 1 + 128);
}

static void the_hash_is_that_of_the_line_up_to_prev(void)
{
    struct span line;
    uint8_t hash[32];
    struct log log;

    log_make(&log, "test", 1);
    line = line_of(&log, 3);
    EVP_Digest(line.p, line.len - 129, hash, NULL, EVP_sha256(), NULL);
    CU_ASSERT_EQUAL(memcmp(hash, log.heads[3].hash, 32), 0);
}

static void the_first_record_names_log_and_key(void)
{
    struct mu_chain_record r;
    struct log log;
    char hex[65];

    log_make(&log, "test", 1);
    mu_hex_write(SPAN_OF(log.key.b), hex);
    CU_ASSERT_EQUAL(mu_chain_record_read(line_of(&log, 0), &r), MU_OK);
    CU_ASSERT_EQUAL(memcmp(r.payload.p, "chain=1 name=test id=", 21), 0);
    CU_ASSERT_EQUAL(memcmp(r.payload.p + 21 + 32, " key=", 5), 0);
    CU_ASSERT_EQUAL(memcmp(r.payload.p + 21 + 32 + 5, hex, 64), 0);
    CU_ASSERT(mu_chain_is_first(r.payload, "test", &log.key));
    CU_ASSERT_FALSE(mu_chain_is_first(r.payload, "tes", &log.key));
}

static void records_round_trip_whatever_is_printable(void)
{
    uint8_t payload[95], line[MU_CHAIN_LINE_LEN(95)];
    struct mu_chain_head prev = {7, {1, 2}}, head;
    struct mu_chain_record r;
    struct wr w;

    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(0x20 + i);
    for (size_t len = 1; len <= sizeof(payload); len++) {
        struct span p = {payload, len};

        wr_init(&w, line, sizeof(line));
        CU_ASSERT_EQUAL(mu_chain_add(&key, &prev, len, p, &w, &head), MU_OK);
        CU_ASSERT_EQUAL(
            mu_chain_record_read((struct span){line, w.at - 1}, &r), MU_OK);
        CU_ASSERT_EQUAL(r.seq, 8);
        CU_ASSERT_EQUAL(r.unix_ms, len);
        CU_ASSERT(span_eq(r.payload, p));
        CU_ASSERT_EQUAL(memcmp(r.prev, prev.hash, 32), 0);
    }
}

static void payloads_that_are_no_text_are_refused(void)
{
    static uint8_t payload[MU_CHAIN_PAYLOAD_MAX + 1];
    static uint8_t line[MU_CHAIN_LINE_LEN(MU_CHAIN_PAYLOAD_MAX)];
    struct mu_chain_head head = {0};
    struct wr w;

    memset(payload, 'x', sizeof(payload));
    wr_init(&w, line, sizeof(line));
    CU_ASSERT_EQUAL(mu_chain_add(&key, &head, 0, SPAN_OF(payload), &w, &head),
        MU_E_MALFORMED);
    for (unsigned c = 0; c < 256; c++) {
        bool text = c >= 0x20 && c <= 0x7e;

        payload[100] = (uint8_t)c;
        wr_init(&w, line, sizeof(line));
        CU_ASSERT_EQUAL(
            mu_chain_add(&key, &head, 0,
                (struct span){payload, text ? 200 : 101}, &w, &head),
            text ? MU_OK : MU_E_MALFORMED);
    }
    CU_ASSERT_EQUAL(
        mu_chain_add(&key, &head, 0, (struct span){NULL, 0}, &w, &head),
        MU_E_MALFORMED);
}

static void the_longest_payload_fits_its_line(void)
{
    static uint8_t payload[MU_CHAIN_PAYLOAD_MAX];
    static uint8_t line[MU_CHAIN_LINE_LEN(MU_CHAIN_PAYLOAD_MAX)];
    struct mu_chain_head head = {UINT64_MAX - 1, {0}};
    struct wr w;

    memset(payload, ' ', sizeof(payload));
    wr_init(&w, line, sizeof(line));
    CU_ASSERT_EQUAL(
        mu_chain_add(&key, &head, 0, SPAN_OF(payload), &w, &head), MU_OK);
    CU_ASSERT_EQUAL(w.at, sizeof(line));
}

static void a_line_that_does_not_fit_leaves_the_head(void)
{
    struct mu_chain_head head = {3, {9}};
    struct span payload = span_str("event=x");
    uint8_t line[MU_CHAIN_LINE_LEN(7)];
    size_t need;
    struct wr w;

    wr_init(&w, line, sizeof(line));
    CU_ASSERT_EQUAL(mu_chain_add(&key, &head, 0, payload, &w, &head), MU_OK);
    CU_ASSERT_EQUAL(head.seq, 4);
    need = w.at;
    for (size_t cap = 0; cap < need; cap++) {
        wr_init(&w, line, cap);
        CU_ASSERT_EQUAL(
            mu_chain_add(&key, &head, 0, payload, &w, &head), MU_E_NO_SPACE);
        CU_ASSERT_EQUAL(head.seq, 4);
    }
}

static void names_are_plain(void)
{
    static const char *const bad[] = {
        "", "Test", "a b", "a=b", "123456789012345678901234567890123"};
    uint8_t line[MU_CHAIN_FIRST_LEN];
    struct mu_chain_head head = {0};
    struct test_rng rng;
    struct wr w;

    test_rng_init(&rng, 1);
    wr_init(&w, line, sizeof(line));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(mu_chain_begin(&key, bad[i], &rng.rng, 0, &w, &head),
            MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mu_chain_begin(&key, "12345678901234567890123456789012",
                        &rng.rng, 0, &w, &head),
        MU_OK);
}

static void heads_round_trip_as_text(void)
{
    struct mu_chain_head head = {UINT64_MAX, {0xab, 1}}, back = {0};
    char text[MU_CHAIN_HEAD_TEXT];

    mu_chain_head_write(&head, text);
    CU_ASSERT_EQUAL(strlen(text), sizeof(text) - 1);
    CU_ASSERT_EQUAL(strncmp(text, "18446744073709551615:ab010000", 29), 0);
    CU_ASSERT_EQUAL(mu_chain_head_read(span_str(text), &back), MU_OK);
    CU_ASSERT_EQUAL(back.seq, head.seq);
    CU_ASSERT_EQUAL(memcmp(back.hash, head.hash, 32), 0);
}

static void other_texts_are_no_head(void)
{
    char text[MU_CHAIN_HEAD_TEXT] = "12:";
    struct mu_chain_head head = {5, {0}};

    memset(text + 3, 'a', 64);
    CU_ASSERT_EQUAL(mu_chain_head_read(span_str(text), &head), MU_OK);
    CU_ASSERT_EQUAL(head.seq, 12);
    for (size_t len = 0; len < 67; len++)
        CU_ASSERT_EQUAL(
            mu_chain_head_read((struct span){(uint8_t *)text, len}, &head),
            MU_E_MALFORMED);
    text[3] = 'A';
    CU_ASSERT_EQUAL(mu_chain_head_read(span_str(text), &head), MU_E_MALFORMED);
    text[3] = 'a';
    text[0] = '0';
    CU_ASSERT_EQUAL(mu_chain_head_read(span_str(text), &head), MU_E_MALFORMED);
}

static void every_truncation_of_a_line_is_malformed(void)
{
    struct mu_chain_record r;
    struct span line;
    struct log log;

    log_make(&log, "test", 1);
    line = line_of(&log, 3);
    CU_ASSERT_EQUAL(mu_chain_record_read(line, &r), MU_OK);
    for (size_t len = 0; len < line.len; len++)
        CU_ASSERT_EQUAL(mu_chain_record_read((struct span){line.p, len}, &r),
            MU_E_MALFORMED);
}

CU_TestInfo base_chain_tests[] = {
    {"a line is as documented", a_line_is_as_documented},
    {"the hash is that of the line up to PREV",
        the_hash_is_that_of_the_line_up_to_prev},
    {"the first record names log and key", the_first_record_names_log_and_key},
    {"records round trip whatever is printable",
        records_round_trip_whatever_is_printable},
    {"payloads that are no text are refused",
        payloads_that_are_no_text_are_refused},
    {"the longest payload fits its line", the_longest_payload_fits_its_line},
    {"a line that does not fit leaves the head",
        a_line_that_does_not_fit_leaves_the_head},
    {"names are plain", names_are_plain},
    {"heads round trip as text", heads_round_trip_as_text},
    {"other texts are no head", other_texts_are_no_head},
    {"every truncation of a line is malformed",
        every_truncation_of_a_line_is_malformed},
    CU_TEST_INFO_NULL,
};
