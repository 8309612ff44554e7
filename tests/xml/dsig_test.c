/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/dsig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"

#define NS  "urn:3gpp:ns:mcsecKMSInterface:1.0"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define DS  "http://www.w3.org/2000/09/xmldsig#"

#define HEAD    " xmlns=\"" NS "\" xmlns:xsi=\"" XSI "\""
#define REQUEST "<KmsRequest" HEAD " Id=\"r1\"><Time>now</Time></KmsRequest>"
#define CERT    "<KmsCertificate" HEAD " Id=\"c1\"><a/></KmsCertificate>"

static const struct mcptt_ink ink = {{1, 2, 3}};
static const struct xml_cert_key cert_key = {{4, 5, 6}};

#define TEXT_MAX 16384

/* A signed element as a string; free() it. */
static char *sign_with_ink(enum xml_signed kind, const char *element)
{
    char *text = calloc(1, TEXT_MAX);
    struct wr w;

    CU_ASSERT_FATAL(text != NULL);
    wr_init(&w, (uint8_t *)text, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(
        xml_sign_hmac(kind, span_str(element), &ink, span_str("ink.1.a"), &w),
        MU_OK);
    return text;
}

static char *sign_request(void)
{
    return sign_with_ink(XML_SIGNED_REQUEST, REQUEST);
}

static char *sign_cert(void)
{
    char *text = calloc(1, TEXT_MAX);
    struct wr w;

    CU_ASSERT_FATAL(text != NULL);
    wr_init(&w, (uint8_t *)text, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(
        xml_sign_ecdsa(XML_SIGNED_CERT, span_str(CERT), &cert_key, &w), MU_OK);
    return text;
}

static enum mu_err verify_request(const char *text, struct xml_fault *fault)
{
    struct xml_canonical out = {NULL, 0};
    enum mu_err err =
        xml_verify_hmac(XML_SIGNED_REQUEST, span_str(text), &ink, fault, &out);

    CU_ASSERT_EQUAL(out.p != NULL, err == MU_OK);
    xml_canonical_clear(&out);
    return err;
}

static void verifies_a_request_signed_with_an_ink(void)
{
    char *text = sign_request();
    struct xml_canonical out = {NULL, 0};
    struct xml_fault fault;

    CU_ASSERT_EQUAL(
        xml_verify_hmac(XML_SIGNED_REQUEST, span_str(text), &ink, &fault, &out),
        MU_OK);
    CU_ASSERT(span_eq(xml_canonical_span(&out), span_str(REQUEST)));
    xml_canonical_clear(&out);
    free(text);
}

static void verifies_a_certificate_signed_by_its_kms(void)
{
    char *text = sign_cert();
    struct xml_canonical out = {NULL, 0};
    struct xml_cert_point point;
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(xml_cert_point_of(&cert_key, &point), MU_OK);
    CU_ASSERT_EQUAL(
        xml_verify_ecdsa(XML_SIGNED_CERT, span_str(text), &point, &fault, &out),
        MU_OK);
    CU_ASSERT(span_eq(xml_canonical_span(&out),
        span_str("<KmsCertificate" HEAD " Id=\"c1\"><a></a>"
                 "</KmsCertificate>")));
    xml_canonical_clear(&out);
    free(text);
}

static void refuses_another_ink(void)
{
    struct mcptt_ink other = ink;
    struct xml_canonical out = {NULL, 0};
    char *text = sign_request();
    struct xml_fault fault;

    other.b[31] ^= 1;
    CU_ASSERT_EQUAL(xml_verify_hmac(XML_SIGNED_REQUEST, span_str(text), &other,
                        &fault, &out),
        MU_E_CRYPTO);
    CU_ASSERT_STRING_EQUAL(fault.why, "is not signed with this key");
    CU_ASSERT_PTR_NULL(out.p);
    free(text);
}

static void refuses_another_certificate_key(void)
{
    const struct xml_cert_key other = {{7, 8, 9}};
    struct xml_canonical out = {NULL, 0};
    struct xml_cert_point point;
    char *text = sign_cert();
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(xml_cert_point_of(&other, &point), MU_OK);
    CU_ASSERT_EQUAL(
        xml_verify_ecdsa(XML_SIGNED_CERT, span_str(text), &point, &fault, &out),
        MU_E_CRYPTO);
    CU_ASSERT_PTR_NULL(out.p);
    free(text);
}

/* An HMAC keyed with a public point must not pass for the KMS's signature. */
static void refuses_an_hmac_where_ecdsa_is_due(void)
{
    struct xml_canonical out = {NULL, 0};
    struct xml_cert_point point;
    struct xml_fault fault;
    char *text = sign_with_ink(XML_SIGNED_CERT, CERT);

    CU_ASSERT_EQUAL_FATAL(xml_cert_point_of(&cert_key, &point), MU_OK);
    CU_ASSERT_EQUAL(
        xml_verify_ecdsa(XML_SIGNED_CERT, span_str(text), &point, &fault, &out),
        MU_E_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(fault.path,
        "/SignedKmsCertificate/Signature/SignedInfo/SignatureMethod");
    free(text);
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

static void check_change(const struct change *c)
{
    char *good = sign_request();
    char *bad = replace(good, c->old, c->new);
    struct xml_fault fault;
    enum mu_err err = verify_request(bad, &fault);

    CU_ASSERT_EQUAL(err, c->err);
    CU_ASSERT_STRING_EQUAL(fault.path, c->path);
    CU_ASSERT(fault.why != NULL && strcmp(fault.why, c->why) == 0);
    if (err != c->err || strcmp(fault.path, c->path) != 0)
        printf("%s -> %s: %s at %s, %s\n", c->old, c->new, mu_err_name(err),
            fault.path, fault.why != NULL ? fault.why : "");
    free(good);
    free(bad);
}

#define ROOT "/SignedKmsRequest"
#define SIG  ROOT "/Signature"
#define INFO SIG "/SignedInfo"

static void refuses_every_other_form(void)
{
    static const struct change changes[] = {
        {"<Time>now", "<Time>then", MU_E_CRYPTO, "",
            "was changed after it was signed"},
        {" Id=\"r1\"", " Id=\"r2\"", MU_E_MALFORMED, "",
            "signs something else"},
        {" Id=\"r1\"", "", MU_E_MALFORMED, ROOT "/KmsRequest",
            "has no usable Id"},
        {" Id=\"r1\"", " Id=\"r 1\"", MU_E_MALFORMED, ROOT "/KmsRequest",
            "has no usable Id"},
        {"URI=\"#r1\"", "URI=\"\"", MU_E_MALFORMED, INFO "/Reference",
            "is not in this document"},
        {"URI=\"#r1\"", "", MU_E_MALFORMED, INFO "/Reference",
            "is not in this document"},
        {"URI=\"#r1\"", "URI=\"http://a/#r1\"", MU_E_MALFORMED,
            INFO "/Reference", "is not in this document"},
        {"URI=\"#r1\"", "URI=\"#xpointer(/)\"", MU_E_MALFORMED, "",
            "signs something else"},
        {"REC-xml-c14n-20010315\"></ds:C", "REC-xml-c14n-20010315#x\"></ds:C",
            MU_E_UNSUPPORTED, INFO "/CanonicalizationMethod",
            "names another algorithm"},
        {"#hmac-sha256", "#hmac-sha1", MU_E_UNSUPPORTED,
            INFO "/SignatureMethod", "names another algorithm"},
        {"</ds:SignatureMethod>",
            "<ds:HMACOutputLength>8</ds:HMACOutputLength>"
            "</ds:SignatureMethod>",
            MU_E_UNSUPPORTED, INFO "/SignatureMethod/HMACOutputLength",
            "is not 256"},
        {"xmlenc#sha256", "xmlenc#sha512", MU_E_UNSUPPORTED,
            INFO "/Reference/DigestMethod", "names another algorithm"},
        {"REC-xml-c14n-20010315\"></ds:T", "REC-xslt-19991116\"></ds:T",
            MU_E_UNSUPPORTED, INFO "/Reference/Transforms/Transform",
            "names another algorithm"},
        {"</ds:Transform>", "</ds:Transform><ds:Transform/>", MU_E_MALFORMED,
            INFO "/Reference/Transforms/Transform", "occurs too often"},
        {"<ds:Reference ",
            "<ds:Reference URI=\"#x\"></ds:Reference><ds:Reference ",
            MU_E_MALFORMED, INFO "/Reference", "occurs too often"},
        {"<ds:DigestValue>", "<ds:DigestValue>AAAA", MU_E_MALFORMED,
            INFO "/Reference/DigestValue", "is not base64 of that length"},
        {"<ds:SignatureValue>", "<ds:SignatureValue>AAAA", MU_E_CRYPTO, "",
            "is not signed with this key"},
        {"<ds:SignatureValue>", "<ds:SignatureValue>!", MU_E_MALFORMED,
            SIG "/SignatureValue", "is not base64 of that length"},
        {"<ds:KeyInfo>", "<ds:Object/><ds:KeyInfo>", MU_E_MALFORMED,
            SIG "/Object", "is not expected"},
        {"xmldsig#", "xmldsig2#", MU_E_MALFORMED, SIG, "is missing"},
        {NS, "urn:other", MU_E_MALFORMED, ROOT,
            "is not a document of this kind"},
        {"<SignedKmsRequest", "<!DOCTYPE a [<!ENTITY b 'c'>]><SignedKmsRequest",
            MU_E_MALFORMED, "", "has a DOCTYPE"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        check_change(&changes[i]);
}

static void refuses_a_second_signature(void)
{
    char *good = sign_request();
    const char *from = strstr(good, "<ds:Signature ");
    const char *to = strstr(good, "</SignedKmsRequest>");
    struct xml_fault fault;
    char *twice, *bad;

    CU_ASSERT_FATAL(from != NULL && to != NULL);
    twice = calloc(1, strlen(good) + 64);
    CU_ASSERT_FATAL(twice != NULL);
    (void)sprintf(twice, "%.*s</SignedKmsRequest>", (int)(to - from), from);
    bad = replace(good, "</SignedKmsRequest>", twice);
    CU_ASSERT_EQUAL(verify_request(bad, &fault), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(fault.path, SIG);
    free(bad);
    free(twice);
    free(good);
}

static void refuses_no_signature_at_all(void)
{
    struct xml_fault fault;

    CU_ASSERT_EQUAL(
        verify_request(
            "<SignedKmsRequest" HEAD ">" REQUEST "</SignedKmsRequest>", &fault),
        MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(fault.path, SIG);
}

/* The signed element moved aside, a forged one in its place. */
static void refuses_wrapping(void)
{
    static const char *const moves[] = {
        /* beside, and beside with an Id of its own, before and after */
        "<KmsRequest Id=\"r1\"><Time>forged</Time></KmsRequest>" REQUEST,
        REQUEST "<KmsRequest Id=\"r1\"><Time>forged</Time></KmsRequest>",
        "<KmsRequest Id=\"x\"><Time>forged</Time></KmsRequest>" REQUEST,
        REQUEST "<KmsRequest Id=\"x\"><Time>forged</Time></KmsRequest>",
        /* inside the forged one */
        "<KmsRequest Id=\"x\"><Time>forged</Time>" REQUEST "</KmsRequest>",
        "<KmsRequest Id=\"r1\"><Time>forged</Time>" REQUEST "</KmsRequest>",
        "<KmsRequest><Time>forged</Time>" REQUEST "</KmsRequest>",
        /* in a foreign element */
        "<KmsRequest Id=\"x\"/><o:Object xmlns:o=\"urn:o\">" REQUEST
        "</o:Object>",
        "<KmsRequest Id=\"r1\"/><o:Object xmlns:o=\"urn:o\">" REQUEST
        "</o:Object>",
    };

    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        char *good = sign_request();
        char *bad = replace(good, REQUEST, moves[i]);
        struct xml_fault fault;

        CU_ASSERT_NOT_EQUAL(verify_request(bad, &fault), MU_OK);
        free(good);
        free(bad);
    }
}

static void refuses_wrapping_in_the_signature(void)
{
    const struct change object = {"</ds:Signature>",
        "<ds:Object>" REQUEST "</ds:Object></ds:Signature>", MU_E_MALFORMED,
        ROOT "/KmsRequest", "has an Id that is not its"};
    const struct change info = {"<ds:KeyInfo>", "<ds:KeyInfo>" REQUEST,
        MU_E_MALFORMED, ROOT "/KmsRequest", "has an Id that is not its"};

    check_change(&object);
    check_change(&info);
}

static void refuses_an_id_that_occurs_twice(void)
{
    static const char *const ids[] = {"Id", "ID", "id", "xml:id"};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char tag[64];
        const struct change c = {"<ds:KeyName", tag, MU_E_MALFORMED,
            ROOT "/KmsRequest", "has an Id that is not its"};

        (void)snprintf(tag, sizeof(tag), "<ds:KeyName %s=\"r1\"", ids[i]);
        check_change(&c);
    }
}

static void refuses_another_kind_of_document(void)
{
    struct xml_canonical out = {NULL, 0};
    char *text = sign_request();
    struct xml_fault fault;

    CU_ASSERT_EQUAL(xml_verify_hmac(XML_SIGNED_RESPONSE, span_str(text), &ink,
                        &fault, &out),
        MU_E_MALFORMED);
    CU_ASSERT_PTR_NULL(out.p);
    free(text);
}

static void refuses_every_truncation(void)
{
    char *text = sign_request();
    struct xml_canonical out = {NULL, 0};
    struct xml_fault fault;

    for (size_t len = 0; len < strlen(text); len++)
        CU_ASSERT_EQUAL(
            xml_verify_hmac(XML_SIGNED_REQUEST,
                (struct span){(uint8_t *)text, len}, &ink, &fault, &out),
            MU_E_MALFORMED);
    free(text);
}

/* Another prefix and the same words: canonical octets tell, not the text. */
static void takes_white_space_in_tags(void)
{
    char *good = sign_request();
    char *same = replace(good, "<KmsRequest ", "<KmsRequest\n   ");
    struct xml_fault fault;

    CU_ASSERT_EQUAL(verify_request(same, &fault), MU_OK);
    free(good);
    free(same);
}

/* Canonical octets drop what is declared around them: put it back. */
static char *cut_out_certificate(const struct xml_canonical *response)
{
    const char *end = "</SignedKmsCertificate>";
    char *text = calloc(1, response->len + 1), *from, *to, *out;

    CU_ASSERT_FATAL(text != NULL);
    memcpy(text, response->p, response->len);
    from = strstr(text, "<SignedKmsCertificate>");
    to = strstr(text, end);
    CU_ASSERT_FATAL(from != NULL && to != NULL);
    to[strlen(end)] = '\0';
    out = replace(from, "<SignedKmsCertificate", "<SignedKmsCertificate" HEAD);
    free(text);
    return out;
}

/* A certificate keeps its signature wherever we put it (xml/kms_form.h). */
static void a_certificate_may_be_embedded(void)
{
    char *cert = sign_cert();
    char *element =
        replace("<KmsResponse" HEAD " Id=\"r\">@</KmsResponse>", "@", cert);
    char *text = sign_with_ink(XML_SIGNED_RESPONSE, element), *inner;
    struct xml_canonical out = {NULL, 0}, again = {NULL, 0};
    struct xml_cert_point point;
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(xml_cert_point_of(&cert_key, &point), MU_OK);
    CU_ASSERT_EQUAL_FATAL(xml_verify_hmac(XML_SIGNED_RESPONSE, span_str(text),
                              &ink, &fault, &out),
        MU_OK);
    inner = cut_out_certificate(&out);
    CU_ASSERT_EQUAL(xml_verify_ecdsa(XML_SIGNED_CERT, span_str(inner), &point,
                        &fault, &again),
        MU_OK);
    xml_canonical_clear(&again);
    xml_canonical_clear(&out);
    free(inner);
    free(text);
    free(element);
    free(cert);
}

static void signs_nothing_in_another_form(void)
{
    static const char *const bad[] = {
        "<KmsRequest Id=\"r1\"></KmsRequest>",
        "<KmsRequest xmlns=\"" NS "\" Id=\"r1\"></KmsRequest>",
        "<KmsRequest" HEAD "></KmsRequest>",
        "<KmsRequest" HEAD " Id=\"#\"></KmsRequest>",
        "<KmsRequest" HEAD " xmlns:a=\"urn:a\" Id=\"r1\"></KmsRequest>",
        "<a:KmsRequest xmlns:a=\"" NS "\" xmlns:xsi=\"" XSI
        "\" Id=\"r1\"></a:KmsRequest>",
        CERT,
        "no XML",
    };
    uint8_t buf[4096];
    struct wr w;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        wr_init(&w, buf, sizeof(buf));
        CU_ASSERT_EQUAL(xml_sign_hmac(XML_SIGNED_REQUEST, span_str(bad[i]),
                            &ink, span_str("k"), &w),
            MU_E_MALFORMED);
    }
}

static void says_when_there_is_no_space(void)
{
    uint8_t buf[600];
    struct wr w;

    wr_init(&w, buf, sizeof(buf));
    CU_ASSERT_EQUAL(xml_sign_hmac(XML_SIGNED_REQUEST, span_str(REQUEST), &ink,
                        span_str("k"), &w),
        MU_E_NO_SPACE);
}

/* Canonical XML takes the square of what is in scope, for each element. */
static void refuses_piles_of_name_spaces(void)
{
    char many[2048] = "<KmsRequest", *good = sign_request(), *bad;
    struct xml_fault fault;

    for (unsigned i = 0; i < XML_IN_SCOPE_MAX; i++) {
        size_t at = strlen(many);

        (void)snprintf(
            many + at, sizeof(many) - at, " xmlns:n%u=\"urn:n%u\"", i, i);
    }
    bad = replace(good, "<KmsRequest", many);
    CU_ASSERT_EQUAL(verify_request(bad, &fault), MU_E_NO_SPACE);
    CU_ASSERT_STRING_EQUAL(fault.why, "declares too many name spaces");
    free(good);
    free(bad);
}

static void reports_every_failed_allocation(void)
{
    char *text = sign_request();
    struct xml_canonical out = {NULL, 0};
    struct xml_fault fault;
    enum mu_err err;

    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = xml_verify_hmac(
            XML_SIGNED_REQUEST, span_str(text), &ink, &fault, &out);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
        CU_ASSERT_PTR_NULL(out.p);
        xml_canonical_clear(&out);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
    xml_canonical_clear(&out);
    free(text);
}

CU_TestInfo xml_dsig_tests[] = {
    {"verifies a request signed with an InK",
        verifies_a_request_signed_with_an_ink},
    {"verifies a certificate signed by its KMS",
        verifies_a_certificate_signed_by_its_kms},
    {"refuses another InK", refuses_another_ink},
    {"refuses another certificate key", refuses_another_certificate_key},
    {"refuses an HMAC where ECDSA is due", refuses_an_hmac_where_ecdsa_is_due},
    {"refuses every other form", refuses_every_other_form},
    {"refuses a second signature", refuses_a_second_signature},
    {"refuses no signature at all", refuses_no_signature_at_all},
    {"refuses wrapping", refuses_wrapping},
    {"refuses wrapping in the signature", refuses_wrapping_in_the_signature},
    {"refuses an Id that occurs twice", refuses_an_id_that_occurs_twice},
    {"refuses another kind of document", refuses_another_kind_of_document},
    {"refuses every truncation", refuses_every_truncation},
    {"takes white space in tags", takes_white_space_in_tags},
    {"a certificate may be embedded", a_certificate_may_be_embedded},
    {"signs nothing in another form", signs_nothing_in_another_form},
    {"says when there is no space", says_when_there_is_no_space},
    {"refuses piles of name spaces", refuses_piles_of_name_spaces},
    {"reports every failed allocation", reports_every_failed_allocation},
    CU_TEST_INFO_NULL,
};
