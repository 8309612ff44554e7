/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/kek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "gms/key_file.h"
#include "gms/spawn.h"
#include "gms/token.h"

#define KEK_LEN  sizeof(struct mu_kek)
#define KEKS_MAX (MU_KEYRING_MAX * KEK_LEN)
#define FILE_MAX (MU_KEYRING_MAX * (size_t)GMS_TOKEN_WRAPPED_LEN)

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* ---- a file, a credential ---- */

static enum mu_err check_len(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return MU_E_IO;
    if (!S_ISREG(st.st_mode) || st.st_size <= 0 ||
        (size_t)st.st_size > KEKS_MAX || (size_t)st.st_size % KEK_LEN != 0)
        return MU_E_MALFORMED;
    return MU_OK;
}

/* opened is the caller's or closed. */
static enum mu_err take(int opened, int *fd)
{
    enum mu_err err = check_len(opened);

    if (err == MU_OK)
        *fd = opened;
    else
        (void)close(opened);
    return err;
}

static enum mu_err open_file(const char *path, int *fd)
{
    int opened = -1;

    TRY(gms_key_file_open(path, &opened));
    return take(opened, fd);
}

/* systemd guards the folder, and gives a file to its service by an access list,
 * which shows in the mode as the group's: so that says nothing. */
static enum mu_err open_credential(const char *name, int *fd)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    char path[MU_PATH_MAX];
    int len, opened;

    if (dir == NULL)
        return MU_E_NOT_FOUND;
    len = snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (len < 0 || (size_t)len >= sizeof(path))
        return MU_E_NO_SPACE;
    opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (opened < 0)
        return errno == ENOENT ? MU_E_NOT_FOUND : MU_E_IO;
    return take(opened, fd);
}

/* ---- a token ---- */

/* It ends by itself (gmsd-kek has an alarm), so waiting is bounded. */
static enum mu_err await(pid_t pid)
{
    int status = 0;
    pid_t got;

    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got != pid || !WIFEXITED(status))
        return MU_E_IO;
    return WEXITSTATUS(status) == 0 ? MU_OK : MU_E_CRYPTO;
}

/* Runs gmsd-kek, its standard output to fd. */
static enum mu_err run_helper(const struct gms_conf *conf, const char *programs,
    const char *command, int fd)
{
    const struct gms_conf_pkcs11 *token = &conf->pkcs11;
    const char *const argv[] = {GMS_KEK_PROGRAM, command, token->module,
        token->token, token->key, token->pin_file, conf->kek_file, NULL};
    const struct gms_spawn_fd out = {fd, STDOUT_FILENO};
    char path[MU_PATH_MAX];
    struct gms_spawn spawn = {
        .path = path, .argv = argv, .fds = &out, .fds_len = 1, .user = ""};
    int len = snprintf(path, sizeof(path), "%s/%s", programs, GMS_KEK_PROGRAM);
    pid_t pid;

    if (len < 0 || (size_t)len >= sizeof(path))
        return MU_E_NO_SPACE;
    TRY(gms_spawn(&spawn, &pid));
    return await(pid);
}

/* The KEKs wait in the pipe: no pipe is as small. */
static enum mu_err open_token(
    const struct gms_conf *conf, const char *programs, int *fd)
{
    int ends[2];
    enum mu_err err;

    if (pipe(ends) != 0)
        return MU_E_IO;
    err = run_helper(conf, programs, "unwrap", ends[1]);
    (void)close(ends[1]);
    if (err == MU_OK)
        *fd = ends[0];
    else
        (void)close(ends[0]);
    return err;
}

static bool has_token(const struct gms_conf *conf)
{
    return conf->pkcs11.module[0] != '\0';
}

static bool has_credential(const struct gms_conf *conf)
{
    return conf->kek_credential[0] != '\0';
}

static const char *source_of(const struct gms_conf *conf)
{
    if (has_token(conf))
        return conf->pkcs11.token;
    return has_credential(conf) ? conf->kek_credential : conf->kek_file;
}

enum mu_err gms_kek_open(const struct gms_conf *conf, const char *programs,
    int *fd, struct gms_kek_why *why)
{
    why->what = source_of(conf);
    if (has_token(conf))
        return open_token(conf, programs, fd);
    if (has_credential(conf))
        return open_credential(conf->kek_credential, fd);
    return open_file(conf->kek_file, fd);
}

enum mu_err gms_kek_load(const struct gms_conf *conf, const char *programs,
    struct mu_keyring *ring, struct gms_kek_why *why)
{
    MU_CLEANUP(close_fd) int fd = -1;
    MU_CLEANUP(buf_clear) struct buf octets = {0};
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek = {{0}};

    TRY(gms_kek_open(conf, programs, &fd, why));
    TRY(mu_fd_read(fd, KEKS_MAX, &octets));
    if (octets.len == 0 || octets.len % KEK_LEN != 0)
        return MU_E_MALFORMED;
    for (size_t at = 0; at < octets.len; at += KEK_LEN) {
        memcpy(kek.b, octets.p + at, KEK_LEN);
        TRY(mu_keyring_add(ring, &kek));
    }
    return MU_OK;
}

static enum mu_err make_file(const char *path, const struct mu_rng *rng)
{
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek = {{0}};

    TRY(mu_rng_fill(rng, kek.b, sizeof(kek.b)));
    return mu_file_create(path, S_IRUSR | S_IWUSR, SPAN_OF(kek.b));
}

enum mu_err gms_kek_make(const struct gms_conf *conf, const char *programs,
    const struct mu_rng *rng, struct gms_kek_why *why)
{
    why->what = source_of(conf);
    if (has_credential(conf))
        return MU_E_UNSUPPORTED;
    if (!has_token(conf))
        return make_file(conf->kek_file, rng);
    if (access(conf->kek_file, F_OK) == 0) {
        why->what = conf->kek_file;
        return MU_E_STATE;
    }
    return run_helper(conf, programs, "wrap", STDERR_FILENO);
}

static enum mu_err add_to_file(const char *path, const struct mu_rng *rng)
{
    MU_CLEANUP(buf_clear) struct buf octets = {0};
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek = {{0}};

    TRY(gms_key_file_read(path, KEKS_MAX, &octets));
    if (octets.len == 0 || octets.len % KEK_LEN != 0)
        return MU_E_MALFORMED;
    if (octets.len == KEKS_MAX)
        return MU_E_NO_SPACE;
    TRY(mu_rng_fill(rng, kek.b, sizeof(kek.b)));
    buf_add(&octets, SPAN_OF(kek.b));
    TRY(octets.err);
    return mu_file_replace(path, S_IRUSR | S_IWUSR, buf_span(&octets));
}

enum mu_err gms_kek_add(const struct gms_conf *conf, const char *programs,
    const struct mu_rng *rng, struct gms_kek_why *why)
{
    why->what = source_of(conf);
    if (has_credential(conf))
        return MU_E_UNSUPPORTED;
    if (has_token(conf))
        return run_helper(conf, programs, "add", STDERR_FILENO);
    return add_to_file(conf->kek_file, rng);
}

/* Wrote them there before, and was killed: that is no other one. */
static enum mu_err put_away(const char *path, struct span octets)
{
    MU_CLEANUP(buf_clear) struct buf before = {0};
    enum mu_err err = mu_file_create(path, S_IRUSR | S_IWUSR, octets);

    if (err != MU_E_STATE)
        return err;
    TRY(gms_key_file_read(path, FILE_MAX, &before));
    return span_eq(buf_span(&before), octets) ? MU_OK : MU_E_STATE;
}

enum mu_err gms_kek_retire(const struct gms_conf *conf, struct gms_kek_why *why)
{
    MU_CLEANUP(buf_clear) struct buf octets = {0};
    size_t one = has_token(conf) ? GMS_TOKEN_WRAPPED_LEN : KEK_LEN;
    char away[MU_PATH_MAX];
    size_t old;
    int len;

    why->what = has_credential(conf) ? conf->kek_credential : conf->kek_file;
    if (has_credential(conf))
        return MU_E_UNSUPPORTED;
    len = snprintf(away, sizeof(away), "%s" GMS_KEK_RETIRED, conf->kek_file);
    if (len < 0 || (size_t)len >= sizeof(away))
        return MU_E_NO_SPACE;
    TRY(gms_key_file_read(conf->kek_file, FILE_MAX, &octets));
    if (octets.len == 0 || octets.len % one != 0)
        return MU_E_MALFORMED;
    old = octets.len - one;
    if (old == 0)
        return MU_OK;
    TRY(put_away(away, (struct span){octets.p, old}));
    return mu_file_replace(
        conf->kek_file, S_IRUSR | S_IWUSR, (struct span){octets.p + old, one});
}
