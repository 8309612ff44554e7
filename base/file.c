/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 4096

enum mu_err mu_fd_read(int fd, size_t max, struct buf *out)
{
    while (buf_reserve(out, CHUNK)) {
        ssize_t n = read(fd, out->p + out->len, CHUNK);

        if (n == 0)
            return MU_OK;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return MU_E_IO;
        out->len += (size_t)n;
        if (out->len > max)
            return MU_E_NO_SPACE;
    }
    return out->err;
}

enum mu_err mu_fd_write(int fd, struct span octets)
{
    size_t at = 0;

    while (at < octets.len) {
        ssize_t n = write(fd, octets.p + at, octets.len - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return MU_E_IO;
        at += (size_t)n;
    }
    return MU_OK;
}

enum mu_err mu_file_read(const char *path, size_t max, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    enum mu_err err;

    if (fd < 0)
        return errno == ENOENT ? MU_E_NOT_FOUND : MU_E_IO;
    err = mu_fd_read(fd, max, out);
    (void)close(fd);
    return err;
}

/* Makes the names in a file's folder durable. */
static enum mu_err sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[MU_PATH_MAX];
    enum mu_err err;
    int fd;

    (void)snprintf(folder, sizeof(folder), "%.*s",
        slash == NULL ? 1 : (int)(slash - path + 1),
        slash == NULL ? "." : path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return MU_E_IO;
    err = fsync(fd) == 0 ? MU_OK : MU_E_IO;
    (void)close(fd);
    return err;
}

/* A new file with these octets on disk; its name not yet. */
static enum mu_err write_new(
    const char *path, unsigned mode, struct span octets)
{
    int fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    enum mu_err err;

    if (fd < 0)
        return errno == EEXIST ? MU_E_STATE : MU_E_IO;
    err = mu_fd_write(fd, octets);
    if (err == MU_OK && fsync(fd) != 0)
        err = MU_E_IO;
    if (close(fd) != 0)
        err = MU_E_IO;
    if (err != MU_OK)
        (void)unlink(path);
    return err;
}

enum mu_err mu_file_create(const char *path, unsigned mode, struct span octets)
{
    TRY(write_new(path, mode, octets));
    if (sync_folder(path) == MU_OK)
        return MU_OK;
    (void)unlink(path);
    return MU_E_IO;
}

enum mu_err mu_file_replace(const char *path, unsigned mode, struct span octets)
{
    char beside[MU_PATH_MAX];
    int len = snprintf(beside, sizeof(beside), "%s.new", path);

    if (len < 0 || (size_t)len >= sizeof(beside))
        return MU_E_NO_SPACE;
    /* Left by a crash, or a trap: never written through. */
    if (unlink(beside) != 0 && errno != ENOENT)
        return MU_E_IO;
    TRY(write_new(beside, mode, octets));
    if (rename(beside, path) != 0) {
        (void)unlink(beside);
        return MU_E_IO;
    }
    return sync_folder(path);
}
