/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"
#include "tests/vec.h"

static void free_text(char **text)
{
    free(*text);
}

static void free_kms(struct xml_kms **kms)
{
    xml_kms_free(*kms);
}

/* A document of tests/vectors/xml, as a string; free() it. */
static char *load(const char *name)
{
    char path[512], *text = calloc(1, 8192);
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/xml/%s", VECTOR_DIR, name);
    f = fopen(path, "rb");
    CU_ASSERT_FATAL(f != NULL && text != NULL);
    CU_ASSERT_FATAL(fread(text, 1, 8191, f) > 0);
    (void)fclose(f);
    return text;
}

static struct xml_kms *read_good(const char *name)
{
    MU_CLEANUP(free_text) char *text = load(name);
    struct xml_kms *kms = NULL;
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(xml_kms_read(span_str(text), &fault, &kms), MU_OK);
    CU_ASSERT_EQUAL(fault.err, MU_OK);
    return kms;
}

/* Octets whose first four are given, to tell keys apart. */
static bool starts_with(const uint8_t *octets, uint32_t first)
{
    return ((uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 |
               (uint32_t)octets[2] << 8 | octets[3]) == first;
}

static void reads_a_bare_certificate(void)
{
    MU_CLEANUP(free_kms) struct xml_kms *kms = read_good("kms-certificate.xml");
    const struct xml_kms_cert *c = kms->certs;

    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    CU_ASSERT_PTR_NULL(c->next);
    CU_ASSERT_PTR_NULL(kms->key_sets);
    CU_ASSERT_EQUAL(c->role, XML_KMS_ROLE_ROOT);
    CU_ASSERT_FALSE(c->is_security_gateway);
    CU_ASSERT(span_eq(c->origin.kms_uri, span_str("kms.example.org")));
    CU_ASSERT_EQUAL(c->rule.length_s, 2592000);
    CU_ASSERT_EQUAL(c->rule.offset_s, 0);
    CU_ASSERT(starts_with(c->z, 0x047164b8));
    CU_ASSERT(starts_with(c->kpak, 0x0495d3a7));
}

static void gives_defaults_for_what_is_absent(void)
{
    MU_CLEANUP(free_kms) struct xml_kms *kms = read_good("kms-certificate.xml");
    const struct xml_kms_origin *origin = &kms->certs->origin;

    CU_ASSERT_EQUAL(origin->cert_uri.len, 0);
    CU_ASSERT_EQUAL(origin->issuer.len, 0);
    CU_ASSERT_EQUAL(origin->valid_from_s, 0);
    CU_ASSERT_EQUAL(origin->valid_to_s, XML_KMS_FOREVER);
    CU_ASSERT_FALSE(origin->revoked);
}

static void reads_a_signed_certificate_in_a_response(void)
{
    MU_CLEANUP(free_kms) struct xml_kms *kms = read_good("kms-init.xml");
    const struct xml_kms_origin *origin = &kms->certs->origin;

    CU_ASSERT(span_eq(origin->cert_uri, span_str("cert1.kms.example.org")));
    CU_ASSERT(span_eq(origin->issuer, span_str("Example KMS")));
    CU_ASSERT_EQUAL(origin->valid_from_s, 1735689600);
    CU_ASSERT_EQUAL(origin->valid_to_s, 2051222400);
    CU_ASSERT_FALSE(origin->revoked);
    CU_ASSERT(starts_with(kms->certs->z, 0x047164b8));
}

static void reads_an_external_certificate_from_the_cache(void)
{
    MU_CLEANUP(free_kms) struct xml_kms *kms = read_good("kms-certcache.xml");

    CU_ASSERT_EQUAL(kms->certs->role, XML_KMS_ROLE_EXTERNAL);
    CU_ASSERT_TRUE(kms->certs->is_security_gateway);
}

static void reads_a_bare_key_set(void)
{
    MU_CLEANUP(free_kms) struct xml_kms *kms = read_good("kms-key-set.xml");
    const struct xml_kms_key_set *s = kms->key_sets;

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_PTR_NULL(s->next);
    CU_ASSERT_PTR_NULL(kms->certs);
    CU_ASSERT(span_eq(s->origin.kms_uri, span_str("kms.example.org")));
    CU_ASSERT(span_eq(s->user_uri, span_str("sip:b602878@example.org")));
    CU_ASSERT_EQUAL(s->period_no, 1531);
    CU_ASSERT(starts_with(s->uid.b, 0x75047a9a));
    CU_ASSERT(starts_with(s->rsk.b, 0x041bccb6));
    CU_ASSERT(starts_with(s->pair.ssk.b, 0x109f0fd0));
    CU_ASSERT(starts_with(s->pair.pvt, 0x0448c1e5));
}

static void reads_key_sets_in_hex_and_in_base64(void)
{
    MU_CLEANUP(free_kms) struct xml_kms *kms = read_good("kms-keyprov.xml");
    const struct xml_kms_key_set *s = kms->key_sets;

    CU_ASSERT(starts_with(s->uid.b, 0x75047a9a));
    CU_ASSERT_EQUAL(s->origin.valid_from_s, 1757030400);
    CU_ASSERT_EQUAL(s->origin.valid_to_s, 1759622400);
    s = s->next;
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_PTR_NULL(s->next);
    CU_ASSERT(starts_with(s->uid.b, 0xda5d96a8));
    CU_ASSERT(starts_with(s->rsk.b, 0x040f5ebb));
    CU_ASSERT(starts_with(s->pair.ssk.b, 0x60849857));
    CU_ASSERT(starts_with(s->pair.pvt, 0x04bc249f));
}

static void reads_a_refusal(void)
{
    MU_CLEANUP(free_kms) struct xml_kms *kms = read_good("kms-error.xml");

    CU_ASSERT_TRUE(kms->refused);
    CU_ASSERT_EQUAL(kms->error_code, 403);
    CU_ASSERT(span_eq(kms->error_text, span_str("no such user here")));
    CU_ASSERT_PTR_NULL(kms->certs);
    CU_ASSERT_PTR_NULL(kms->key_sets);
}

static void reads_the_certificate_of_a_deployed_server(void)
{
    MU_CLEANUP(free_text) char *text = vec_vendor("kms_init_response.xml");
    MU_CLEANUP(free_kms) struct xml_kms *kms = NULL;
    struct xml_fault fault;

    if (text == NULL)
        return;
    CU_ASSERT_EQUAL_FATAL(xml_kms_read(span_str(text), &fault, &kms), MU_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kms->certs);
    CU_ASSERT(span_eq(kms->certs->origin.kms_uri, span_str("localhost:8080")));
    CU_ASSERT(starts_with(kms->certs->z, 0x045958ef));
    CU_ASSERT(starts_with(kms->certs->kpak, 0x0450d467));
}

static void reads_the_key_set_of_a_deployed_server(void)
{
    MU_CLEANUP(free_text) char *text = vec_vendor("kms_keyprov_response.xml");
    MU_CLEANUP(free_kms) struct xml_kms *kms = NULL;
    struct xml_fault fault;

    if (text == NULL)
        return;
    CU_ASSERT_EQUAL_FATAL(xml_kms_read(span_str(text), &fault, &kms), MU_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kms->key_sets);
    CU_ASSERT(span_eq(kms->key_sets->user_uri, span_str("alice@org.com")));
    CU_ASSERT_EQUAL(kms->key_sets->period_no, 625);
    CU_ASSERT(starts_with(kms->key_sets->rsk.b, 0x0451e8e3));
}

/* A copy of text in which the first old has become new; free() it. */
static char *replace(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    size_t size = strlen(text) + strlen(new) + 1;
    char *out = calloc(1, size);

    CU_ASSERT_FATAL(at != NULL && out != NULL);
    (void)snprintf(
        out, size, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return out;
}

struct change {
    const char *old, *new;
    enum mu_err err;
    const char *path, *why;
};

static void check_change(const char *name, const struct change *c)
{
    MU_CLEANUP(free_text) char *good = load(name);
    MU_CLEANUP(free_text) char *bad = replace(good, c->old, c->new);
    MU_CLEANUP(free_kms) struct xml_kms *kms = NULL;
    struct xml_fault fault;
    enum mu_err err = xml_kms_read(span_str(bad), &fault, &kms);

    CU_ASSERT_EQUAL(err, c->err);
    CU_ASSERT_PTR_NULL(kms);
    CU_ASSERT_STRING_EQUAL(fault.path, c->path);
    CU_ASSERT(fault.why != NULL && strcmp(fault.why, c->why) == 0);
    if (err != c->err || strcmp(fault.path, c->path) != 0)
        printf("%s -> %s: %s at %s, %s\n", c->old, c->new, mu_err_name(err),
            fault.path, fault.why != NULL ? fault.why : "");
}

#define CERT "/KmsCertificate"
#define SET  "/KmsKeySet"

static void refuses_bad_values_in_a_certificate(void)
{
    static const struct change changes[] = {
        {"KMSInterface:1.0", "KMSInterface:2.0", MU_E_MALFORMED, CERT,
            "is not a document of this kind"},
        {"<KmsUri>kms.example.org</KmsUri>", "", MU_E_MALFORMED, CERT "/KmsUri",
            "is missing"},
        {"<KmsUri>", "<KmsUri>a</KmsUri><KmsUri>", MU_E_MALFORMED,
            CERT "/KmsUri", "occurs too often"},
        {"kms.example.org", " ", MU_E_MALFORMED, CERT "/KmsUri", "is empty"},
        {"<KmsUri>", "<KmsUrl>a</KmsUrl><KmsUri>", MU_E_MALFORMED,
            CERT "/KmsUrl", "is not expected"},
        {"\"Root\"", "\"Leaf\"", MU_E_MALFORMED, CERT, "has an unknown Role"},
        {"<UserIdFormat>2", "<UserIdFormat>1", MU_E_UNSUPPORTED,
            CERT "/UserIdFormat", "is not 2"},
        {"<UserKeyPeriod>2592000", "<UserKeyPeriod>month", MU_E_MALFORMED,
            CERT "/UserKeyPeriod", "is not a number"},
        {"<UserKeyPeriod>2592000", "<UserKeyPeriod>0", MU_E_MALFORMED, CERT,
            "has a UserKeyOffset not below UserKeyPeriod"},
        {"<UserKeyOffset>0", "<UserKeyOffset>2592000", MU_E_MALFORMED, CERT,
            "has a UserKeyOffset not below UserKeyPeriod"},
        {"<UserKeyOffset>0", "<UserKeyOffset>-1", MU_E_MALFORMED,
            CERT "/UserKeyOffset", "is not a number"},
        {"<PubEncKey>04", "<PubEncKey>", MU_E_MALFORMED, CERT "/PubEncKey",
            "is not hex or base64 of the right length"},
        {"<PubEncKey>04", "<PubEncKey>0", MU_E_MALFORMED, CERT "/PubEncKey",
            "is not hex or base64 of the right length"},
        {"<PubAuthKey>04", "<PubAuthKey>xx", MU_E_MALFORMED, CERT "/PubAuthKey",
            "is not hex or base64 of the right length"},
        {"<PubAuthKey>", "<PubAuthKey><any/>", MU_E_MALFORMED,
            CERT "/PubAuthKey", "is not hex or base64 of the right length"},
        {"</KmsCertificate>", "<ParameterSet>2</ParameterSet></KmsCertificate>",
            MU_E_UNSUPPORTED, CERT "/ParameterSet", "is not 1"},
        {"<UserIdFormat>", "<ValidFrom>today</ValidFrom><UserIdFormat>",
            MU_E_MALFORMED, CERT "/ValidFrom", "is not a date and time"},
        {"<UserIdFormat>", "<Revoked>maybe</Revoked><UserIdFormat>",
            MU_E_MALFORMED, CERT "/Revoked", "is not a boolean"},
        {"<UserIdFormat>",
            "<ValidFrom>2025-01-02T00:00:00</ValidFrom>"
            "<ValidTo>2025-01-02T00:00:00</ValidTo><UserIdFormat>",
            MU_E_MALFORMED, CERT, "ends before it begins"},
        {"<KmsCertificate", "<!DOCTYPE KmsCertificate []><KmsCertificate",
            MU_E_MALFORMED, "", "has a DOCTYPE"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        check_change("kms-certificate.xml", &changes[i]);
}

static void refuses_bad_values_in_a_key_set(void)
{
    static const struct change changes[] = {
        {"<UserUri>sip:b602878@example.org</UserUri>", "", MU_E_MALFORMED,
            SET "/UserUri", "is missing"},
        {"<UserID>75", "<UserID>", MU_E_MALFORMED, SET "/UserID",
            "is not hex or base64 of the right length"},
        {"<KeyPeriodNo>1531", "<KeyPeriodNo>99999999999999999999",
            MU_E_MALFORMED, SET "/KeyPeriodNo", "is not a number"},
        {"<UserDecryptKey>04", "<UserDecryptKey>04 04", MU_E_MALFORMED,
            SET "/UserDecryptKey", "is not hex or base64 of the right length"},
        {"<UserSigningKeySSK>10", "<UserSigningKeySSK>", MU_E_MALFORMED,
            SET "/UserSigningKeySSK",
            "is not hex or base64 of the right length"},
        {"<UserPubTokenPVT>04", "<UserPubTokenPVT>0g", MU_E_MALFORMED,
            SET "/UserPubTokenPVT", "is not hex or base64 of the right length"},
        {"<UserDecryptKey>",
            "<UserDecryptKey xmlns:x='http://www.w3.org/2001/"
            "XMLSchema-instance' x:type='EncKeyContentType'>",
            MU_E_UNSUPPORTED, SET "/UserDecryptKey", "is not in clear"},
        {"</KmsKeySet>", "<UserPubTokenPVT/></KmsKeySet>", MU_E_MALFORMED,
            SET "/UserPubTokenPVT", "occurs too often"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        check_change("kms-key-set.xml", &changes[i]);
}

static void frees_the_keys_read_before_a_fault(void)
{
    const struct change second = {"<UserUri>sip:b374143@example.org</UserUri>",
        "", MU_E_MALFORMED,
        "/SignedKmsResponse/KmsResponse/KmsMessage/KmsKeyProv/KmsKeySet/"
        "UserUri",
        "is missing"};

    check_change("kms-keyprov.xml", &second); /* a leak is the sanitizer's */
}

static void refuses_every_truncation_of_a_response(void)
{
    MU_CLEANUP(free_text) char *text = load("kms-keyprov.xml");
    size_t whole = strlen(text) - 1; /* the newline may go */
    struct xml_kms *kms = NULL;
    struct xml_fault fault;

    for (size_t len = 0; len < whole; len++) {
        struct span cut = {(const uint8_t *)text, len};

        CU_ASSERT_EQUAL(xml_kms_read(cut, &fault, &kms), MU_E_MALFORMED);
    }
    CU_ASSERT_PTR_NULL(kms);
}

static void reports_every_failed_allocation(void)
{
    MU_CLEANUP(free_text) char *text = load("kms-keyprov.xml");
    struct xml_kms *kms = NULL;
    struct xml_fault fault;
    enum mu_err err;

    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = xml_kms_read(span_str(text), &fault, &kms);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
    xml_kms_free(kms);
}

CU_TestInfo xml_kms_xml_tests[] = {
    {"reads a bare certificate", reads_a_bare_certificate},
    {"gives defaults for what is absent", gives_defaults_for_what_is_absent},
    {"reads a signed certificate in a response",
        reads_a_signed_certificate_in_a_response},
    {"reads an external certificate from the cache",
        reads_an_external_certificate_from_the_cache},
    {"reads a bare key set", reads_a_bare_key_set},
    {"reads key sets in hex and in base64",
        reads_key_sets_in_hex_and_in_base64},
    {"reads a refusal", reads_a_refusal},
    {"reads the certificate of a deployed server",
        reads_the_certificate_of_a_deployed_server},
    {"reads the key set of a deployed server",
        reads_the_key_set_of_a_deployed_server},
    {"refuses bad values in a certificate",
        refuses_bad_values_in_a_certificate},
    {"refuses bad values in a key set", refuses_bad_values_in_a_key_set},
    {"frees the keys read before a fault", frees_the_keys_read_before_a_fault},
    {"refuses every truncation of a response",
        refuses_every_truncation_of_a_response},
    {"reports every failed allocation", reports_every_failed_allocation},
    CU_TEST_INFO_NULL,
};
