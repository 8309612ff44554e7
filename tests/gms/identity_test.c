/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/identity.h"

#include "tests/rng.h"
#include "tests/suites.h"

#include <string.h>

static const struct mu_kek kek = {{7}};
static const struct mu_seal_use use = {.label = "gms identity"};

struct fixture {
    struct test_rng rng;
    struct mu_keyring ring;
    struct gms_identity identity;
    uint8_t file[GMS_IDENTITY_MAX];
    struct span sealed;
};

static void seal(struct fixture *f)
{
    struct wr w;

    wr_init(&w, f->file, sizeof(f->file));
    CU_ASSERT_EQUAL_FATAL(
        gms_identity_seal(&w, &f->ring, &f->identity, &f->rng.rng), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &f->sealed), MU_OK);
}

static void setup(struct fixture *f)
{
    struct kms_enrolment e = {
        .trk = {{1, 2}},
        .ink = {{3}},
        .cert_key = {4, 5},
        .cert_sha256 = {6},
    };

    *f = (struct fixture){.ring.len = 0};
    test_rng_init(&f->rng, 1);
    CU_ASSERT_EQUAL(
        mcptt_id_set(&e.kms_uri, span_str("kms.example.org")), MU_OK);
    CU_ASSERT_EQUAL(
        mcptt_id_set(&e.user_uri, span_str("sip:gms@example.org")), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mu_keyring_add(&f->ring, &kek), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        gms_identity_new(&e, &f->rng.rng, &f->identity), MU_OK);
    seal(f);
}

static void opens_what_was_sealed(void)
{
    struct gms_identity back = {.trk = {{0}}};
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(gms_identity_open(&f.ring, f.sealed, &back), MU_OK);
    CU_ASSERT(mcptt_id_eq(&back.kms_uri, &f.identity.kms_uri));
    CU_ASSERT(mcptt_id_eq(&back.user_uri, &f.identity.user_uri));
    CU_ASSERT(mcptt_trk_eq(&back.trk, &f.identity.trk));
    CU_ASSERT(mu_sign_key_eq(&back.log_key, &f.identity.log_key));
    CU_ASSERT(span_eq(SPAN_OF(back.cert_key), SPAN_OF(f.identity.cert_key)));
    CU_ASSERT(
        span_eq(SPAN_OF(back.cert_sha256), SPAN_OF(f.identity.cert_sha256)));
    CU_ASSERT(span_eq(SPAN_OF(back.instance), SPAN_OF(f.identity.instance)));
}

static void the_longest_identities_fit(void)
{
    struct gms_identity back = {.trk = {{0}}};
    uint8_t uri[MCPTT_ID_MAX];
    struct fixture f;

    setup(&f);
    memset(uri, 'a', sizeof(uri));
    CU_ASSERT_EQUAL(mcptt_id_set(&f.identity.kms_uri, SPAN_OF(uri)), MU_OK);
    CU_ASSERT_EQUAL(mcptt_id_set(&f.identity.user_uri, SPAN_OF(uri)), MU_OK);
    seal(&f);
    CU_ASSERT_EQUAL(f.sealed.len, GMS_IDENTITY_MAX);
    CU_ASSERT_EQUAL_FATAL(gms_identity_open(&f.ring, f.sealed, &back), MU_OK);
    CU_ASSERT(mcptt_id_eq(&back.user_uri, &f.identity.user_uri));
}

static void two_installations_differ(void)
{
    struct kms_enrolment e = {.serial = 1};
    struct gms_identity a, b;
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(gms_identity_new(&e, &f.rng.rng, &a), MU_OK);
    CU_ASSERT_EQUAL_FATAL(gms_identity_new(&e, &f.rng.rng, &b), MU_OK);
    CU_ASSERT(!mu_sign_key_eq(&a.log_key, &b.log_key));
    CU_ASSERT(!span_eq(SPAN_OF(a.instance), SPAN_OF(b.instance)));
    f.rng.fails = true;
    CU_ASSERT_EQUAL(gms_identity_new(&e, &f.rng.rng, &a), MU_E_CRYPTO);
}

static void another_kek_does_not_open(void)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring other = {0};
    static const struct mu_kek another = {{8}};
    struct gms_identity back;
    struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(mu_keyring_add(&other, &another), MU_OK);
    CU_ASSERT_EQUAL(gms_identity_open(&other, f.sealed, &back), MU_E_NOT_FOUND);
}

static void every_truncated_file_is_refused(void)
{
    struct gms_identity back;
    struct fixture f;

    setup(&f);
    for (size_t len = 0; len < f.sealed.len; len++)
        CU_ASSERT_NOT_EQUAL(
            gms_identity_open(&f.ring, (struct span){f.sealed.p, len}, &back),
            MU_OK);
}

/* The plaintext cut or changed by who has the KEK. */
static enum mu_err open_plain(struct fixture *f, struct span plain)
{
    uint8_t sealed[GMS_IDENTITY_MAX + 1];
    struct gms_identity back;

    CU_ASSERT_EQUAL_FATAL(
        mu_seal(&f->ring, &use, plain, &f->rng.rng, sealed), MU_OK);
    return gms_identity_open(
        &f->ring, (struct span){sealed, MU_SEAL_LEN(plain.len)}, &back);
}

static void every_bad_plaintext_is_refused(void)
{
    uint8_t plain[GMS_IDENTITY_PLAIN_MAX + 1];
    struct fixture f;
    size_t len = 0;

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(mu_seal_plain_len(f.sealed, &len), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mu_unseal(&f.ring, &use, f.sealed, plain, len), MU_OK);
    for (size_t cut = 0; cut < len; cut++)
        CU_ASSERT_EQUAL(
            open_plain(&f, (struct span){plain, cut}), MU_E_MALFORMED);
    plain[len] = 0;
    CU_ASSERT_EQUAL(
        open_plain(&f, (struct span){plain, len + 1}), MU_E_MALFORMED);
    plain[0] = 2;
    CU_ASSERT_EQUAL(
        open_plain(&f, (struct span){plain, len}), MU_E_UNSUPPORTED);
    plain[0] = 1;
    plain[2] = '\n'; /* in the KmsUri */
    CU_ASSERT_EQUAL(open_plain(&f, (struct span){plain, len}), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(open_plain(&f, SPAN_OF(plain)), MU_E_MALFORMED);
}

CU_TestInfo gms_identity_tests[] = {
    {"opens what was sealed", opens_what_was_sealed},
    {"the longest identities fit", the_longest_identities_fit},
    {"two installations differ", two_installations_differ},
    {"another KEK does not open", another_kek_does_not_open},
    {"every truncated file is refused", every_truncated_file_is_refused},
    {"every bad plaintext is refused", every_bad_plaintext_is_refused},
    CU_TEST_INFO_NULL,
};
