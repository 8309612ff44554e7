/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define KEY_LEN  32
#define FILE_MAX 256

SECRET_TYPE(file_key, KEY_LEN);

_Static_assert(KEY_LEN == sizeof(struct mu_kek) &&
                   KEY_LEN == sizeof(struct kms_import_key),
    "a key file holds either");

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static enum mu_err read_text(const char *path, struct buf *out)
{
    MU_CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0)
        return errno == ENOENT ? MU_E_NOT_FOUND : MU_E_IO;
    if (fstat(fd, &st) != 0)
        return MU_E_IO;
    if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return MU_E_DENIED;
    return mu_fd_read(fd, FILE_MAX, out);
}

static enum mu_err read_key(const char *path, struct file_key *out)
{
    MU_CLEANUP(buf_clear) struct buf text = {0};
    struct span digits;
    size_t len = 0;

    TRY(read_text(path, &text));
    digits = buf_span(&text);
    while (digits.len > 0 && (digits.p[digits.len - 1] == '\n' ||
                                 digits.p[digits.len - 1] == '\r'))
        digits.len--;
    if (mu_hex_read(digits, out->b, sizeof(out->b), &len) != MU_OK ||
        len != sizeof(out->b))
        return MU_E_MALFORMED;
    return MU_OK;
}

enum mu_err kds_kek_load(const char *path, struct mu_keyring *ring)
{
    MU_CLEANUP(file_key_clear) struct file_key key = {0};
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek = {0};

    TRY(read_key(path, &key));
    memcpy(kek.b, key.b, sizeof(kek.b));
    return mu_keyring_add(ring, &kek);
}

enum mu_err kds_import_key_load(const char *path, struct kms_import_key *out)
{
    MU_CLEANUP(file_key_clear) struct file_key key = {0};

    TRY(read_key(path, &key));
    memcpy(out->b, key.b, sizeof(out->b));
    return MU_OK;
}

enum mu_err kds_key_file_make(const char *path, const struct mu_rng *rng)
{
    MU_CLEANUP(file_key_clear) struct file_key key = {0};
    MU_CLEANUP(buf_clear) struct buf text = {0};

    TRY(mu_rng_fill(rng, key.b, sizeof(key.b)));
    buf_hex(&text, SPAN_OF(key.b));
    buf_text(&text, "\n");
    TRY(text.err);
    return mu_file_create(path, S_IRUSR | S_IWUSR, buf_span(&text));
}
