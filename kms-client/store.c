/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/store.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/seal.h"
#include "base/text.h"

#define KEY_FILE "device.key"
#define SUFFIX   ".user"
#define HASH_LEN 8 /* octets of the name */
#define FILE_MAX (MU_SEAL_MAX + MU_SEAL_OVERHEAD)

struct path {
    char text[MU_PATH_MAX];
};

static enum mu_err path_of(const char *dir, const char *name, struct path *out)
{
    int len = snprintf(out->text, sizeof(out->text), "%s/%s", dir, name);

    if (len < 0 || (size_t)len >= sizeof(out->text))
        return MU_E_NO_SPACE;
    return MU_OK;
}

enum mu_err kms_store_name(
    const struct mcptt_id *user, struct kms_store_name *out)
{
    struct span uri = mcptt_id_span(user);
    uint8_t hash[EVP_MAX_MD_SIZE];

    if (EVP_Digest(uri.p, uri.len, hash, NULL, EVP_sha256(), NULL) != 1)
        return MU_E_CRYPTO;
    mu_hex_write((struct span){hash, HASH_LEN}, out->text);
    memcpy(out->text + (size_t)2 * HASH_LEN, SUFFIX, sizeof(SUFFIX));
    return MU_OK;
}

/* Bound to its file's name, so that one user's file is not another's. */
static struct mu_seal_use use_of(const struct kms_store_name *name)
{
    return (struct mu_seal_use){"kms-client user", span_str(name->text)};
}

enum mu_err kms_store_save(const char *dir, const struct mu_keyring *ring,
    const struct mu_rng *rng, const struct kms_device *device)
{
    MU_CLEANUP(buf_clear) struct buf plain = {0};
    MU_CLEANUP(buf_clear) struct buf sealed = {0};
    struct kms_store_name name;
    struct mu_seal_use use;
    struct path path = {""};

    TRY(kms_store_name(kms_keyset_user(device->keys), &name));
    TRY(path_of(dir, name.text, &path));
    TRY(kms_device_write(device, &plain));
    if (!buf_reserve(&sealed, MU_SEAL_LEN(plain.len)))
        return sealed.err;
    use = use_of(&name);
    TRY(mu_seal(ring, &use, buf_span(&plain), rng, sealed.p));
    sealed.len = MU_SEAL_LEN(plain.len);
    return mu_file_replace(path.text, 0600, buf_span(&sealed));
}

/* What is in it is for the user whose name it has. */
static enum mu_err check_name(
    const struct kms_device *device, const struct kms_store_name *name)
{
    struct kms_store_name is;

    TRY(kms_store_name(&device->enrolment.user_uri, &is));
    return strcmp(is.text, name->text) == 0 ? MU_OK : MU_E_CRYPTO;
}

enum mu_err kms_store_load(const char *dir, const struct mu_keyring *ring,
    const struct kms_store_name *name, struct kms_device *out)
{
    MU_CLEANUP(kms_device_clear) struct kms_device device = {.keys = NULL};
    MU_CLEANUP(buf_clear) struct buf sealed = {0};
    MU_CLEANUP(buf_clear) struct buf plain = {0};
    struct mu_seal_use use = use_of(name);
    struct path path = {""};
    size_t len = 0;

    TRY(path_of(dir, name->text, &path));
    TRY(mu_file_read(path.text, FILE_MAX, &sealed));
    TRY(mu_seal_plain_len(buf_span(&sealed), &len));
    if (!buf_reserve(&plain, len))
        return plain.err;
    TRY(mu_unseal(ring, &use, buf_span(&sealed), plain.p, len));
    plain.len = len;
    TRY(kms_device_read(buf_span(&plain), &device));
    TRY(check_name(&device, name));
    *out = device;
    device = (struct kms_device){.keys = NULL};
    return MU_OK;
}

enum mu_err kms_store_make(const char *dir, const struct mu_rng *rng)
{
    MU_CLEANUP(mu_kek_clear) struct mu_kek key = {{0}};
    struct path path = {""};
    enum mu_err err;

    TRY(path_of(dir, KEY_FILE, &path));
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return MU_E_IO;
    TRY(mu_rng_fill(rng, key.b, sizeof(key.b)));
    err = mu_file_create(path.text, 0600, SPAN_OF(key.b));
    return err == MU_E_STATE ? MU_OK : err;
}

enum mu_err kms_store_read_key(const char *dir, struct mu_keyring *ring)
{
    MU_CLEANUP(buf_clear) struct buf octets = {0};
    MU_CLEANUP(mu_kek_clear) struct mu_kek key = {{0}};
    struct path path = {""};
    enum mu_err err;

    TRY(path_of(dir, KEY_FILE, &path));
    err = mu_file_read(path.text, sizeof(key.b), &octets);
    if (err == MU_E_NO_SPACE || (err == MU_OK && octets.len != sizeof(key.b)))
        return MU_E_MALFORMED;
    TRY(err);
    memcpy(key.b, octets.p, sizeof(key.b));
    return mu_keyring_add(ring, &key);
}

static int is_user(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len == KMS_STORE_NAME_LEN &&
           strspn(entry->d_name, "0123456789abcdef") == 2 * (size_t)HASH_LEN &&
           strcmp(entry->d_name + 2 * (size_t)HASH_LEN, SUFFIX) == 0;
}

enum mu_err kms_store_walk(const char *dir, kms_store_each *each, void *ctx)
{
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, is_user, alphasort);
    enum mu_err err = MU_OK;

    if (count < 0)
        return errno == ENOMEM ? MU_E_NO_MEMORY : MU_E_NOT_FOUND;
    for (int i = 0; i < count; i++) {
        struct kms_store_name name;

        memcpy(name.text, entries[i]->d_name, sizeof(name.text));
        if (err == MU_OK)
            err = each(ctx, &name);
        free(entries[i]);
    }
    free(entries);
    return err;
}
