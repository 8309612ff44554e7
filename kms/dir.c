/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/dir.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum mu_err kms_dir_set(struct kms_dir *dir, const char *path)
{
    int len = snprintf(dir->path, sizeof(dir->path), "%s", path);

    return len > 0 && (size_t)len < sizeof(dir->path) ? MU_OK : MU_E_NO_SPACE;
}

void kms_dir_path(
    const struct kms_dir *dir, const char *name, char out[MU_PATH_MAX])
{
    (void)snprintf(out, MU_PATH_MAX, "%s/%s", dir->path, name);
}

static enum mu_err make_one(const char *path)
{
    if (mkdir(path, 0700) == 0)
        return MU_OK;
    return errno == EEXIST ? MU_E_STATE : MU_E_IO;
}

enum mu_err kms_dir_make(const struct kms_dir *dir)
{
    char path[MU_PATH_MAX];

    TRY(make_one(dir->path));
    kms_dir_path(dir, KMS_DIR_EXTERNAL, path);
    TRY(make_one(path));
    kms_dir_path(dir, KMS_DIR_CASES, path);
    return make_one(path);
}

enum mu_err kms_dir_remove(const struct kms_dir *dir)
{
    static const char *const files[] = {KMS_DIR_MASTER, KMS_DIR_CONF,
        KMS_DIR_CERT, KMS_DIR_USERS, KMS_DIR_LOG, KMS_DIR_LOG_KEY,
        KMS_DIR_OFFICERS, KMS_DIR_BUNDLE, KMS_DIR_SEQUENCE};
    char path[MU_PATH_MAX];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        kms_dir_path(dir, files[i], path);
        if (unlink(path) != 0 && errno != ENOENT)
            return MU_E_IO;
    }
    kms_dir_path(dir, KMS_DIR_EXTERNAL, path);
    if (rmdir(path) != 0)
        return MU_E_IO;
    kms_dir_path(dir, KMS_DIR_CASES, path);
    return rmdir(path) == 0 && rmdir(dir->path) == 0 ? MU_OK : MU_E_IO;
}

enum mu_err kms_dir_read(
    const struct kms_dir *dir, const char *name, struct buf *out)
{
    char path[MU_PATH_MAX];

    kms_dir_path(dir, name, path);
    return mu_file_read(path, KMS_DIR_FILE_MAX, out);
}

enum mu_err kms_dir_create(
    const struct kms_dir *dir, const char *name, struct span octets)
{
    char path[MU_PATH_MAX];

    kms_dir_path(dir, name, path);
    return mu_file_create(path, 0600, octets);
}

enum mu_err kms_dir_replace(
    const struct kms_dir *dir, const char *name, struct span octets)
{
    char path[MU_PATH_MAX];

    kms_dir_path(dir, name, path);
    return mu_file_replace(path, 0600, octets);
}
