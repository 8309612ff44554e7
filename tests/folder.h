/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder.h - a folder of a test's own, empty at first, for tests of files.
 *
 *     MU_CLEANUP(test_folder_remove) struct test_folder folder;
 *
 *     test_folder_make(&folder);
 *     err = thing_open(test_folder_path(&folder, "thing"));
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include "base/file.h"

struct test_folder {
    char path[64];
    char joined[256];
};

/* Aborts the test when there is no place for one. */
void test_folder_make(struct test_folder *folder);

/* Removes it with all that is in it. */
void test_folder_remove(struct test_folder *folder);

/* The path of a name in it, good until the next call. */
const char *test_folder_path(struct test_folder *folder, const char *name);

/* A file's octets; aborts the test when there is no such file. */
void test_folder_read(
    struct test_folder *folder, const char *name, struct buf *out);

/* Makes or changes a file. */
void test_folder_write(
    struct test_folder *folder, const char *name, struct span octets);

/* Where octets stand in what was read; NULL for nowhere. */
uint8_t *test_buf_find(const struct buf *in, struct span octets);

/* True when there is something of that name. */
bool test_folder_has(struct test_folder *folder, const char *name);

/* A full disk: no file of this process may grow past that many octets, until
 * it may again. */
void test_files_limit(size_t octets);
void test_files_unlimit(void);

#endif
