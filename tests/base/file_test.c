/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "tests/folder.h"
#include "tests/suites.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool holds(struct test_folder *folder, const char *name, const char *is)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    test_folder_read(folder, name, &text);
    return span_eq(buf_span(&text), span_str(is));
}

static void a_new_file_has_its_octets_and_mode(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct stat st;

    test_folder_make(&folder);
    CU_ASSERT_EQUAL(mu_file_create(test_folder_path(&folder, "a"), 0600,
                        span_str("octets")),
        MU_OK);
    CU_ASSERT(holds(&folder, "a", "octets"));
    CU_ASSERT_EQUAL(stat(test_folder_path(&folder, "a"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
}

static void a_new_file_takes_no_other_files_place(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;

    test_folder_make(&folder);
    test_folder_write(&folder, "a", span_str("first"));
    CU_ASSERT_EQUAL(mu_file_create(test_folder_path(&folder, "a"), 0600,
                        span_str("second")),
        MU_E_STATE);
    CU_ASSERT(holds(&folder, "a", "first"));
}

static void replacing_leaves_the_new_octets_alone(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;

    test_folder_make(&folder);
    test_folder_write(&folder, "a", span_str("the first octets"));
    test_folder_write(&folder, "a", span_str("second"));
    CU_ASSERT(holds(&folder, "a", "second"));
    CU_ASSERT_FALSE(test_folder_has(&folder, "a.new"));
}

static void replacing_does_not_write_through_a_link(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    char target[256];

    test_folder_make(&folder);
    test_folder_write(&folder, "b", span_str("another's"));
    (void)snprintf(target, sizeof(target), "%s/b", folder.path);
    CU_ASSERT_EQUAL(symlink(target, test_folder_path(&folder, "a.new")), 0);
    CU_ASSERT_EQUAL(
        mu_file_replace(test_folder_path(&folder, "a"), 0600, span_str("ours")),
        MU_OK);
    CU_ASSERT(holds(&folder, "a", "ours"));
    CU_ASSERT(holds(&folder, "b", "another's"));
}

static void a_file_over_the_limit_is_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    test_folder_make(&folder);
    test_folder_write(&folder, "a", span_str("12345"));
    CU_ASSERT_EQUAL(
        mu_file_read(test_folder_path(&folder, "a"), 4, &text), MU_E_NO_SPACE);
}

static void a_missing_file_is_not_found(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    test_folder_make(&folder);
    CU_ASSERT_EQUAL(
        mu_file_read(test_folder_path(&folder, "a"), 4, &text), MU_E_NOT_FOUND);
}

static void a_missing_folder_is_an_error(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;

    test_folder_make(&folder);
    CU_ASSERT_EQUAL(mu_file_replace(test_folder_path(&folder, "no/a"), 0600,
                        span_str("octets")),
        MU_E_IO);
}

CU_TestInfo base_file_tests[] = {
    {"a new file has its octets and mode", a_new_file_has_its_octets_and_mode},
    {"a new file takes no other file's place",
        a_new_file_takes_no_other_files_place},
    {"replacing leaves the new octets alone",
        replacing_leaves_the_new_octets_alone},
    {"replacing does not write through a link",
        replacing_does_not_write_through_a_link},
    {"a file over the limit is refused", a_file_over_the_limit_is_refused},
    {"a missing file is not found", a_missing_file_is_not_found},
    {"a missing folder is an error", a_missing_folder_is_an_error},
    CU_TEST_INFO_NULL,
};
