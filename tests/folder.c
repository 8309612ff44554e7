/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/folder.h"

#include <CUnit/CUnit.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void test_folder_make(struct test_folder *folder)
{
    (void)snprintf(
        folder->path, sizeof(folder->path), "/tmp/muster-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder->path));
}

void test_folder_remove(struct test_folder *folder)
{
    char *const roots[] = {folder->path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *at;

    CU_ASSERT_PTR_NOT_NULL_FATAL(walk);
    while ((at = fts_read(walk)) != NULL)
        if (at->fts_info != FTS_D) /* a folder after what is in it */
            CU_ASSERT_EQUAL(remove(at->fts_accpath), 0);
    (void)fts_close(walk);
}

const char *test_folder_path(struct test_folder *folder, const char *name)
{
    (void)snprintf(
        folder->joined, sizeof(folder->joined), "%s/%s", folder->path, name);
    return folder->joined;
}

void test_folder_read(
    struct test_folder *folder, const char *name, struct buf *out)
{
    CU_ASSERT_EQUAL_FATAL(
        mu_file_read(test_folder_path(folder, name), 1 << 20, out), MU_OK);
}

void test_folder_write(
    struct test_folder *folder, const char *name, struct span octets)
{
    enum mu_err err =
        mu_file_replace(test_folder_path(folder, name), 0600, octets);

    if (err != MU_OK) /* the system's reason, which MU_E_IO does not tell */
        perror(folder->joined);
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

bool test_folder_has(struct test_folder *folder, const char *name)
{
    return access(test_folder_path(folder, name), F_OK) == 0;
}

uint8_t *test_buf_find(const struct buf *in, struct span octets)
{
    for (size_t i = 0; i + octets.len <= in->len; i++)
        if (memcmp(in->p + i, octets.p, octets.len) == 0)
            return in->p + i;
    return NULL;
}

void test_files_limit(size_t octets)
{
    struct rlimit limit;

    /* Without it, the signal would end the process before write() fails. */
    CU_ASSERT_PTR_NOT_EQUAL_FATAL(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = octets;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void test_files_unlimit(void)
{
    struct rlimit limit;

    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
}
