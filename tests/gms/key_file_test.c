/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/folder.h"
#include "tests/rng.h"
#include "tests/suites.h"

static void the_audit_key_comes_back(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    struct mu_sign_key key = {{0}}, again = {{0}};
    struct test_rng rng;
    const char *path;
    struct stat st;

    test_folder_make(&folder);
    test_rng_init(&rng, 1);
    path = test_folder_path(&folder, "key");
    CU_ASSERT_EQUAL(gms_audit_key_load(path, &key), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL_FATAL(gms_audit_key_make(path, &rng.rng), MU_OK);
    CU_ASSERT_EQUAL_FATAL(gms_audit_key_load(path, &key), MU_OK);
    CU_ASSERT_EQUAL(gms_audit_key_make(path, &rng.rng), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_audit_key_load(path, &again), MU_OK);
    CU_ASSERT_TRUE(mu_sign_key_eq(&key, &again));
    CU_ASSERT_FALSE(mu_sign_key_eq(&key, &(struct mu_sign_key){{0}}));
    CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
}

static void a_key_of_another_length_is_none(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    static const uint8_t octets[33] = {1};
    struct mu_sign_key key;

    test_folder_make(&folder);
    test_folder_write(&folder, "short", (struct span){octets, 31});
    test_folder_write(&folder, "long", (struct span){octets, 33});
    CU_ASSERT_EQUAL_FATAL(chmod(test_folder_path(&folder, "short"), 0600), 0);
    CU_ASSERT_EQUAL_FATAL(chmod(test_folder_path(&folder, "long"), 0600), 0);
    CU_ASSERT_EQUAL(
        gms_audit_key_load(test_folder_path(&folder, "short"), &key),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(gms_audit_key_load(test_folder_path(&folder, "long"), &key),
        MU_E_MALFORMED);
}

static const mode_t open_modes[] = {0640, 0604, 0610, 0601, 0660, 0666};

static void a_file_that_others_may_use_is_no_secret(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    const char *path;
    int fd = -1;

    test_folder_make(&folder);
    test_folder_write(&folder, "key", span_str("k"));
    path = test_folder_path(&folder, "key");
    for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
        CU_ASSERT_EQUAL_FATAL(chmod(path, open_modes[i]), 0);
        CU_ASSERT_EQUAL(gms_key_file_open(path, &fd), MU_E_DENIED);
    }
    CU_ASSERT_EQUAL(fd, -1);
    CU_ASSERT_EQUAL_FATAL(chmod(path, 0400), 0);
    CU_ASSERT_EQUAL(gms_key_file_open(path, &fd), MU_OK);
    CU_ASSERT_EQUAL(close(fd), 0);
}

/* Who is root can have one of another's. */
static void a_file_of_somebody_else_is_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    const char *path;
    int fd = -1;

    if (geteuid() != 0)
        return;
    test_folder_make(&folder);
    test_folder_write(&folder, "key", span_str("k"));
    path = test_folder_path(&folder, "key");
    CU_ASSERT_EQUAL_FATAL(chmod(path, 0600), 0);
    CU_ASSERT_EQUAL_FATAL(chown(path, 65534, 65534), 0);
    CU_ASSERT_EQUAL(gms_key_file_open(path, &fd), MU_E_DENIED);
}

static void what_is_no_file_is_no_secret(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    const char *path;
    int fd = -1;

    test_folder_make(&folder);
    path = test_folder_path(&folder, "fifo");
    CU_ASSERT_EQUAL_FATAL(mkfifo(path, 0600), 0);
    CU_ASSERT_EQUAL(gms_key_file_open(path, &fd), MU_E_DENIED);
    CU_ASSERT_EQUAL(gms_key_file_open(folder.path, &fd), MU_E_DENIED);
}

CU_TestInfo gms_key_file_tests[] = {
    {"the audit key comes back", the_audit_key_comes_back},
    {"a key of another length is none", a_key_of_another_length_is_none},
    {"a file that others may use is no secret",
        a_file_that_others_may_use_is_no_secret},
    {"a file of somebody else is refused", a_file_of_somebody_else_is_refused},
    {"what is no file is no secret", what_is_no_file_is_no_secret},
    CU_TEST_INFO_NULL,
};
