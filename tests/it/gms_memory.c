/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_memory.c - what a memory image of gmsd must not have in it, from the
 * secrets of the KMS (gms_memory_test.sh):
 *
 *   master DIR          the master secrets of the test KMS in DIR: "z HEX",
 *                       "ksak HEX"
 *   trk DIR USER        "trk HEX": the user's transport key, from DIR/users
 *   search FILE         reads lines "NAME HEX" from standard input and prints
 *                       the names of those that are in the file: as octets, in
 *                       either order, in hex of either case, or in base64
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "kms/master.h"
#include "kms/users.h"

#define SECRET_MAX 512
#define LINE_MAX_  2048

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "gms_memory: %s\n", what);
    exit(1);
}

static void print(const char *name, struct span octets)
{
    char hex[MU_HEX_LEN(SECRET_MAX)];

    mu_hex_write(octets, hex);
    (void)printf("%s %s\n", name, hex);
}

static void load(
    const char *path, struct kms_dir *dir, struct kms_master *master)
{
    struct kms_sealing_key key;
    struct kms_facts facts;

    must(kms_dir_set(dir, path) == MU_OK, "directory");
    must(kms_sealing_key_test(&key) == MU_OK, "sealing key");
    must(kms_master_load(dir, &key, &facts, master) == MU_OK, "master secrets");
}

static void master(char **arg)
{
    struct kms_master secrets;
    struct kms_dir dir;

    load(arg[0], &dir, &secrets);
    print("z", SPAN_OF(secrets.z.b));
    print("ksak", SPAN_OF(secrets.ksak.b));
}

static void trk(char **arg)
{
    MU_CLEANUP(kms_users_clear) struct kms_users users = {0};
    struct mu_keyring ring = {0};
    struct kms_master secrets;
    struct kms_user_keys keys;
    struct kms_dir dir;
    struct kms_user *user;

    load(arg[0], &dir, &secrets);
    must(mu_keyring_add(&ring, &secrets.users) == MU_OK, "user-key key");
    must(kms_users_load(&dir, &users, NULL) == MU_OK, "users");
    user = kms_users_find(&users, span_str(arg[1]));
    must(user != NULL, "no such user");
    must(kms_user_open(user, &ring, &keys) == MU_OK, "the user's keys");
    print("trk", SPAN_OF(keys.trk.b));
}

/* ------------------------------------------------------------------ search */

static bool holds(struct span in, struct span what)
{
    const uint8_t *end = in.p + in.len, *at = in.p;

    while ((size_t)(end - at) >= what.len) {
        at = memchr(at, what.p[0], (size_t)(end - at) - what.len + 1);
        if (at == NULL)
            return false;
        if (memcmp(at, what.p, what.len) == 0)
            return true;
        at++;
    }
    return false;
}

static bool holds_hex(struct span in, struct span what)
{
    char hex[MU_HEX_LEN(SECRET_MAX)];

    mu_hex_write(what, hex);
    if (holds(in, span_str(hex)))
        return true;
    for (char *c = hex; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'f')
            *c = (char)(*c - 'a' + 'A');
    return holds(in, span_str(hex));
}

/* Big integers are held with the least octet first by some. */
static bool holds_reversed(struct span in, struct span what)
{
    uint8_t reversed[SECRET_MAX];

    for (size_t i = 0; i < what.len; i++)
        reversed[i] = what.p[what.len - 1 - i];
    return holds(in, (struct span){reversed, what.len});
}

static bool holds_base64(struct span in, struct span what)
{
    char text[MU_BASE64_LEN(SECRET_MAX)];

    /* Whole groups of three: the rest depends on what follows. */
    mu_base64_write((struct span){what.p, what.len / 3 * 3}, text);
    return holds(in, span_str(text));
}

static struct span map(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *at;

    must(fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0, path);
    at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    must(at != MAP_FAILED, path);
    (void)close(fd);
    return (struct span){at, (size_t)st.st_size};
}

static void search(char **arg)
{
    struct span image = map(arg[0]);
    char line[LINE_MAX_], name[64], hex[LINE_MAX_];
    uint8_t secret[SECRET_MAX];
    size_t len = 0;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        must(sscanf(line, "%63s %2047s", name, hex) == 2, "NAME HEX");
        must(
            mu_hex_read(span_str(hex), secret, sizeof(secret), &len) == MU_OK &&
                len >= 16,
            "a secret in hex, of 16 octets or more");
        if (holds(image, (struct span){secret, len}) ||
            holds_hex(image, (struct span){secret, len}) ||
            holds_reversed(image, (struct span){secret, len}) ||
            holds_base64(image, (struct span){secret, len}))
            (void)puts(name);
    }
}

static const struct {
    const char *name;
    int operands;
    void (*run)(char **arg);
} commands[] = {{"master", 1, master}, {"trk", 2, trk}, {"search", 1, search}};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (argc >= 2 && strcmp(argv[1], commands[i].name) == 0 &&
            argc - 2 == commands[i].operands) {
            commands[i].run(argv + 2);
            return 0;
        }
    (void)fputs("usage: gms_memory COMMAND ARG...\n", stderr);
    return 2;
}
