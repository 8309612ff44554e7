/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/extract.h"
#include "tests/kms.h"
#include "tests/suites.h"

#include <string.h>

#define USERS 3

static const char *const names[USERS] = {
    "sip:a@example.org", "sip:b@example.org", "sip:c@example.org"};

static void setup(struct test_kms *kms, struct test_rng *rng,
    struct kms_extractor *e, struct span *users)
{
    test_rng_init(rng, 6508);
    test_kms_init(kms, rng);
    for (size_t i = 0; i < USERS; i++)
        users[i] = span_str(names[i]);
    *e = (struct kms_extractor){
        .kms_uri = span_str("kms.example.org"),
        .rule = {.length_s = 2592000},
        .z = &kms->z,
        .ksak = &kms->ksak,
        .sakke = kms->sakke,
        .eccsi = kms->eccsi,
        .rng = &rng->rng,
    };
}

static void users_find_their_keys_good(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms = {.sakke = NULL};
    struct kms_extracted keys[USERS];
    struct span users[USERS];
    struct kms_extractor e;
    struct test_rng rng;

    setup(&kms, &rng, &e, users);
    CU_ASSERT_EQUAL_FATAL(kms_extract(&e, 650, users, USERS, 0, keys), MU_OK);
    for (size_t i = 0; i < USERS; i++) {
        struct mcptt_uid uid;
        struct span id = SPAN_OF(uid.b);

        CU_ASSERT_EQUAL(mcptt_uid_derive(
                            &(struct mcptt_uid_source){
                                .identity = users[i],
                                .kms = e.kms_uri,
                                .rule = e.rule,
                                .number = 650,
                            },
                            &uid),
            MU_OK);
        CU_ASSERT(mcptt_uid_eq(&uid, &keys[i].uid));
        CU_ASSERT_EQUAL(
            mikey_sakke_validate_rsk(kms.sakke, id, &keys[i].rsk), MU_OK);
        CU_ASSERT_EQUAL(
            mikey_eccsi_validate(kms.eccsi, id, &keys[i].pair), MU_OK);
    }
}

/* A fault of the machine in Z, KPAK or a secret: no key leaves. */
static void keys_of_two_masters_do_not_leave(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms = {.sakke = NULL};
    struct kms_extracted keys[USERS], none[USERS];
    struct mikey_sakke_secret z;
    struct span users[USERS];
    struct kms_extractor e;
    struct test_rng rng;

    memset(none, 0, sizeof(none));
    setup(&kms, &rng, &e, users);
    z = kms.z;
    z.b[99] ^= 4;
    e.z = &z; /* the first key is checked by the pairing, under Z */
    CU_ASSERT_EQUAL(kms_extract(&e, 650, users, USERS, 0, keys), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(memcmp(keys, none, sizeof(keys)), 0);
    /* Between two hundreds only --check-all looks. */
    CU_ASSERT_EQUAL(kms_extract(&e, 650, users, USERS, 1, keys), MU_OK);
    e.pair_all = true;
    CU_ASSERT_EQUAL(kms_extract(&e, 650, users, USERS, 1, keys), MU_E_CRYPTO);
}

static void one_bad_identity_stops_the_batch(void)
{
    MU_CLEANUP(test_kms_clear) struct test_kms kms = {.sakke = NULL};
    struct kms_extracted keys[USERS];
    struct span users[USERS];
    struct kms_extractor e;
    struct test_rng rng;

    setup(&kms, &rng, &e, users);
    users[1].len = 0;
    CU_ASSERT_EQUAL(
        kms_extract(&e, 650, users, USERS, 0, keys), MU_E_MALFORMED);
}

CU_TestInfo kms_extract_tests[] = {
    {"users find their keys good", users_find_their_keys_good},
    {"keys of two masters do not leave", keys_of_two_masters_do_not_leave},
    {"one bad identity stops the batch", one_bad_identity_stops_the_batch},
    CU_TEST_INFO_NULL,
};
