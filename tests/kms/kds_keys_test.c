/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_keys.h"

#include <sys/stat.h>

#include "tests/folder.h"
#include "tests/rng.h"
#include "tests/suites.h"

/* A folder with one key file, "key". */
struct fixture {
    struct test_folder folder;
    struct test_rng rng;
    const char *path;
};

static void setup(struct fixture *f)
{
    test_folder_make(&f->folder);
    test_rng_init(&f->rng, 3);
    f->path = test_folder_path(&f->folder, "key");
    CU_ASSERT_EQUAL_FATAL(kds_key_file_make(f->path, &f->rng.rng), MU_OK);
}

static void fixture_clear(struct fixture *f)
{
    test_folder_remove(&f->folder);
}

static void a_made_file_is_read_back(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    struct kms_import_key key = {{0}};
    const struct kms_import_key none = {{0}};

    setup(&f);
    CU_ASSERT_EQUAL(kds_import_key_load(f.path, &key), MU_OK);
    CU_ASSERT_FALSE(kms_import_key_eq(&key, &none));
    CU_ASSERT_EQUAL(kds_kek_load(f.path, &ring), MU_OK);
    CU_ASSERT_EQUAL(ring.len, 1);
}

static void no_file_is_made_twice(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(kds_key_file_make(f.path, &f.rng.rng), MU_E_STATE);
}

static void a_file_open_to_others_is_refused(void)
{
    static const mode_t modes[] = {0640, 0620, 0604, 0601};
    MU_CLEANUP(fixture_clear) struct fixture f;
    struct kms_import_key key;

    setup(&f);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        CU_ASSERT_EQUAL_FATAL(chmod(f.path, modes[i]), 0);
        CU_ASSERT_EQUAL(kds_import_key_load(f.path, &key), MU_E_DENIED);
    }
}

static void what_is_no_key_is_refused(void)
{
    static const char *const texts[] = {"", "00\n", "zz\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n"};
    MU_CLEANUP(fixture_clear) struct fixture f;
    struct kms_import_key key;

    setup(&f);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        test_folder_write(&f.folder, "key", span_str(texts[i]));
        CU_ASSERT_EQUAL_FATAL(chmod(f.path, 0600), 0);
        CU_ASSERT_EQUAL(kds_import_key_load(f.path, &key), MU_E_MALFORMED);
    }
}

static void a_file_that_is_not_there_is_told_apart(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;
    struct kms_import_key key;

    setup(&f);
    CU_ASSERT_EQUAL(
        kds_import_key_load(test_folder_path(&f.folder, "none"), &key),
        MU_E_NOT_FOUND);
}

CU_TestInfo kms_kds_keys_tests[] = {
    {"a made file is read back", a_made_file_is_read_back},
    {"no file is made twice", no_file_is_made_twice},
    {"a file open to others is refused", a_file_open_to_others_is_refused},
    {"what is no key is refused", what_is_no_key_is_refused},
    {"a file that is not there is told apart",
        a_file_that_is_not_there_is_told_apart},
    CU_TEST_INFO_NULL,
};
