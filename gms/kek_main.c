/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kek_main.c - gmsd-kek: unwraps the KEKs of a file with the key of a PKCS#11
 * token, writes them to standard output, and is gone; or makes such a file.
 * or puts another KEK behind those of one. gmsd starts it (gms/kek.h).
 *
 *     gmsd-kek unwrap|wrap|add MODULE TOKEN KEY PIN-FILE KEK-FILE
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "gms/key_file.h"
#include "gms/token.h"

#define PIN_MAX  256
#define FILE_MAX ((size_t)MU_KEYRING_MAX * GMS_TOKEN_WRAPPED_LEN)
#define LIFE_S   20 /* a token that hangs must not hold up the monitor */

enum operand {
    COMMAND = 1,
    MODULE,
    TOKEN,
    KEY,
    PIN_FILE,
    KEK_FILE,
    OPERANDS
};

enum status {
    STATUS_OK,
    STATUS_FAILED,
    STATUS_USAGE
};

static enum mu_err fail(enum mu_err err, const char *what, const char *why)
{
    (void)fprintf(stderr, "gmsd-kek: %s: %s\n", what,
        why != NULL ? why : mu_err_name(err));
    return err;
}

static void close_token(struct gms_token **token)
{
    gms_token_close(*token);
}

static enum mu_err unwrap(struct gms_token *token, const char *path)
{
    MU_CLEANUP(buf_clear) struct buf wrapped = {0};
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek = {{0}};
    enum mu_err err = gms_key_file_read(path, FILE_MAX, &wrapped);

    if (err == MU_OK &&
        (wrapped.len == 0 || wrapped.len % GMS_TOKEN_WRAPPED_LEN != 0))
        err = MU_E_MALFORMED;
    for (size_t at = 0; err == MU_OK && at < wrapped.len;
         at += GMS_TOKEN_WRAPPED_LEN) {
        err = gms_token_unwrap(token, wrapped.p + at, &kek);
        if (err == MU_OK)
            err = mu_fd_write(STDOUT_FILENO, SPAN_OF(kek.b));
    }
    return err == MU_OK ? MU_OK : fail(err, path, NULL);
}

static enum mu_err make(
    struct gms_token *token, uint8_t wrapped[GMS_TOKEN_WRAPPED_LEN])
{
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek = {{0}};
    enum mu_err err = mu_rng_fill(mu_rng_system(), kek.b, sizeof(kek.b));

    if (err == MU_OK)
        err = gms_token_wrap(token, &kek, mu_rng_system(), wrapped);
    return err == MU_OK ? MU_OK : fail(err, "wrapping", NULL);
}

static enum mu_err add(struct gms_token *token, const char *path)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};
    uint8_t wrapped[GMS_TOKEN_WRAPPED_LEN];
    enum mu_err err = gms_key_file_read(path, FILE_MAX, &file);

    if (err == MU_OK && file.len == FILE_MAX)
        err = MU_E_NO_SPACE;
    if (err != MU_OK)
        return fail(err, path, NULL);
    TRY(make(token, wrapped));
    buf_add(&file, SPAN_OF(wrapped));
    err = file.err;
    if (err == MU_OK)
        err = mu_file_replace(path, S_IRUSR | S_IWUSR, buf_span(&file));
    return err == MU_OK ? MU_OK : fail(err, path, NULL);
}

static enum mu_err wrap(struct gms_token *token, const char *path)
{
    uint8_t wrapped[GMS_TOKEN_WRAPPED_LEN];
    enum mu_err err;

    TRY(make(token, wrapped));
    err = mu_file_create(path, S_IRUSR | S_IWUSR, SPAN_OF(wrapped));
    return err == MU_OK ? MU_OK : fail(err, path, NULL);
}

/* One line; its end is not of the PIN. */
static enum mu_err read_pin(const char *path, struct buf *out)
{
    enum mu_err err = gms_key_file_read(path, PIN_MAX, out);

    if (err != MU_OK)
        return fail(err, path, NULL);
    while (out->len > 0 &&
           (out->p[out->len - 1] == '\n' || out->p[out->len - 1] == '\r'))
        out->len--;
    return out->len > 0 ? MU_OK : fail(MU_E_MALFORMED, path, "is empty");
}

static enum mu_err run(char **argv)
{
    MU_CLEANUP(close_token) struct gms_token *token = NULL;
    MU_CLEANUP(buf_clear) struct buf pin = {0};
    struct gms_token_config config = {
        .module = argv[MODULE], .label = argv[TOKEN], .key = argv[KEY]};
    const char *why = "";
    enum mu_err err;

    TRY(read_pin(argv[PIN_FILE], &pin));
    config.pin = buf_span(&pin);
    err = gms_token_open(&config, &token, &why);
    if (err != MU_OK)
        return fail(err, argv[TOKEN], why);
    if (strcmp(argv[COMMAND], "wrap") == 0)
        return wrap(token, argv[KEK_FILE]);
    if (strcmp(argv[COMMAND], "add") == 0)
        return add(token, argv[KEK_FILE]);
    return unwrap(token, argv[KEK_FILE]);
}

static void guard(void)
{
    const struct rlimit none = {0, 0};

    (void)umask(S_IRWXG | S_IRWXO);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
    (void)alarm(LIFE_S);
}

static bool is_command(const char *name)
{
    return strcmp(name, "wrap") == 0 || strcmp(name, "unwrap") == 0 ||
           strcmp(name, "add") == 0;
}

int main(int argc, char **argv)
{
    if (argc != OPERANDS || !is_command(argv[COMMAND])) {
        (void)fprintf(stderr, "gmsd-kek: usage: gmsd starts this program\n");
        return (int)STATUS_USAGE;
    }
    guard();
    return run(argv) == MU_OK ? (int)STATUS_OK : (int)STATUS_FAILED;
}
