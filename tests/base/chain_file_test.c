/* SPDX-License-Identifier: Apache-2.0 */
#include "base/chain_file.h"

#include "tests/folder.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct mu_sign_key key = {{7, 7, 7}};
static const struct mu_sign_key stranger = {{7, 7, 8}};

static void close_file(struct mu_chain_file **file)
{
    mu_chain_file_close(*file);
}

static struct mu_chain_file *make(struct test_folder *folder)
{
    struct mu_chain_file *file = NULL;
    struct test_rng rng;

    test_rng_init(&rng, 1);
    CU_ASSERT_EQUAL_FATAL(mu_chain_file_create(test_folder_path(folder, "log"),
                              &key, "test", &rng.rng, 1000, &file),
        MU_OK);
    return file;
}

/* A log of three records; its head. */
static struct mu_chain_head make_three(struct test_folder *folder)
{
    MU_CLEANUP(close_file) struct mu_chain_file *file = make(folder);

    CU_ASSERT_EQUAL(mu_chain_file_append(file, 2000, span_str("one")), MU_OK);
    CU_ASSERT_EQUAL(mu_chain_file_append(file, 3000, span_str("two")), MU_OK);
    return *mu_chain_file_head(file);
}

static enum mu_err open_log(struct test_folder *folder,
    struct mu_chain_report *report, struct mu_chain_file **out)
{
    return mu_chain_file_open(
        test_folder_path(folder, "log"), &key, "test", report, out);
}

static void a_log_goes_on_where_it_was_closed(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_file) struct mu_chain_file *file = NULL;
    struct mu_chain_report report;
    struct mu_chain_check check = {.name = "test"};
    struct mu_chain_head head;

    test_folder_make(&folder);
    head = make_three(&folder);
    CU_ASSERT_EQUAL_FATAL(open_log(&folder, NULL, &file), MU_OK);
    CU_ASSERT_EQUAL(memcmp(mu_chain_file_head(file), &head, sizeof(head)), 0);
    CU_ASSERT_EQUAL(mu_chain_file_append(file, 4000, span_str("three")), MU_OK);
    CU_ASSERT_EQUAL(mu_sign_public(&key, &check.key), MU_OK);
    check.witness = &head;
    CU_ASSERT_EQUAL(
        mu_chain_file_verify(test_folder_path(&folder, "log"), &check, &report),
        MU_OK);
    CU_ASSERT_EQUAL(report.records, 4);
}

static void a_second_log_does_not_take_the_place_of_the_first(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct mu_chain_file *file = NULL;
    struct test_rng rng;

    test_folder_make(&folder);
    (void)make_three(&folder);
    test_rng_init(&rng, 2);
    CU_ASSERT_EQUAL(mu_chain_file_create(test_folder_path(&folder, "log"), &key,
                        "test", &rng.rng, 1000, &file),
        MU_E_STATE);
    CU_ASSERT_EQUAL(open_log(&folder, NULL, &file), MU_OK);
    mu_chain_file_close(file);
}

static void two_writers_at_once_are_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_file) struct mu_chain_file *first = NULL;
    struct mu_chain_file *second = NULL;

    test_folder_make(&folder);
    first = make(&folder);
    CU_ASSERT_EQUAL(open_log(&folder, NULL, &second), MU_E_STATE);
}

static void a_torn_line_is_cut_off(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(buf_clear) struct buf before = {.p = NULL};
    MU_CLEANUP(buf_clear) struct buf after = {.p = NULL};
    MU_CLEANUP(close_file) struct mu_chain_file *file = NULL;
    struct mu_chain_report report;

    test_folder_make(&folder);
    (void)make_three(&folder);
    test_folder_read(&folder, "log", &before);
    buf_add(&after, buf_span(&before));
    buf_text(&after, "3 2026-11-23T1");
    test_folder_write(&folder, "log", buf_span(&after));
    CU_ASSERT_EQUAL_FATAL(open_log(&folder, &report, &file), MU_OK);
    CU_ASSERT_EQUAL(report.fault, MU_CHAIN_TORN);
    after.len = 0;
    test_folder_read(&folder, "log", &after);
    CU_ASSERT(span_eq(buf_span(&before), buf_span(&after)));
}

static void an_edited_log_is_refused_and_left_as_it_is(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    MU_CLEANUP(buf_clear) struct buf after = {.p = NULL};
    struct mu_chain_file *file = NULL;
    struct mu_chain_report report;

    test_folder_make(&folder);
    (void)make_three(&folder);
    test_folder_read(&folder, "log", &text);
    text.p[text.len - 10] ^= 1;
    test_folder_write(&folder, "log", buf_span(&text));
    CU_ASSERT_EQUAL(open_log(&folder, &report, &file), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(report.line, 3);
    test_folder_read(&folder, "log", &after);
    CU_ASSERT(span_eq(buf_span(&text), buf_span(&after)));
}

static void an_empty_file_is_no_log(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct mu_chain_file *file = NULL;

    test_folder_make(&folder);
    test_folder_write(&folder, "log", span_str(""));
    CU_ASSERT_EQUAL(open_log(&folder, NULL, &file), MU_E_CRYPTO);
    test_folder_write(&folder, "log", span_str("0 2026"));
    CU_ASSERT_EQUAL(open_log(&folder, NULL, &file), MU_E_CRYPTO);
}

static void the_log_of_another_key_is_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct mu_chain_file *file = NULL;

    test_folder_make(&folder);
    (void)make_three(&folder);
    CU_ASSERT_EQUAL(mu_chain_file_open(test_folder_path(&folder, "log"),
                        &stranger, "test", NULL, &file),
        MU_E_CRYPTO);
}

static void a_refused_payload_leaves_the_log_as_it_was(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_file) struct mu_chain_file *file = NULL;

    test_folder_make(&folder);
    file = make(&folder);
    CU_ASSERT_EQUAL(
        mu_chain_file_append(file, 1, span_str("a\nb")), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mu_chain_file_head(file)->seq, 0);
    CU_ASSERT_EQUAL(mu_chain_file_append(file, 1, span_str("a")), MU_OK);
    CU_ASSERT_EQUAL(mu_chain_file_head(file)->seq, 1);
}

static void records_are_appended_together_or_not_at_all(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_file) struct mu_chain_file *file = NULL;
    struct mu_chain_entry entries[] = {
        {1, span_str("a")}, {2, span_str("b")}, {3, span_str("c\n")}};
    struct mu_chain_report report;

    test_folder_make(&folder);
    file = make(&folder);
    CU_ASSERT_EQUAL(mu_chain_file_append_all(file, entries, 3), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(mu_chain_file_head(file)->seq, 0);
    CU_ASSERT_EQUAL(mu_chain_file_append_all(file, entries, 0), MU_OK);
    CU_ASSERT_EQUAL(mu_chain_file_append_all(file, entries, 2), MU_OK);
    CU_ASSERT_EQUAL(mu_chain_file_head(file)->seq, 2);
    mu_chain_file_close(file);
    file = NULL;
    CU_ASSERT_EQUAL_FATAL(open_log(&folder, &report, &file), MU_OK);
    CU_ASSERT_EQUAL(report.records, 3);
    CU_ASSERT_EQUAL(report.fault, MU_CHAIN_GOOD);
}

/* A disk with room for some of it: the file is cut back to what it was. */
static void a_write_that_fails_half_way_leaves_the_log_as_it_was(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_file) struct mu_chain_file *file = NULL;
    const struct mu_chain_entry entries[] = {
        {1, span_str("a")}, {2, span_str("b")}};
    MU_CLEANUP(buf_clear) struct buf before = {0};
    MU_CLEANUP(buf_clear) struct buf after = {0};

    test_folder_make(&folder);
    file = make(&folder);
    test_folder_read(&folder, "log", &before);
    test_files_limit(before.len + 300); /* one line, not two */
    CU_ASSERT_EQUAL(mu_chain_file_append_all(file, entries, 2), MU_E_IO);
    test_files_unlimit();
    test_folder_read(&folder, "log", &after);
    CU_ASSERT(span_eq(buf_span(&before), buf_span(&after)));
    CU_ASSERT_EQUAL(mu_chain_file_head(file)->seq, 0);
    CU_ASSERT_EQUAL(mu_chain_file_append_all(file, entries, 2), MU_OK);
    CU_ASSERT_EQUAL(mu_chain_file_head(file)->seq, 2);
}

static void a_missing_log_is_not_found(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct mu_chain_file *file = NULL;

    test_folder_make(&folder);
    CU_ASSERT_EQUAL(open_log(&folder, NULL, &file), MU_E_NOT_FOUND);
}

/* Numbers the records that it sees. */
static void on_record(void *ctx, const struct mu_chain_record *record)
{
    uint64_t *seen = ctx;

    CU_ASSERT_EQUAL(record->seq, *seen);
    (*seen)++;
}

/* Takes over the file by a descriptor; how many records it had. */
static enum mu_err take_log(
    struct test_folder *folder, uint64_t *seen, struct mu_chain_file **out)
{
    struct test_rng rng;
    struct mu_chain_take take = {&key, "test", &rng.rng, 500, on_record, seen};
    int fd = open(test_folder_path(folder, "log"), O_RDWR | O_APPEND);
    enum mu_err err;

    test_rng_init(&rng, 3);
    *seen = 0;
    CU_ASSERT_NOT_EQUAL_FATAL(fd, -1);
    err = mu_chain_file_take(fd, &take, NULL, out);
    if (err != MU_OK)
        (void)close(fd);
    return err;
}

static void a_log_is_taken_over_by_its_descriptor(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_file) struct mu_chain_file *file = NULL;
    uint64_t seen;

    test_folder_make(&folder);
    (void)make_three(&folder);
    CU_ASSERT_EQUAL_FATAL(take_log(&folder, &seen, &file), MU_OK);
    CU_ASSERT_EQUAL(seen, 3);
    CU_ASSERT_EQUAL(mu_chain_file_append(file, 4000, span_str("four")), MU_OK);
    CU_ASSERT_EQUAL(mu_chain_file_head(file)->seq, 3);
}

static void a_log_that_never_began_is_begun(void)
{
    static const char *const texts[] = {"", "0 2026-11"};

    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(test_folder_remove) struct test_folder folder;
        struct mu_chain_file *file = NULL;
        uint64_t seen;

        test_folder_make(&folder);
        test_folder_write(&folder, "log", span_str(texts[i]));
        CU_ASSERT_EQUAL_FATAL(take_log(&folder, &seen, &file), MU_OK);
        CU_ASSERT_EQUAL(seen, 0);
        mu_chain_file_close(file);
        CU_ASSERT_EQUAL_FATAL(open_log(&folder, NULL, &file), MU_OK);
        mu_chain_file_close(file);
    }
}

static void what_is_no_log_is_not_taken_over(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct mu_chain_file *file = NULL;
    uint64_t seen;

    test_folder_make(&folder);
    (void)make_three(&folder);
    test_folder_read(&folder, "log", &text);
    text.p[text.len - 10] ^= 1;
    test_folder_write(&folder, "log", buf_span(&text));
    CU_ASSERT_EQUAL(take_log(&folder, &seen, &file), MU_E_CRYPTO);
    test_folder_write(&folder, "log", span_str("a line\n"));
    CU_ASSERT_EQUAL(take_log(&folder, &seen, &file), MU_E_CRYPTO);
}

CU_TestInfo base_chain_file_tests[] = {
    {"a log goes on where it was closed", a_log_goes_on_where_it_was_closed},
    {"a second log does not take the place of the first",
        a_second_log_does_not_take_the_place_of_the_first},
    {"two writers at once are refused", two_writers_at_once_are_refused},
    {"a torn line is cut off", a_torn_line_is_cut_off},
    {"an edited log is refused and left as it is",
        an_edited_log_is_refused_and_left_as_it_is},
    {"an empty file is no log", an_empty_file_is_no_log},
    {"the log of another key is refused", the_log_of_another_key_is_refused},
    {"a refused payload leaves the log as it was",
        a_refused_payload_leaves_the_log_as_it_was},
    {"records are appended together or not at all",
        records_are_appended_together_or_not_at_all},
    {"a write that fails half-way leaves the log as it was",
        a_write_that_fails_half_way_leaves_the_log_as_it_was},
    {"a missing log is not found", a_missing_log_is_not_found},
    {"a log is taken over by its descriptor",
        a_log_is_taken_over_by_its_descriptor},
    {"a log that never began is begun", a_log_that_never_began_is_begun},
    {"what is no log is not taken over", what_is_no_log_is_not_taken_over},
    CU_TEST_INFO_NULL,
};
