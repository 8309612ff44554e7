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
#include <valgrind/memcheck.h>

#include "mcptt/key_params.h"
#include "mcptt/srtp.h"
#include "mikey/eccsi.h"
#include "mikey/sakke.h"

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
    (void)fprintf(stderr, "ct_test: %s\n", what);
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

/* Both KMS of a user, and what they give to him, poisoned as it came out. */
struct keys {
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_kms *signing;
    struct mikey_eccsi_pair pair;
    struct mikey_sakke_secret z;
    struct mikey_sakke_kms *encryption;
    struct mikey_rsk rsk;
    struct mikey_ssv ssv;
    uint8_t seds[2][MIKEY_SED_LEN]; /* the first to id */
    struct span id;
};

static void eccsi_public(struct keys *k)
{
    uint8_t kpak[MIKEY_KPAK_LEN];

    fill(k->ksak.b, sizeof(k->ksak.b));
    poison(k->ksak.b, sizeof(k->ksak.b));
    must(mikey_eccsi_public(&k->ksak, kpak) == MU_OK, "no KPAK");
    must(mikey_eccsi_kms_new(SPAN_OF(kpak), &k->signing) == MU_OK, "bad KPAK");
}

static void eccsi_extract(struct keys *k)
{
    enum mu_err err =
        mikey_eccsi_extract(k->signing, &k->ksak, k->id, &rng, &k->pair);

    must(err == MU_OK, "no SSK");
    must(is_secret(k->pair.ssk.b, sizeof(k->pair.ssk.b)), "SSK not secret");
}

static void eccsi_sign(struct keys *k)
{
    struct mikey_eccsi_signer *signer;
    uint8_t sig[MIKEY_SIG_LEN];

    must(mikey_eccsi_signer_new(k->signing, k->id, &k->pair, &signer) == MU_OK,
        "bad SSK");
    must(mikey_eccsi_sign(signer, k->id, &rng, sig) == MU_OK, "no signature");
    mikey_eccsi_signer_free(signer);
    must(mikey_eccsi_verify(k->signing, k->id, k->id, SPAN_OF(sig)) == MU_OK,
        "bad signature");
}

static void sakke_public(struct keys *k)
{
    uint8_t z[MIKEY_POINT_LEN];

    fill(k->z.b, sizeof(k->z.b));
    k->z.b[0] = 0; /* below q, whatever follows */
    poison(k->z.b, sizeof(k->z.b));
    must(mikey_sakke_public(&k->z, z) == MU_OK, "no Z");
    must(mikey_sakke_kms_new(SPAN_OF(z), &k->encryption) == MU_OK, "bad Z");
}

static void sakke_extract(struct keys *k)
{
    must(mikey_sakke_extract(&k->z, k->id, &rng, &k->rsk) == MU_OK, "no RSK");
    must(is_secret(k->rsk.b + 1, sizeof(k->rsk.b) - 1), "RSK not secret");
    must(mikey_sakke_check_many(&k->z, &k->id, &k->rsk, 1, &rng) == MU_OK,
        "bad RSK of many");
    must(
        mikey_sakke_check_extracted(&k->z, k->id, &k->rsk) == MU_OK, "bad RSK");
}

static void sakke_encapsulate(struct keys *k)
{
    const struct span ids[] = {k->id, span_str("another")};

    fill(k->ssv.b, sizeof(k->ssv.b));
    poison(k->ssv.b, sizeof(k->ssv.b));
    must(mikey_sakke_encapsulate(k->encryption, &k->ssv, ids, 2, k->seds) ==
             MU_OK,
        "no SED");
}

static void sakke_decapsulate(struct keys *k)
{
    const struct span sed = SPAN_OF(k->seds[0]);
    struct mikey_sakke_user *user;
    struct mikey_ssv ssv;

    must(mikey_sakke_user_new(k->encryption, k->id, &k->rsk, &user) == MU_OK,
        "bad RSK");
    must(mikey_sakke_decapsulate(user, sed, &ssv) == MU_OK, "bad SED");
    mikey_sakke_user_free(user);
    must(is_secret(ssv.b, sizeof(ssv.b)), "SSV not secret");
    must(mikey_ssv_eq(&k->ssv, &ssv), "another SSV");
}

static void poisoned_key(enum mcptt_key_kind kind, struct mcptt_key *key)
{
    key->kind = kind;
    fill(key->b, sizeof(key->b));
    poison(key->b, sizeof(key->b));
}

static void mcptt_derive(struct keys *k)
{
    struct mcptt_key gmk, csk;
    struct mcptt_gmk typed;
    struct mcptt_key_id id = {1}, guk_id;
    struct mcptt_srtp_source source = {
        .key = &gmk, .csb_id = id, .rand = k->id};
    struct mcptt_xpk_use use = {.xpk = &csk, .xpk_id = id, .user = k->id};
    struct mcptt_srtp srtp;
    struct mcptt_sig_int_key integrity;

    poisoned_key(MCPTT_KIND_GMK, &gmk);
    poisoned_key(MCPTT_KIND_CSK, &csk);
    must(mcptt_key_to_gmk(&gmk, &typed) == MU_OK, "no GMK");
    must(mcptt_guk_id_derive(&typed, id, k->id, &guk_id) == MU_OK, "no GUK-ID");
    must(mcptt_srtp_derive(&source, &srtp) == MU_OK, "no SRTP keys");
    must(is_secret(srtp.key.b, sizeof(srtp.key.b)), "SRTP key not secret");
    must(mcptt_kdf_sig_int(&use, &integrity) == MU_OK, "no signalling key");
    must(is_secret(integrity.b, sizeof(integrity.b)),
        "signalling key not secret");
}

/* Opening is not here: that a tag is right is public, and what was in the
 * payload is no key. */
static void mcptt_seal(struct keys *k)
{
    struct mcptt_key gmk;
    struct mcptt_key_params_context context = {.key = &gmk, .csb_id = {1}};
    struct mcptt_key_params params = {.kind = MCPTT_KIND_GMK, .text = k->id};
    uint8_t buf[256];
    struct wr w;

    poisoned_key(MCPTT_KIND_GMK, &gmk);
    wr_init(&w, buf, sizeof(buf));
    must(mcptt_key_params_seal(&w, &context, &params, &rng) == MU_OK &&
             w.err == MU_OK,
        "no key parameters");
}

/* In this order, for each works on what those before it have made. */
static const struct operation {
    const char *name;
    void (*run)(struct keys *k);
} operations[] = {
    {"ECCSI public key", eccsi_public},
    {"ECCSI extract", eccsi_extract},
    {"ECCSI sign", eccsi_sign},
    {"SAKKE public key", sakke_public},
    {"SAKKE extract", sakke_extract},
    {"SAKKE encapsulate", sakke_encapsulate},
    {"SAKKE decapsulate", sakke_decapsulate},
    {"MCPTT derivations", mcptt_derive},
    {"MCPTT key parameters", mcptt_seal},
};

static int run_all(void)
{
    struct keys keys = {.id = span_str("2011-02")};

    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        operations[i].run(&keys);
        (void)printf("ct_test: %s\n", operations[i].name);
    }
    mikey_eccsi_kms_free(keys.signing);
    mikey_sakke_kms_free(keys.encryption);
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
        (void)fputs("ct_test: only under valgrind\n", stderr);
        return 1;
    }
    if (argc == 1)
        return run_all();
    if (argc == 3 && strcmp(argv[1], "--plant") == 0)
        return plant(argv[2]);
    (void)fputs("usage: ct_test [--plant jump|address]\n", stderr);
    return 2;
}
