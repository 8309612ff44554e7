/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wolfssl_test.c - do libwolfssl and we understand each other?
 *
 * Each test goes ROUNDS times through keys, identities and messages not seen
 * before. Keys are made by either side in turn, users' keys too. Ours come
 * from a seed that is printed; wolfssl_test SEED goes through them again.
 */
#include "mikey/eccsi.h"

#include <CUnit/Basic.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mikey/sakke.h"
#include "tests/rng.h"
#include "tools/wolf.h"

#define ROUNDS     100
#define KMS_ROUNDS 10 /* a SAKKE KMS is dear to set up */
#define ID_LEN     32
#define MSG_MAX    300

static struct test_rng rng;

static void signer_drop(struct mikey_eccsi_signer **signer)
{
    mikey_eccsi_signer_free(*signer);
}

static void wolf_eccsi_drop(struct wolf_eccsi **w)
{
    wolf_eccsi_free(*w);
}

static void user_drop(struct mikey_sakke_user **user)
{
    mikey_sakke_user_free(*user);
}

static void fill(uint8_t *out, size_t len)
{
    CU_ASSERT_EQUAL_FATAL(mu_rng_fill(&rng.rng, out, len), MU_OK);
}

/* What both sides of a signature know, and the user's pair. */
struct signing {
    uint8_t kpak[MIKEY_KPAK_LEN], id_octets[ID_LEN], msg_octets[MSG_MAX];
    struct mikey_eccsi_pair pair;
    struct mikey_eccsi_kms *ours;
    struct wolf_eccsi *theirs;
    struct span id, msg;
};

static void signing_close(struct signing *s)
{
    mikey_eccsi_kms_free(s->ours);
    wolf_eccsi_free(s->theirs);
}

/* A KMS key, by either side. */
static void make_eccsi_kms(
    bool by_us, struct wolf_eccsi *w, uint8_t ksak[32], uint8_t kpak[65])
{
    struct mikey_eccsi_secret secret;

    if (!by_us) {
        CU_ASSERT_FATAL(wolf_eccsi_make(w, ksak, kpak));
        return;
    }
    fill(secret.b, sizeof(secret.b));
    secret.b[0] &= 0x7f; /* below q */
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_public(&secret, kpak), MU_OK);
    memcpy(ksak, secret.b, sizeof(secret.b));
    CU_ASSERT_FATAL(wolf_eccsi_load_secret(w, ksak, kpak));
}

static void signing_open(unsigned round, struct signing *s)
{
    MU_CLEANUP(wolf_eccsi_drop) struct wolf_eccsi *w = wolf_eccsi_new();
    struct mikey_eccsi_secret ksak;

    *s = (struct signing){.theirs = wolf_eccsi_new()};
    fill(s->id_octets, sizeof(s->id_octets));
    fill(s->msg_octets, sizeof(s->msg_octets));
    s->id = SPAN_OF(s->id_octets);
    s->msg = (struct span){s->msg_octets, test_rng_below(&rng, MSG_MAX)};
    CU_ASSERT_FATAL(w != NULL && s->theirs != NULL);
    make_eccsi_kms(round % 2 == 0, w, ksak.b, s->kpak);
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_kms_new(SPAN_OF(s->kpak), &s->ours), MU_OK);
    CU_ASSERT_FATAL(wolf_eccsi_load_public(s->theirs, s->kpak));
    if (round % 4 < 2) {
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_extract(s->ours, &ksak, s->id, &rng.rng, &s->pair),
            MU_OK);
    } else {
        CU_ASSERT_FATAL(
            wolf_eccsi_extract(w, s->id, s->pair.ssk.b, s->pair.pvt));
    }
}

static void each_side_accepts_the_pairs_of_the_other(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        MU_CLEANUP(signing_close) struct signing s;

        signing_open(round, &s);
        CU_ASSERT_EQUAL(mikey_eccsi_validate(s.ours, s.id, &s.pair), MU_OK);
        CU_ASSERT(
            wolf_eccsi_validate(s.theirs, s.id, s.pair.ssk.b, s.pair.pvt));
    }
}

static void they_verify_what_we_sign(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        MU_CLEANUP(signing_close) struct signing s;
        MU_CLEANUP(signer_drop) struct mikey_eccsi_signer *signer = NULL;
        uint8_t sig[MIKEY_SIG_LEN];

        signing_open(round, &s);
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_signer_new(s.ours, s.id, &s.pair, &signer), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            mikey_eccsi_sign(signer, s.msg, &rng.rng, sig), MU_OK);
        CU_ASSERT(wolf_eccsi_verify(s.theirs, s.id, s.msg, sig));
        sig[round % 64] ^= 1;
        CU_ASSERT_FALSE(wolf_eccsi_verify(s.theirs, s.id, s.msg, sig));
    }
}

static void we_verify_what_they_sign(void)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        MU_CLEANUP(signing_close) struct signing s;
        uint8_t sig[MIKEY_SIG_LEN];

        signing_open(round, &s);
        CU_ASSERT_FATAL(
            wolf_eccsi_become(s.theirs, s.id, s.pair.ssk.b, s.pair.pvt));
        CU_ASSERT_FATAL(wolf_eccsi_sign(s.theirs, s.msg, sig));
        CU_ASSERT_EQUAL(
            mikey_eccsi_verify(s.ours, s.id, s.msg, SPAN_OF(sig)), MU_OK);
    }
}

/* A KMS as it is to itself and to both sides; good for KMS_ROUNDS rounds. */
struct sakke_kms {
    struct mikey_sakke_secret z;
    struct wolf_sakke *root, *theirs;
    struct mikey_sakke_kms *ours;
};

static void sakke_kms_close(struct sakke_kms *k)
{
    mikey_sakke_kms_free(k->ours);
    wolf_sakke_free(k->root);
    wolf_sakke_free(k->theirs);
    *k = (struct sakke_kms){0};
}

static void make_sakke_secret(
    bool by_us, struct sakke_kms *k, uint8_t pub[MIKEY_POINT_LEN])
{
    if (!by_us) {
        CU_ASSERT_FATAL(wolf_sakke_make(k->root, k->z.b, pub));
        return;
    }
    fill(k->z.b, sizeof(k->z.b));
    k->z.b[0] &= 0x1f; /* below q */
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_public(&k->z, pub), MU_OK);
    CU_ASSERT_FATAL(wolf_sakke_load_secret(k->root, k->z.b, pub));
}

static void renew_sakke_kms(unsigned round, struct sakke_kms *k)
{
    uint8_t pub[MIKEY_POINT_LEN];

    if (round % KMS_ROUNDS != 0)
        return;
    sakke_kms_close(k);
    k->root = wolf_sakke_new();
    k->theirs = wolf_sakke_new();
    CU_ASSERT_FATAL(k->root != NULL && k->theirs != NULL);
    make_sakke_secret(round / KMS_ROUNDS % 2 == 0, k, pub);
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_kms_new(SPAN_OF(pub), &k->ours), MU_OK);
    CU_ASSERT_FATAL(wolf_sakke_load_public(k->theirs, pub));
}

/* A receiver, and a value for him. */
struct receiver {
    uint8_t id_octets[ID_LEN];
    struct span id;
    struct mikey_rsk rsk;
    struct mikey_ssv ssv;
};

static void make_receiver(
    bool by_us, const struct sakke_kms *k, struct receiver *out)
{
    fill(out->id_octets, sizeof(out->id_octets));
    fill(out->ssv.b, sizeof(out->ssv.b));
    out->id = SPAN_OF(out->id_octets);
    if (by_us) {
        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_extract(&k->z, out->id, &rng.rng, &out->rsk), MU_OK);
    } else {
        CU_ASSERT_FATAL(wolf_sakke_extract(k->root, out->id, out->rsk.b));
    }
}

static void both_sides_make_the_same_receiver_key(void)
{
    MU_CLEANUP(sakke_kms_close) struct sakke_kms k = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct mikey_rsk theirs;
        struct receiver r;

        renew_sakke_kms(round, &k);
        make_receiver(true, &k, &r);
        CU_ASSERT_FATAL(wolf_sakke_extract(k.root, r.id, theirs.b));
        CU_ASSERT(mikey_rsk_eq(&r.rsk, &theirs));
    }
}

static void they_open_what_we_encapsulate(void)
{
    MU_CLEANUP(sakke_kms_close) struct sakke_kms k = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t seds[1][MIKEY_SED_LEN];
        struct mikey_ssv out;
        struct receiver r;

        renew_sakke_kms(round, &k);
        make_receiver(round % 2 == 0, &k, &r);
        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_encapsulate(k.ours, &r.ssv, &r.id, 1, seds), MU_OK);
        CU_ASSERT_FATAL(wolf_sakke_become(k.theirs, r.id, r.rsk.b));
        CU_ASSERT_FATAL(wolf_sakke_decapsulate(k.theirs, seds[0], out.b));
        CU_ASSERT(mikey_ssv_eq(&out, &r.ssv));
    }
}

static void we_open_what_they_encapsulate(void)
{
    MU_CLEANUP(sakke_kms_close) struct sakke_kms k = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        MU_CLEANUP(user_drop) struct mikey_sakke_user *user = NULL;
        uint8_t sed[MIKEY_SED_LEN];
        struct mikey_ssv out;
        struct receiver r;

        renew_sakke_kms(round, &k);
        make_receiver(round % 2 == 0, &k, &r);
        CU_ASSERT_FATAL(wolf_sakke_encapsulate(k.theirs, r.id, r.ssv.b, sed));
        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_user_new(k.ours, r.id, &r.rsk, &user), MU_OK);
        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_decapsulate(user, SPAN_OF(sed), &out), MU_OK);
        CU_ASSERT(mikey_ssv_eq(&out, &r.ssv));
    }
}

static CU_TestInfo eccsi_tests[] = {
    {"each side accepts the pairs of the other",
        each_side_accepts_the_pairs_of_the_other},
    {"they verify what we sign", they_verify_what_we_sign},
    {"we verify what they sign", we_verify_what_they_sign},
    CU_TEST_INFO_NULL,
};

static CU_TestInfo sakke_tests[] = {
    {"both sides make the same receiver key",
        both_sides_make_the_same_receiver_key},
    {"they open what we encapsulate", they_open_what_we_encapsulate},
    {"we open what they encapsulate", we_open_what_they_encapsulate},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {"wolfSSL/eccsi", NULL, NULL, NULL, NULL, eccsi_tests},
    {"wolfSSL/sakke", NULL, NULL, NULL, NULL, sakke_tests},
    CU_SUITE_INFO_NULL,
};

static uint64_t any_seed(void)
{
    uint64_t seed = 0;

    if (mu_rng_fill(mu_rng_system(), (uint8_t *)&seed, sizeof(seed)) != MU_OK)
        abort();
    return seed;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : any_seed();
    unsigned failed, run;

    test_rng_init(&rng, seed);
    printf("seed %" PRIu64 "\n", seed);
    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS ||
        CU_basic_run_tests() != CUE_SUCCESS)
        return 1;
    failed = CU_get_number_of_tests_failed();
    run = CU_get_number_of_tests_run();
    printf("%u passed, %u failed, 0 skipped\n", run - failed, failed);
    CU_cleanup_registry();
    return run == 0 || failed != 0;
}
