/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chain_verify.h"

#include "tests/base/chain_fixture.h"
#include "tests/suites.h"

#include <string.h>

#define LAST (LOG_RECORDS - 1)

static struct span first_lines(const struct log *log, size_t n)
{
    return (struct span){(const uint8_t *)log->text, log->start[n]};
}

static void a_whole_log_is_good(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    CU_ASSERT_EQUAL(log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_GOOD);
    CU_ASSERT_EQUAL(r.records, LOG_RECORDS);
    CU_ASSERT_EQUAL(r.line, 0);
    CU_ASSERT_EQUAL(r.good_len, log.len);
    CU_ASSERT_EQUAL(memcmp(r.head.hash, log.heads[LAST].hash, 32), 0);
}

static void every_head_is_a_witness_of_its_log(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    for (size_t i = 0; i < LOG_RECORDS; i++)
        CU_ASSERT_EQUAL(
            log_check(&log, log_text(&log), &log.heads[i], &r), MU_CHAIN_GOOD);
}

static void no_record_is_no_log(void)
{
    struct span none = {NULL, 0};
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    CU_ASSERT_EQUAL(log_check(&log, none, NULL, &r), MU_CHAIN_EMPTY);
    CU_ASSERT_EQUAL(
        log_check(&log, none, &log.heads[0], &r), MU_CHAIN_TRUNCATED);
}

/* Any one character, made any other of the same class or none, is noticed. */
static void every_edited_character_is_found_in_its_line(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    for (size_t line = 0; line < LOG_RECORDS; line++)
        for (size_t at = log.start[line]; at < log.start[line + 1]; at++) {
            log.text[at] ^= 1;
            CU_ASSERT_NOT_EQUAL(
                log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_GOOD);
            CU_ASSERT_EQUAL(r.line, line + 1);
            CU_ASSERT_EQUAL(r.records, line);
            log.text[at] ^= 1;
        }
}

static void an_edited_payload_breaks_the_signature(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    memcpy(log.text + log.start[3] + 27, "EVENT", 5);
    CU_ASSERT_EQUAL(
        log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_SIGNATURE);
    CU_ASSERT_EQUAL(r.line, 4);
}

/* A record written by the key's holder himself, in the middle of the log. */
static void a_record_signed_anew_breaks_the_next_link(void)
{
    struct mu_chain_report r;
    struct log log, fork;

    log_make(&log, "test", 1);
    fork = log;
    log_fork(&fork, 1, 3);
    memcpy(log.text + log.start[3], fork.text + log.start[3],
        log.start[4] - log.start[3]);
    CU_ASSERT_EQUAL(log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_LINK);
    CU_ASSERT_EQUAL(r.line, 5);
}

static void lines_in_another_order_are_found(void)
{
    struct mu_chain_report r;
    struct log log, swapped;
    size_t len;

    log_make(&log, "test", 1);
    swapped = log;
    len = log.start[3] - log.start[2]; /* all these lines are as long */
    memcpy(swapped.text + log.start[2], log.text + log.start[3], len);
    memcpy(swapped.text + log.start[3], log.text + log.start[2], len);
    CU_ASSERT_EQUAL(
        log_check(&log, log_text(&swapped), NULL, &r), MU_CHAIN_SEQUENCE);
    CU_ASSERT_EQUAL(r.line, 3);
}

static void a_line_taken_out_is_found(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    memmove(log.text + log.start[2], log.text + log.start[3],
        log.len - log.start[3]);
    log.len -= log.start[3] - log.start[2];
    CU_ASSERT_EQUAL(
        log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_SEQUENCE);
    CU_ASSERT_EQUAL(r.line, 3);
}

static void truncation_is_found_by_a_witness_alone(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    for (size_t n = 1; n < LOG_RECORDS; n++) {
        struct span text = first_lines(&log, n);

        CU_ASSERT_EQUAL(log_check(&log, text, NULL, &r), MU_CHAIN_GOOD);
        CU_ASSERT_EQUAL(
            log_check(&log, text, &log.heads[n - 1], &r), MU_CHAIN_GOOD);
        CU_ASSERT_EQUAL(
            log_check(&log, text, &log.heads[n], &r), MU_CHAIN_TRUNCATED);
    }
}

static void a_fork_is_found_by_a_witness_behind_it(void)
{
    struct mu_chain_report r;
    struct log log, fork;

    log_make(&log, "test", 1);
    fork = log;
    log_fork(&fork, 1, 3);
    CU_ASSERT_EQUAL(log_check(&log, log_text(&fork), NULL, &r), MU_CHAIN_GOOD);
    CU_ASSERT_EQUAL(
        log_check(&log, log_text(&fork), &log.heads[2], &r), MU_CHAIN_GOOD);
    for (size_t i = 3; i < LOG_RECORDS; i++) {
        CU_ASSERT_EQUAL(log_check(&log, log_text(&fork), &log.heads[i], &r),
            MU_CHAIN_FORKED);
        CU_ASSERT_EQUAL(r.line, i + 1);
    }
}

/* Two processes that both hold the head of record 2 append to one file. */
static void two_writers_in_one_file_are_found(void)
{
    struct mu_chain_report r;
    struct log log, fork;

    log_make(&log, "test", 1);
    fork = log;
    log_fork(&fork, 1, 3);
    memcpy(log.text + log.start[4], fork.text + log.start[3],
        log.start[4] - log.start[3]);
    CU_ASSERT_EQUAL(
        log_check(&log, first_lines(&log, 5), NULL, &r), MU_CHAIN_SEQUENCE);
    CU_ASSERT_EQUAL(r.line, 5);
}

static void the_log_of_another_key_is_found(void)
{
    struct mu_chain_report r;
    struct log log, other;

    log_make(&log, "test", 1);
    log_make(&other, "test", 2);
    CU_ASSERT_EQUAL(
        log_check(&log, log_text(&other), NULL, &r), MU_CHAIN_GENESIS);
    CU_ASSERT_EQUAL(r.line, 1);
}

static void records_of_another_key_are_found(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    log_fork(&log, 2, 4);
    CU_ASSERT_EQUAL(
        log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_SIGNATURE);
    CU_ASSERT_EQUAL(r.line, 5);
}

static void another_log_of_the_same_key_is_found(void)
{
    struct mu_chain_report r;
    struct log log, other;

    log_make(&log, "test", 1);
    log_make(&other, "other", 1);
    CU_ASSERT_EQUAL(
        log_check(&log, log_text(&other), NULL, &r), MU_CHAIN_GENESIS);
}

/* The key's holder starts the same log anew: only a witness tells. */
static void a_replaced_genesis_is_found_by_a_witness_alone(void)
{
    struct mu_sign_key key = {{1}};
    uint8_t text[MU_CHAIN_FIRST_LEN];
    struct mu_chain_head head;
    struct mu_chain_report r;
    struct log log;
    struct wr w;

    log_make(&log, "test", 1);
    wr_init(&w, text, sizeof(text));
    CU_ASSERT_EQUAL(
        mu_chain_begin(&key, "test", mu_rng_system(), 0, &w, &head), MU_OK);
    CU_ASSERT_EQUAL(log_check(&log, wr_so_far(&w), NULL, &r), MU_CHAIN_GOOD);
    CU_ASSERT_EQUAL(
        log_check(&log, wr_so_far(&w), &log.heads[0], &r), MU_CHAIN_FORKED);
    CU_ASSERT_EQUAL(
        log_check(&log, wr_so_far(&w), &log.heads[1], &r), MU_CHAIN_TRUNCATED);
}

static void every_torn_last_line_is_told_from_a_change(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    for (size_t len = 1; len < log.len; len++) {
        struct span text = {(const uint8_t *)log.text, len};
        size_t whole = 0;

        while (log.start[whole + 1] <= len)
            whole++;
        if (log.start[whole] == len)
            continue;
        CU_ASSERT_EQUAL(log_check(&log, text, NULL, &r), MU_CHAIN_TORN);
        CU_ASSERT_EQUAL(r.records, whole);
        CU_ASSERT_EQUAL(r.good_len, log.start[whole]);
        CU_ASSERT_EQUAL(r.line, whole + 1);
        CU_ASSERT_EQUAL(
            log_check(&log, text, &log.heads[whole], &r), MU_CHAIN_TRUNCATED);
    }
}

static void octets_that_never_reached_the_disk_are_torn(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    for (size_t at = log.start[LAST]; at < log.len; at++) {
        struct log torn = log;

        memset(torn.text + at, 0, log.len - at);
        CU_ASSERT_EQUAL(
            log_check(&log, log_text(&torn), NULL, &r), MU_CHAIN_TORN);
        torn.text[log.len - 1] = '\n';
        CU_ASSERT_EQUAL(log_check(&log, log_text(&torn), NULL, &r),
            at == log.len - 1 ? MU_CHAIN_GOOD : MU_CHAIN_TORN);
    }
}

static void a_tail_that_no_crash_leaves_is_a_change(void)
{
    static const char *const tails[] = {
        "7", "5 2026\n", "x", "6x", "\t", "6 \x01", "06"};
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        struct log bad = log;

        memcpy(bad.text + log.len, tails[i], strlen(tails[i]));
        bad.len += strlen(tails[i]);
        CU_ASSERT_EQUAL(
            log_check(&log, log_text(&bad), NULL, &r), MU_CHAIN_FORMAT);
        CU_ASSERT_EQUAL(r.line, LOG_RECORDS + 1);
    }
}

static void a_tail_longer_than_any_line_is_a_change(void)
{
    static uint8_t text[2560 + MU_CHAIN_LINE_LEN(MU_CHAIN_PAYLOAD_MAX)];
    struct mu_chain_report r;
    struct log log;
    size_t longest;

    log_make(&log, "test", 1);
    memset(text, 'x', sizeof(text));
    memcpy(text, log.text, log.len);
    text[log.len] = '6';
    text[log.len + 1] = ' ';
    longest = log.len + MU_CHAIN_LINE_LEN(MU_CHAIN_PAYLOAD_MAX) - 1;
    CU_ASSERT_EQUAL(
        log_check(&log, (struct span){text, longest}, NULL, &r), MU_CHAIN_TORN);
    CU_ASSERT_EQUAL(log_check(&log, (struct span){text, longest + 1}, NULL, &r),
        MU_CHAIN_FORMAT);
}

static void a_mended_log_goes_on(void)
{
    struct mu_chain_report r;
    struct log log;

    log_make(&log, "test", 1);
    log.len = log.start[4] + 30;
    CU_ASSERT_EQUAL(log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_TORN);
    CU_ASSERT_EQUAL(r.good_len, log.start[4]);
    log_fork(&log, 1, 4);
    CU_ASSERT_EQUAL(log_check(&log, log_text(&log), NULL, &r), MU_CHAIN_GOOD);
}

static enum mu_chain_fault check_from(const struct log *log, size_t from,
    const struct mu_chain_head *after, const struct mu_chain_head *witness)
{
    struct span text = {(const uint8_t *)log->text + log->start[from],
        log->len - log->start[from]};
    struct mu_chain_check check = {
        .key = log->key, .name = "test", .after = after, .witness = witness};
    struct mu_chain_report r;
    enum mu_err err = mu_chain_verify(&check, text, &r);

    CU_ASSERT_EQUAL(err == MU_OK, r.fault == MU_CHAIN_GOOD);
    return r.fault;
}

static void a_continuation_is_verified_from_its_head(void)
{
    struct log log;

    log_make(&log, "test", 1);
    for (size_t i = 1; i <= LOG_RECORDS; i++)
        CU_ASSERT_EQUAL(
            check_from(&log, i, &log.heads[i - 1], NULL), MU_CHAIN_GOOD);
    CU_ASSERT_EQUAL(
        check_from(&log, 3, &log.heads[1], NULL), MU_CHAIN_SEQUENCE);
    CU_ASSERT_EQUAL(check_from(&log, 3, NULL, NULL), MU_CHAIN_SEQUENCE);
}

static void a_continuation_knows_what_its_witness_can_say(void)
{
    struct log log, fork;

    log_make(&log, "test", 1);
    fork = log;
    log_fork(&fork, 1, 2);
    CU_ASSERT_EQUAL(
        check_from(&log, 3, &log.heads[2], &log.heads[2]), MU_CHAIN_GOOD);
    CU_ASSERT_EQUAL(
        check_from(&log, 3, &log.heads[2], &fork.heads[2]), MU_CHAIN_FORKED);
    CU_ASSERT_EQUAL(check_from(&log, 3, &log.heads[2], &log.heads[1]),
        MU_CHAIN_UNWITNESSED);
}

/* Adds up what it sees: 1 + 2 + ... for record numbers in order. */
static void on_record(void *ctx, const struct mu_chain_record *record)
{
    uint64_t *sum = ctx;

    CU_ASSERT(record->payload.len > 0);
    *sum = *sum * 10 + record->seq;
}

static void good_records_are_shown_up_to_the_fault(void)
{
    struct mu_chain_report r;
    uint64_t seen = 0;
    struct log log;
    struct mu_chain_check check = {
        .name = "test", .on_record = on_record, .ctx = &seen};

    log_make(&log, "test", 1);
    check.key = log.key;
    log.text[log.start[4] + 27] ^= 1;
    CU_ASSERT_EQUAL(mu_chain_verify(&check, log_text(&log), &r), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(seen, 123); /* 0, 1, 2, 3 */
}

static void every_fault_has_words_of_its_own(void)
{
    for (int a = MU_CHAIN_GOOD; a <= MU_CHAIN_UNWITNESSED; a++)
        for (int b = MU_CHAIN_GOOD; b < a; b++)
            CU_ASSERT_STRING_NOT_EQUAL(
                mu_chain_fault_text((enum mu_chain_fault)a),
                mu_chain_fault_text((enum mu_chain_fault)b));
}

CU_TestInfo base_chain_verify_tests[] = {
    {"a whole log is good", a_whole_log_is_good},
    {"every head is a witness of its log", every_head_is_a_witness_of_its_log},
    {"no record is no log", no_record_is_no_log},
    {"every edited character is found in its line",
        every_edited_character_is_found_in_its_line},
    {"an edited payload breaks the signature",
        an_edited_payload_breaks_the_signature},
    {"a record signed anew breaks the next link",
        a_record_signed_anew_breaks_the_next_link},
    {"lines in another order are found", lines_in_another_order_are_found},
    {"a line taken out is found", a_line_taken_out_is_found},
    {"truncation is found by a witness alone",
        truncation_is_found_by_a_witness_alone},
    {"a fork is found by a witness behind it",
        a_fork_is_found_by_a_witness_behind_it},
    {"two writers in one file are found", two_writers_in_one_file_are_found},
    {"the log of another key is found", the_log_of_another_key_is_found},
    {"records of another key are found", records_of_another_key_are_found},
    {"another log of the same key is found",
        another_log_of_the_same_key_is_found},
    {"a replaced genesis is found by a witness alone",
        a_replaced_genesis_is_found_by_a_witness_alone},
    {"every torn last line is told from a change",
        every_torn_last_line_is_told_from_a_change},
    {"octets that never reached the disk are torn",
        octets_that_never_reached_the_disk_are_torn},
    {"a tail that no crash leaves is a change",
        a_tail_that_no_crash_leaves_is_a_change},
    {"a tail longer than any line is a change",
        a_tail_longer_than_any_line_is_a_change},
    {"a mended log goes on", a_mended_log_goes_on},
    {"a continuation is verified from its head",
        a_continuation_is_verified_from_its_head},
    {"a continuation knows what its witness can say",
        a_continuation_knows_what_its_witness_can_say},
    {"good records are shown up to the fault",
        good_records_are_shown_up_to_the_fault},
    {"every fault has words of its own", every_fault_has_words_of_its_own},
    CU_TEST_INFO_NULL,
};
