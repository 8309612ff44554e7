/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_cert.h"

#include <stdlib.h>
#include <string.h>

#include "tests/suites.h"
#include "xml/dsig.h"

#define TEXT_MAX 8192

static void make_cert(struct xml_kms_cert *cert)
{
    *cert = (struct xml_kms_cert){
        .origin = {.kms_uri = span_str("kms.example.org"),
            .cert_uri = span_str("cert1.kms.example.org"),
            .issuer = span_str("Example & Sons"),
            .valid_from_s = 1735689600,
            .valid_to_s = 2051222400},
        .role = XML_KMS_ROLE_EXTERNAL,
        .is_security_gateway = true,
        .rule = {.length_s = 2592000, .offset_s = 7},
    };
    memset(cert->z, 0x41, sizeof(cert->z));
    memset(cert->kpak, 0x42, sizeof(cert->kpak));
}

/* The certificate as a string; free() it. */
static char *write_cert(const struct xml_kms_cert *cert)
{
    const struct span domains[] = {span_str("example.org"), span_str("a.org")};
    const struct xml_kms_cert_form form = {
        cert, span_str("cert-1"), domains, 2};
    char *text = calloc(1, TEXT_MAX);
    struct wr w;

    CU_ASSERT_FATAL(text != NULL);
    wr_init(&w, (uint8_t *)text, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(xml_kms_cert_write(&w, &form), MU_OK);
    return text;
}

static void reads_the_certificate_it_wrote(void)
{
    struct xml_kms_cert cert;
    const struct xml_kms_cert *got;
    struct xml_kms *kms = NULL;
    struct xml_fault fault;
    char *text;

    make_cert(&cert);
    text = write_cert(&cert);
    CU_ASSERT_EQUAL_FATAL(xml_kms_read(span_str(text), &fault, &kms), MU_OK);
    got = kms->certs;
    CU_ASSERT_FATAL(got != NULL);
    CU_ASSERT(span_eq(got->origin.kms_uri, cert.origin.kms_uri));
    CU_ASSERT(span_eq(got->origin.cert_uri, cert.origin.cert_uri));
    CU_ASSERT(span_eq(got->origin.issuer, cert.origin.issuer));
    CU_ASSERT_EQUAL(got->origin.valid_from_s, cert.origin.valid_from_s);
    CU_ASSERT_EQUAL(got->origin.valid_to_s, cert.origin.valid_to_s);
    CU_ASSERT_FALSE(got->origin.revoked);
    CU_ASSERT_EQUAL(got->role, XML_KMS_ROLE_EXTERNAL);
    CU_ASSERT_TRUE(got->is_security_gateway);
    CU_ASSERT_EQUAL(got->rule.length_s, 2592000);
    CU_ASSERT_EQUAL(got->rule.offset_s, 7);
    CU_ASSERT(memcmp(got->z, cert.z, sizeof(cert.z)) == 0);
    CU_ASSERT(memcmp(got->kpak, cert.kpak, sizeof(cert.kpak)) == 0);
    xml_kms_free(kms);
    free(text);
}

static void leaves_out_what_is_absent(void)
{
    struct xml_kms_cert cert;
    char *text;

    make_cert(&cert);
    cert.origin.cert_uri = cert.origin.issuer = (struct span){NULL, 0};
    cert.origin.valid_from_s = 0;
    cert.origin.valid_to_s = XML_KMS_FOREVER;
    text = write_cert(&cert);
    CU_ASSERT_PTR_NULL(strstr(text, "CertUri"));
    CU_ASSERT_PTR_NULL(strstr(text, "Issuer"));
    CU_ASSERT_PTR_NULL(strstr(text, "Valid"));
    free(text);
}

static void refuses_a_text_that_is_not_utf_8(void)
{
    struct xml_kms_cert cert;
    struct xml_kms_cert_form form = {&cert, span_str("c"), NULL, 0};
    uint8_t buf[4096];
    struct wr w;

    make_cert(&cert);
    cert.origin.issuer = span_str("\xff");
    wr_init(&w, buf, sizeof(buf));
    CU_ASSERT_EQUAL(xml_kms_cert_write(&w, &form), MU_E_MALFORMED);
}

static void says_when_there_is_no_space(void)
{
    struct xml_kms_cert cert;
    struct xml_kms_cert_form form = {&cert, span_str("c"), NULL, 0};
    uint8_t buf[500];
    struct wr w;

    make_cert(&cert);
    wr_init(&w, buf, sizeof(buf));
    CU_ASSERT_EQUAL(xml_kms_cert_write(&w, &form), MU_E_NO_SPACE);
}

/* Bare, in its signature's wrapper, and as the verifier hands it out. */
static void a_signature_does_not_change_the_fingerprint(void)
{
    const struct xml_cert_key key = {{1, 2, 3}};
    uint8_t bare[XML_SHA256_LEN], wrapped[XML_SHA256_LEN],
        verified[XML_SHA256_LEN];
    struct xml_canonical out = {NULL, 0};
    struct xml_cert_point point;
    struct xml_kms_cert cert;
    struct xml_fault fault;
    char *text, *around = calloc(1, TEXT_MAX);
    struct wr w;

    make_cert(&cert);
    text = write_cert(&cert);
    CU_ASSERT_FATAL(around != NULL);
    wr_init(&w, (uint8_t *)around, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(
        xml_sign_ecdsa(XML_SIGNED_CERT, span_str(text), &key, &w), MU_OK);
    CU_ASSERT_EQUAL_FATAL(xml_cert_point_of(&key, &point), MU_OK);
    CU_ASSERT_EQUAL_FATAL(xml_verify_ecdsa(XML_SIGNED_CERT, span_str(around),
                              &point, &fault, &out),
        MU_OK);
    CU_ASSERT_EQUAL(xml_kms_fingerprint(span_str(text), &fault, bare), MU_OK);
    CU_ASSERT_EQUAL(
        xml_kms_fingerprint(span_str(around), &fault, wrapped), MU_OK);
    CU_ASSERT_EQUAL(xml_sha256(xml_canonical_span(&out), verified), MU_OK);
    CU_ASSERT(memcmp(bare, wrapped, sizeof(bare)) == 0);
    CU_ASSERT(memcmp(bare, verified, sizeof(bare)) == 0);
    xml_canonical_clear(&out);
    free(around);
    free(text);
}

static void another_key_changes_the_fingerprint(void)
{
    uint8_t one[XML_SHA256_LEN], other[XML_SHA256_LEN];
    struct xml_kms_cert cert;
    struct xml_fault fault;
    char *text;

    make_cert(&cert);
    text = write_cert(&cert);
    CU_ASSERT_EQUAL(xml_kms_fingerprint(span_str(text), &fault, one), MU_OK);
    free(text);
    cert.z[200] ^= 1;
    text = write_cert(&cert);
    CU_ASSERT_EQUAL(xml_kms_fingerprint(span_str(text), &fault, other), MU_OK);
    free(text);
    CU_ASSERT(memcmp(one, other, sizeof(one)) != 0);
}

CU_TestInfo xml_kms_cert_tests[] = {
    {"reads the certificate it wrote", reads_the_certificate_it_wrote},
    {"leaves out what is absent", leaves_out_what_is_absent},
    {"refuses a text that is not UTF-8", refuses_a_text_that_is_not_utf_8},
    {"says when there is no space", says_when_there_is_no_space},
    {"a signature does not change the fingerprint",
        a_signature_does_not_change_the_fingerprint},
    {"another key changes the fingerprint",
        another_key_changes_the_fingerprint},
    CU_TEST_INFO_NULL,
};
