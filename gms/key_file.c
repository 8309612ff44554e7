/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static bool is_secret(const struct stat *st)
{
    return S_ISREG(st->st_mode) && (st->st_mode & (S_IRWXG | S_IRWXO)) == 0 &&
           (st->st_uid == 0 || st->st_uid == geteuid());
}

enum mu_err gms_key_file_open(const char *path, int *fd)
{
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    enum mu_err err = MU_OK;

    if (opened < 0)
        return errno == ENOENT ? MU_E_NOT_FOUND : MU_E_IO;
    if (fstat(opened, &st) != 0)
        err = MU_E_IO;
    else if (!is_secret(&st))
        err = MU_E_DENIED;
    if (err == MU_OK)
        *fd = opened;
    else
        (void)close(opened);
    return err;
}

enum mu_err gms_key_file_read(const char *path, size_t max, struct buf *out)
{
    enum mu_err err;
    int fd = -1;

    TRY(gms_key_file_open(path, &fd));
    err = mu_fd_read(fd, max, out);
    (void)close(fd);
    return err;
}

enum mu_err gms_audit_key_make(const char *path, const struct mu_rng *rng)
{
    MU_CLEANUP(mu_sign_key_clear) struct mu_sign_key key = {{0}};

    TRY(mu_sign_key_make(rng, &key));
    return mu_file_create(path, S_IRUSR | S_IWUSR, SPAN_OF(key.b));
}

enum mu_err gms_audit_key_load(const char *path, struct mu_sign_key *out)
{
    MU_CLEANUP(buf_clear) struct buf octets = {0};
    enum mu_err err = gms_key_file_read(path, sizeof(out->b), &octets);

    if (err == MU_E_NO_SPACE)
        return MU_E_MALFORMED;
    TRY(err);
    if (octets.len != sizeof(out->b))
        return MU_E_MALFORMED;
    memcpy(out->b, octets.p, sizeof(out->b));
    return MU_OK;
}
