/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_world.c - the certificates and access tokens around gmsd and kdsd, for
 * the tests that run them (gms_world.sh):
 *
 *   make DIR USERS          ca.pem, and certificates with keys: server (both
 *                           servers'), client (a trusted proxy, client.test),
 *                           officer (sip:officer@example.org); jwks.json, and
 *                           in DIR/tokens a token for each line of the file
 *                           USERS, named as the user
 *   token DIR USER SCOPES SECONDS
 *                           prints a token that expires in so many seconds,
 *                           which may be negative
 *   forge DIR USER HOW      prints one that must be refused: HOW is none, hmac,
 *                           kid, signature, or issuer, whose name alone is
 *                           another
 *   search SECRETS FILE     prints a line for each secret of SECRETS, a file of
 *                           lines "NAME HEX", that FILE holds: as octets, hex
 *                           of either case, or base64
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/issuer.h"
#include "tests/pki.h"

/* What a member's device asks for: keys of its KMS, and its groups. */
#define SCOPES                                                                 \
    "3gpp:mc:ptt_key_management_service "                                      \
    "3gpp:mc:ptt_group_management_service"
#define DAY_S        86400
#define PATH_LEN     512
#define FILE_MAX     (4U << 20)
#define SEARCHED_MAX (1U << 30)
#define SECRET_MAX   512

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "gms_world: %s\n", what);
    exit(1);
}

static unsigned long long in_s(long long seconds)
{
    return (unsigned long long)((long long)time(NULL) + seconds);
}

static void path_of(char out[PATH_LEN], const char *dir, const char *name)
{
    int len = snprintf(out, PATH_LEN, "%s/%s", dir, name);

    must(len > 0 && len < PATH_LEN, "a path is too long");
}

static void put(const char *dir, const char *name, struct span octets)
{
    char path[PATH_LEN];

    path_of(path, dir, name);
    must(mu_file_create(path, 0600, octets) == MU_OK, path);
}

static void copy(const char *dir, const char *name, const char *from)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};

    must(mu_file_read(from, FILE_MAX, &file) == MU_OK, from);
    put(dir, name, buf_span(&file));
}

static void make_pki(const char *dir)
{
    MU_CLEANUP(test_pki_clear) struct test_pki pki;

    must(test_pki_make(&pki), "certificates");
    copy(dir, "ca.pem", pki.ca);
    copy(dir, "server.pem", pki.server);
    copy(dir, "server.key", pki.server_key);
    copy(dir, "client.pem", pki.client);
    copy(dir, "client.key", pki.client_key);
    copy(dir, "officer.pem", pki.officer);
    copy(dir, "officer.key", pki.officer_key);
}

/* The issuer's keys stay in DIR, for tokens that are made later. */
static void save_issuer_key(
    const char *dir, const char *name, const EVP_PKEY *key)
{
    char path[PATH_LEN];
    FILE *f;

    path_of(path, dir, name);
    f = fopen(path, "w");
    must(f != NULL, path);
    must(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1, path);
    must(fclose(f) == 0, path);
}

static EVP_PKEY *load_issuer_key(const char *dir, const char *name)
{
    char path[PATH_LEN];
    EVP_PKEY *key;
    FILE *f;

    path_of(path, dir, name);
    f = fopen(path, "r");
    must(f != NULL, path);
    key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    must(key != NULL, path);
    (void)fclose(f);
    return key;
}

static void load_issuer(const char *dir, struct test_issuer *issuer)
{
    memset(issuer, 0, sizeof(*issuer));
    issuer->rsa = load_issuer_key(dir, "issuer.rsa.pem");
    issuer->ec = load_issuer_key(dir, "issuer.ec.pem");
}

static void make_token(
    const struct test_issuer *issuer, const char *dir, const char *user)
{
    char token[TEST_TOKEN_MAX];

    must(
        test_issuer_token(issuer, user, SCOPES, in_s(DAY_S), token), "a token");
    put(dir, user, span_str(token));
}

static void make_tokens(
    const struct test_issuer *issuer, const char *dir, const char *users)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};
    char folder[PATH_LEN];
    char *user, *rest;

    path_of(folder, dir, "tokens");
    must(mkdir(folder, 0700) == 0, folder);
    must(mu_file_read(users, FILE_MAX, &file) == MU_OK, users);
    buf_add(&file, (struct span){(const uint8_t *)"", 1});
    must(file.err == MU_OK, "memory");
    for (user = strtok_r((char *)file.p, "\n", &rest); user != NULL;
         user = strtok_r(NULL, "\n", &rest))
        make_token(issuer, folder, user);
}

static void make(char **arg)
{
    MU_CLEANUP(test_issuer_clear) struct test_issuer issuer;

    must(test_issuer_make(&issuer), "token keys");
    save_issuer_key(arg[0], "issuer.rsa.pem", issuer.rsa);
    save_issuer_key(arg[0], "issuer.ec.pem", issuer.ec);
    put(arg[0], "jwks.json", span_str(issuer.jwks));
    make_pki(arg[0]);
    make_tokens(&issuer, arg[0], arg[1]);
}

static void print_token(char **arg)
{
    MU_CLEANUP(test_issuer_clear) struct test_issuer issuer;
    char token[TEST_TOKEN_MAX];

    load_issuer(arg[0], &issuer);
    must(test_issuer_token(
             &issuer, arg[1], arg[2], in_s(strtoll(arg[3], NULL, 10)), token),
        "a token");
    (void)puts(token);
}

/* Each is good but for one thing. */
static const struct {
    const char *how;
    enum test_signature kind;
    const char *header;
} forgeries[] = {
    {"none", TEST_UNSIGNED, "{\"alg\":\"none\",\"kid\":\"ec-1\"}"},
    {"hmac", TEST_HS256, "{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}"},
    {"kid", TEST_ES256, "{\"alg\":\"ES256\",\"kid\":\"ec-9\"}"},
    {"issuer", TEST_ES256, "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}"},
    {"signature", TEST_UNSIGNED, "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}"},
};

static void forge(char **arg)
{
    MU_CLEANUP(test_issuer_clear) struct test_issuer issuer;
    char payload[1024], token[TEST_TOKEN_MAX];
    size_t i = 0;

    while (i < sizeof(forgeries) / sizeof(forgeries[0]) &&
           strcmp(forgeries[i].how, arg[2]) != 0)
        i++;
    must(i < sizeof(forgeries) / sizeof(forgeries[0]), arg[2]);
    load_issuer(arg[0], &issuer);
    (void)snprintf(payload, sizeof(payload),
        "{\"iss\":\"%s\",\"mcptt_id\":\"%s\",\"scope\":\"%s\",\"exp\":%llu}",
        strcmp(arg[2], "issuer") == 0 ? "https://elsewhere.example"
                                      : TEST_ISSUER,
        arg[1], SCOPES, in_s(DAY_S));
    must(test_issuer_sign(
             &issuer, forgeries[i].kind, forgeries[i].header, payload, token),
        "a token");
    (void)puts(token);
}

/* ------------------------------------------------------------------ search */

static bool holds(struct span text, struct span octets)
{
    const uint8_t *p = text.p;
    size_t left = text.len;

    while (octets.len > 0 && left >= octets.len) {
        const uint8_t *at = memchr(p, octets.p[0], left - octets.len + 1);

        if (at == NULL)
            return false;
        if (memcmp(at, octets.p, octets.len) == 0)
            return true;
        left -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    return false;
}

static void to_upper(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'a' && *text <= 'f')
            *text = (char)(*text - 'a' + 'A');
}

/* Base64 of a secret that begins at any octet of a triple has its middle in
 * common: what depends on neighbours is left out at both ends. */
static bool holds_base64(struct span text, struct span secret)
{
    char base64[MU_BASE64_LEN(SECRET_MAX)];

    for (size_t skip = 0; skip < 3; skip++) {
        struct span whole = {secret.p + skip, (secret.len - skip) / 3 * 3};

        mu_base64_write(whole, base64);
        if (holds(text, span_str(base64)))
            return true;
    }
    return false;
}

static const char *how_held(struct span text, struct span secret)
{
    char hex[MU_HEX_LEN(SECRET_MAX)];

    if (holds(text, secret))
        return "octets";
    mu_hex_write(secret, hex);
    if (holds(text, span_str(hex)))
        return "hex";
    to_upper(hex);
    if (holds(text, span_str(hex)))
        return "hex in capitals";
    return holds_base64(text, secret) ? "base64" : NULL;
}

static void search_for(char *line, struct span text, const char *path)
{
    char *hex = strchr(line, ' ');
    uint8_t secret[SECRET_MAX];
    const char *how;
    size_t len = 0;

    must(hex != NULL, "a secret has no value");
    *hex++ = '\0';
    must(mu_hex_read(span_str(hex), secret, sizeof(secret), &len) == MU_OK &&
             len >= 16,
        line);
    how = how_held(text, (struct span){secret, len});
    if (how != NULL)
        (void)printf("%s in %s as %s\n", line, path, how);
}

static void search(char **arg)
{
    MU_CLEANUP(buf_clear) struct buf secrets = {0};
    MU_CLEANUP(buf_clear) struct buf text = {0};
    char *line, *rest;

    must(mu_file_read(arg[0], FILE_MAX, &secrets) == MU_OK, arg[0]);
    must(mu_file_read(arg[1], SEARCHED_MAX, &text) == MU_OK, arg[1]);
    buf_add(&secrets, (struct span){(const uint8_t *)"", 1});
    must(secrets.err == MU_OK, "memory");
    for (line = strtok_r((char *)secrets.p, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        search_for(line, buf_span(&text), arg[1]);
}

static const struct {
    const char *name;
    int args;
    void (*run)(char **arg);
} commands[] = {
    {"make", 2, make},
    {"token", 4, print_token},
    {"forge", 3, forge},
    {"search", 2, search},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (argc >= 2 && strcmp(argv[1], commands[i].name) == 0 &&
            argc - 2 == commands[i].args) {
            commands[i].run(argv + 2);
            return 0;
        }
    (void)fputs("usage: gms_world COMMAND ARG...\n", stderr);
    return 2;
}
