/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/cert.h"

#include <string.h>

#include "tests/kms-client/world.h"
#include "tests/suites.h"
#include "xml/c14n.h"

/* What becomes of a certificate at the world's device. */
static enum mu_err read_cert(
    const struct world *w, const char *text, struct kms_cert **out)
{
    struct kms_trust trust;
    struct xml_fault fault;

    kms_trust_of(&w->enrolment, &trust);
    return kms_cert_new(&trust, span_str(text), &fault, out);
}

static void expect(const struct world *w, const char *text, enum mu_err want)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;

    CU_ASSERT_EQUAL(read_cert(w, text, &cert), want);
}

static void a_signed_certificate_is_believed(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct world_cert root;
    char text[WORLD_TEXT];

    world_init(&w);
    root = world_root(&w);
    world_sign_cert(&w, &root, text);
    CU_ASSERT_EQUAL_FATAL(read_cert(&w, text, &cert), MU_OK);
    CU_ASSERT(span_eq(cert->says->origin.kms_uri, span_str("kms.example.org")));
    CU_ASSERT(span_eq(cert->text, span_str(text)));
}

static void one_signed_by_another_is_refused(void)
{
    MU_CLEANUP(world_clear) struct world w;
    struct world_cert root;
    char text[WORLD_TEXT];

    world_init(&w);
    root = world_root(&w);
    CU_ASSERT_EQUAL(xml_cert_key_make(&w.rng.rng, &w.cert_key), MU_OK);
    world_sign_cert(&w, &root, text);
    expect(&w, text, MU_E_CRYPTO);
}

/* Known or not: what counts is who signed this text. */
static void one_that_is_known_must_be_signed_all_the_same(void)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *known = NULL;
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    MU_CLEANUP(world_clear) struct world w;
    struct kms_trust trust;
    struct xml_fault fault;
    char text[WORLD_TEXT];
    struct world_cert root;

    world_init(&w);
    root = world_root(&w);
    world_sign_cert(&w, &root, text);
    kms_trust_of(&w.enrolment, &trust);
    CU_ASSERT_EQUAL_FATAL(read_cert(&w, text, &known), MU_OK);
    CU_ASSERT_EQUAL(xml_cert_key_make(&w.rng.rng, &w.cert_key), MU_OK);
    world_sign_cert(&w, &root, text);
    CU_ASSERT_EQUAL(
        kms_cert_new_or(known, &trust, span_str(text), &fault, &cert),
        MU_E_CRYPTO);
    CU_ASSERT_PTR_NULL(cert);
}

/* A taken server puts its own public key under the KMS's signature. */
static void a_swapped_key_is_refused(void)
{
    static const char *const names[] = {"<PubEncKey>", "<PubAuthKey>"};
    MU_CLEANUP(world_clear) struct world w;
    char text[WORLD_TEXT], theirs[WORLD_TEXT];
    struct test_kms other;
    struct world_cert root, fake;

    world_init(&w);
    test_kms_init(&other, &w.rng);
    fake = world_root(&w);
    fake.kms = &other;
    world_bare_cert(&w, &fake, theirs);
    test_kms_clear(&other);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *from = strstr(theirs, names[i]), *at;

        root = world_root(&w);
        world_sign_cert(&w, &root, text);
        at = strstr(text, names[i]);
        CU_ASSERT_FATAL(at != NULL && from != NULL);
        memcpy(at, from, strcspn(from + 1, "<") + 1);
        expect(&w, text, MU_E_CRYPTO);
    }
}

static void an_unsigned_certificate_is_refused(void)
{
    MU_CLEANUP(world_clear) struct world w;
    struct world_cert root;
    char text[WORLD_TEXT];

    world_init(&w);
    root = world_root(&w);
    world_bare_cert(&w, &root, text);
    expect(&w, text, MU_E_DENIED);
}

/* Written as canonical as it is, so its own octets have the fingerprint. */
static void one_of_the_enrolments_fingerprint_needs_no_signature(void)
{
    MU_CLEANUP(world_clear) struct world w;
    struct world_cert root;
    char text[WORLD_TEXT];

    world_init(&w);
    root = world_root(&w);
    world_bare_cert(&w, &root, text);
    CU_ASSERT_EQUAL(xml_sha256(span_str(text), w.enrolment.cert_sha256), MU_OK);
    expect(&w, text, MU_OK);
}

static void a_truncated_certificate_is_malformed(void)
{
    MU_CLEANUP(world_clear) struct world w;
    struct world_cert root;
    char text[WORLD_TEXT];

    world_init(&w);
    root = world_root(&w);
    world_sign_cert(&w, &root, text);
    for (size_t len = strlen(text); len > 0; len -= len > 40 ? 40 : len) {
        text[len - 1] = '\0';
        expect(&w, text, MU_E_MALFORMED);
    }
}

static void its_time_is_checked_at_both_ends(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct world_cert root;
    char text[WORLD_TEXT];

    world_init(&w);
    root = world_root(&w);
    world_sign_cert(&w, &root, text);
    CU_ASSERT_EQUAL_FATAL(read_cert(&w, text, &cert), MU_OK);
    CU_ASSERT_EQUAL(kms_cert_check_time(cert, root.from_s), MU_OK);
    CU_ASSERT_EQUAL(kms_cert_check_time(cert, root.from_s - 1), MU_E_EXPIRED);
    CU_ASSERT_EQUAL(kms_cert_check_time(cert, root.to_s - 1), MU_OK);
    CU_ASSERT_EQUAL(kms_cert_check_time(cert, root.to_s), MU_E_EXPIRED);
}

static void a_revoked_one_is_good_at_no_time(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct world_cert root;
    char text[WORLD_TEXT];

    world_init(&w);
    root = world_root(&w);
    root.revoked = true;
    world_sign_cert(&w, &root, text);
    CU_ASSERT_EQUAL_FATAL(read_cert(&w, text, &cert), MU_OK);
    CU_ASSERT_EQUAL(kms_cert_check_time(cert, WORLD_NOW), MU_E_DENIED);
}

CU_TestInfo kms_client_cert_tests[] = {
    {"a signed certificate is believed", a_signed_certificate_is_believed},
    {"one signed by another is refused", one_signed_by_another_is_refused},
    {"one that is known must be signed all the same",
        one_that_is_known_must_be_signed_all_the_same},
    {"a swapped key is refused", a_swapped_key_is_refused},
    {"an unsigned certificate is refused", an_unsigned_certificate_is_refused},
    {"one of the enrolment's fingerprint needs no signature",
        one_of_the_enrolments_fingerprint_needs_no_signature},
    {"a truncated certificate is malformed",
        a_truncated_certificate_is_malformed},
    {"its time is checked at both ends", its_time_is_checked_at_both_ends},
    {"a revoked one is good at no time", a_revoked_one_is_good_at_no_time},
    CU_TEST_INFO_NULL,
};
