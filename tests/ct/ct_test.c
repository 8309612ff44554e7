/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ct_test.c - does any jump or address depend on a secret?
 *
 * Runs under valgrind's memcheck, linked with the libraries compiled with
 * MU_CT (base/ct.h). Each operation gets its secrets poisoned, that is,
 * undefined to memcheck, and valgrind reports whatever decides on them. That
 * an operation's secret result is poisoned too is checked: it shows that the
 * poison went all the way.
 *
 *   ct_test                 every operation; exit 0, or 1 if one failed
 *   ct_test --plant KIND    a leak on purpose, which valgrind must report:
 *                           KIND is "jump" or "address"
 */
#include "base/ct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mikey/eccsi.h"

#define LEAK_TABLE 256

/* Octets of no particular value, the same in each run. */
static void fill(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(0x35 + 0x9d * i);
}

static void poison(void *p, size_t len)
{
    MU_CT_POISON(p, len);
}

static void publish(void *p, size_t len)
{
    MU_CT_DECLASSIFY(p, len);
}

/* Fresh randomness is as secret as a key. */
static enum mu_err fill_poisoned(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    fill(out, len);
    poison(out, len);
    return MU_OK;
}

static const struct mu_rng rng = {.fill = fill_poisoned};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "ct_test: %s\n", what);
    exit(1);
}

/* Looks at the poison without being reported for it. */
static bool is_secret(const void *p, size_t len)
{
    const uint8_t *octet = p;
    bool all = true;

    for (size_t i = 0; i < len; i++) {
        uint8_t undefined = 0;

        must(VALGRIND_GET_VBITS(octet + i, &undefined, 1) == 1,
            "valgrind does not tell what is undefined");
        all = all && undefined != 0;
    }
    return all;
}

/* ECCSI: a KMS, and the pair of one identity, poisoned as it came out. */
struct eccsi {
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_kms *kms;
    struct mikey_eccsi_pair pair;
    struct span id;
};

static void eccsi_open(struct eccsi *e)
{
    uint8_t kpak[MIKEY_KPAK_LEN];

    e->id = span_str("2011-02");
    fill(e->ksak.b, sizeof(e->ksak.b));
    poison(e->ksak.b, sizeof(e->ksak.b));
    must(mikey_eccsi_public(&e->ksak, kpak) == MU_OK, "ECCSI: no KPAK");
    must(mikey_eccsi_kms_new(SPAN_OF(kpak), &e->kms) == MU_OK,
        "ECCSI: bad KPAK");
    must(mikey_eccsi_extract(e->kms, &e->ksak, e->id, &rng, &e->pair) == MU_OK,
        "ECCSI: no pair");
}

static void eccsi_close(struct eccsi *e)
{
    mikey_eccsi_kms_free(e->kms);
}

static void eccsi_extract(void)
{
    MU_CLEANUP(eccsi_close) struct eccsi e;

    eccsi_open(&e);
    must(is_secret(e.pair.ssk.b, sizeof(e.pair.ssk.b)),
        "ECCSI extract: the SSK is not secret");
}

static void eccsi_sign(void)
{
    MU_CLEANUP(eccsi_close) struct eccsi e;
    struct mikey_eccsi_signer *signer;
    uint8_t sig[MIKEY_SIG_LEN];

    eccsi_open(&e);
    must(mikey_eccsi_signer_new(e.kms, e.id, &e.pair, &signer) == MU_OK,
        "ECCSI: bad pair");
    must(mikey_eccsi_sign(signer, e.id, &rng, sig) == MU_OK,
        "ECCSI: no signature");
    must(mikey_eccsi_verify(e.kms, e.id, e.id, SPAN_OF(sig)) == MU_OK,
        "ECCSI: bad signature");
    mikey_eccsi_signer_free(signer);
}

static const struct operation {
    const char *name;
    void (*run)(void);
} operations[] = {
    {"ECCSI extract", eccsi_extract},
    {"ECCSI sign", eccsi_sign},
};

static int run_all(void)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        operations[i].run();
        printf("ct_test: %s\n", operations[i].name);
    }
    return 0;
}

/* The two ways to leak, as plain as can be. */
static int plant(const char *kind)
{
    static const uint8_t table[LEAK_TABLE] = {[7] = 1};
    volatile uint8_t seen = 0;
    uint8_t secret;

    fill(&secret, sizeof(secret));
    poison(&secret, sizeof(secret));
    if (strcmp(kind, "jump") == 0) {
        if (secret & 1)
            seen = 1;
    } else if (strcmp(kind, "address") == 0) {
        seen = table[secret];
    } else {
        return 2;
    }
    publish(&secret, sizeof(secret));
    return seen > 1;
}

int main(int argc, char **argv)
{
    if (RUNNING_ON_VALGRIND == 0) {
        fputs("ct_test: only under valgrind\n", stderr);
        return 1;
    }
    if (argc == 1)
        return run_all();
    if (argc == 3 && strcmp(argv[1], "--plant") == 0)
        return plant(argv[2]);
    fputs("usage: ct_test [--plant jump|address]\n", stderr);
    return 2;
}
