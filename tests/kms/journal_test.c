/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/journal.h"

#include "tests/folder.h"
#include "tests/rng.h"
#include "tests/suites.h"

static void close_journal(struct kms_journal **journal)
{
    kms_journal_close(*journal);
}

/* A log of two records in a folder; what verifies it. */
static struct mu_verify_key make(
    struct test_folder *folder, struct kms_dir *dir)
{
    MU_CLEANUP(close_journal) struct kms_journal *journal = NULL;
    struct mu_verify_key key;
    struct test_rng rng;

    test_folder_make(folder);
    test_rng_init(&rng, 1);
    CU_ASSERT_EQUAL_FATAL(kms_dir_set(dir, folder->path), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kms_journal_create(dir, &rng.rng, 1000, &key, &journal), MU_OK);
    CU_ASSERT_EQUAL(kms_journal_add(journal, 2000, "user.add",
                        mu_log_str("user", "a\nb"), mu_log_u64("serial", 1)),
        MU_OK);
    CU_ASSERT_EQUAL(kms_journal_head(journal)->seq, 1);
    return key;
}

static void events_are_escaped_lines(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    const char *want = " event=user.add user=\"a\\x0ab\" serial=1 ";
    struct kms_dir dir;

    (void)make(&folder, &dir);
    test_folder_read(&folder, KMS_DIR_LOG, &text);
    CU_ASSERT_PTR_NOT_NULL(test_buf_find(&text, span_str(want)));
}

static void a_journal_goes_on(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_journal) struct kms_journal *journal = NULL;
    struct mu_verify_key key;
    struct kms_dir dir;

    key = make(&folder, &dir);
    CU_ASSERT_EQUAL_FATAL(kms_journal_open(&dir, &key, NULL, &journal), MU_OK);
    CU_ASSERT_EQUAL(
        kms_journal_add(journal, 3000, "x", mu_log_u64("n", 1)), MU_OK);
    CU_ASSERT_EQUAL(kms_journal_head(journal)->seq, 2);
}

static void one_works_on_a_directory_at_a_time(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_journal) struct kms_journal *first = NULL;
    struct kms_journal *second = NULL;
    struct mu_verify_key key;
    struct kms_dir dir;

    key = make(&folder, &dir);
    CU_ASSERT_EQUAL_FATAL(kms_journal_open(&dir, &key, NULL, &first), MU_OK);
    CU_ASSERT_EQUAL(kms_journal_open(&dir, &key, NULL, &second), MU_E_STATE);
}

/* Somebody put a log and a key of his own in the place of ours. */
static void another_log_with_its_own_key_is_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct kms_journal *journal = NULL;
    struct mu_verify_key key;
    struct kms_dir dir;

    key = make(&folder, &dir);
    key.b[0] ^= 1;
    CU_ASSERT_EQUAL(kms_journal_open(&dir, &key, NULL, &journal), MU_E_CRYPTO);
}

static void an_edited_journal_is_not_written_to(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct mu_chain_report report;
    struct kms_journal *journal = NULL;
    struct mu_verify_key key;
    struct kms_dir dir;
    uint8_t *at;

    key = make(&folder, &dir);
    test_folder_read(&folder, KMS_DIR_LOG, &text);
    at = test_buf_find(&text, span_str("serial=1"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    at[7] = '2';
    test_folder_write(&folder, KMS_DIR_LOG, buf_span(&text));
    CU_ASSERT_EQUAL(
        kms_journal_open(&dir, &key, &report, &journal), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(report.fault, MU_CHAIN_SIGNATURE);
    CU_ASSERT_EQUAL(report.line, 2);
}

static void a_second_journal_is_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct kms_journal *journal = NULL;
    struct mu_verify_key key;
    struct test_rng rng;
    struct kms_dir dir;

    (void)make(&folder, &dir);
    test_rng_init(&rng, 2);
    CU_ASSERT_EQUAL(
        kms_journal_create(&dir, &rng.rng, 1000, &key, &journal), MU_E_STATE);
}

CU_TestInfo kms_journal_tests[] = {
    {"events are escaped lines", events_are_escaped_lines},
    {"a journal goes on", a_journal_goes_on},
    {"one works on a directory at a time", one_works_on_a_directory_at_a_time},
    {"another log with its own key is refused",
        another_log_with_its_own_key_is_refused},
    {"an edited journal is not written to",
        an_edited_journal_is_not_written_to},
    {"a second journal is refused", a_second_journal_is_refused},
    CU_TEST_INFO_NULL,
};
