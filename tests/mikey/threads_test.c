/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The headers promise that one KMS, user, signer or verifier serves any number
 * of threads. Under ThreadSanitizer this test proves it; everywhere it compares
 * what the threads get with what one thread gets.
 */
#include <pthread.h>
#include <string.h>

#include "tests/kms.h"
#include "tests/suites.h"

#define THREADS 4
#define ROUNDS  3

/* What all threads share, and must leave as it is. */
struct shared {
    struct test_kms kms;
    struct test_user user;
    struct mikey_eccsi_verifier *verifier;
    struct mikey_ssv ssv;
    struct mikey_eccsi_nonce j;
    uint8_t sed[MIKEY_SED_LEN], sig[MIKEY_SIG_LEN];
};

static enum mu_err encapsulate(const struct shared *s, uint8_t *sed)
{
    uint8_t seds[1][MIKEY_SED_LEN];

    TRY(mikey_sakke_encapsulate(s->kms.sakke, &s->ssv, &s->user.id, 1, seds));
    memcpy(sed, seds[0], sizeof(seds[0]));
    return MU_OK;
}

static enum mu_err sign(const struct shared *s, uint8_t *sig)
{
    return mikey_eccsi_sign_with(s->user.signer, SPAN_OF(s->sed), &s->j, sig);
}

static enum mu_err verify(const struct shared *s)
{
    struct span msg = SPAN_OF(s->sed), sig = SPAN_OF(s->sig);

    TRY(mikey_eccsi_verifier_check(s->verifier, msg, sig));
    return mikey_eccsi_verify(s->kms.eccsi, s->user.id, msg, sig);
}

/* CUnit's assertions are for one thread: a thread says how often it failed. */
struct worker {
    pthread_t thread;
    const struct shared *shared;
    unsigned failed;
};

static void *work(void *to)
{
    struct worker *w = to;
    uint8_t sed[MIKEY_SED_LEN], sig[MIKEY_SIG_LEN];
    struct mikey_ssv ssv;

    for (unsigned i = 0; i < ROUNDS; i++) {
        const struct shared *s = w->shared;
        bool ok = encapsulate(s, sed) == MU_OK &&
                  memcmp(sed, s->sed, sizeof(sed)) == 0 &&
                  mikey_sakke_decapsulate(
                      s->user.sakke, SPAN_OF(s->sed), &ssv) == MU_OK &&
                  mikey_ssv_eq(&ssv, &s->ssv) && sign(s, sig) == MU_OK &&
                  memcmp(sig, s->sig, sizeof(sig)) == 0 && verify(s) == MU_OK;

        w->failed += ok ? 0 : 1;
    }
    return NULL;
}

static void shared_init(struct shared *s)
{
    struct test_rng rng;
    struct span pvt;

    test_rng_init(&rng, 1);
    *s = (struct shared){.ssv = {{0x80, 1, 2}}, .j = {{0, 0, 3}}};
    test_kms_init(&s->kms, &rng);
    test_user_init(&s->user, &s->kms, span_str("somebody"), &rng);
    CU_ASSERT_EQUAL_FATAL(encapsulate(s, s->sed), MU_OK);
    CU_ASSERT_EQUAL_FATAL(sign(s, s->sig), MU_OK);
    pvt = (struct span){s->sig + MIKEY_SIG_LEN - MIKEY_PVT_LEN, MIKEY_PVT_LEN};
    CU_ASSERT_EQUAL_FATAL(
        mikey_eccsi_verifier_new(s->kms.eccsi, s->user.id, pvt, &s->verifier),
        MU_OK);
}

static void shared_clear(struct shared *s)
{
    mikey_eccsi_verifier_free(s->verifier);
    test_user_clear(&s->user);
    test_kms_clear(&s->kms);
}

static void one_set_of_objects_serves_several_threads(void)
{
    MU_CLEANUP(shared_clear) struct shared s;
    struct worker workers[THREADS];

    shared_init(&s);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.shared = &s};
        CU_ASSERT_EQUAL_FATAL(
            pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(workers[i].thread, NULL), 0);
        CU_ASSERT_EQUAL(workers[i].failed, 0);
    }
}

CU_TestInfo mikey_threads_tests[] = {
    {"one set of objects serves several threads",
        one_set_of_objects_serves_several_threads},
    CU_TEST_INFO_NULL,
};
