/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/external.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void kms_external_clear(struct kms_external *external)
{
    while (external->len > 0)
        buf_clear(&external->text[--external->len]);
    mu_free(external->text);
    mu_free(external->certs);
    *external = (struct kms_external){.len = 0};
}

static int is_certificate(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 4 && strcmp(entry->d_name + len - 4, ".xml") == 0;
}

/* One file after another; the entries are scandir()'s. */
static enum mu_err read_all(const struct kms_dir *dir,
    struct dirent *const *entries, size_t count, struct kms_external *out)
{
    char name[sizeof(KMS_DIR_EXTERNAL) + NAME_MAX + 2];

    out->text = mu_alloc_array(count + 1, sizeof(*out->text));
    out->certs = mu_alloc_array(count + 1, sizeof(*out->certs));
    if (out->text == NULL || out->certs == NULL)
        return MU_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct buf *text = &out->text[out->len];

        (void)snprintf(
            name, sizeof(name), "%s/%s", KMS_DIR_EXTERNAL, entries[i]->d_name);
        TRY(kms_dir_read(dir, name, text));
        out->certs[out->len++] = buf_span(text);
    }
    return MU_OK;
}

enum mu_err kms_external_load(
    const struct kms_dir *dir, struct kms_external *out)
{
    char path[MU_PATH_MAX];
    struct dirent **entries;
    enum mu_err err = MU_E_NO_SPACE;
    int count;

    kms_dir_path(dir, KMS_DIR_EXTERNAL, path);
    count = scandir(path, &entries, is_certificate, alphasort);
    if (count < 0)
        return MU_E_IO;
    if (count <= KMS_EXTERNAL_MAX)
        err = read_all(dir, entries, (size_t)count, out);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return err;
}
