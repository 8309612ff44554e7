/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"

#define TEXT_MAX 8192
#define HEAD                                                                   \
    " xmlns=\"urn:3gpp:ns:mcsecKMSInterface:1.0\""                             \
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
#define PIECE "<KmsKeySet" HEAD "><a>1</a></KmsKeySet>"

static const struct xml_kms_request request = {
    .user_uri = {(const uint8_t *)"sip:a@b.org", 11},
    .kms_uri = {(const uint8_t *)"kms.b.org", 9},
    .time_s = 1763906625,
    .client_id = {(const uint8_t *)"client<1>", 9},
    .device_id = {(const uint8_t *)"dev", 3},
    .client_req_url = {(const uint8_t *)"https://k/?a&b", 14},
    .error_code = 500,
    .error_text = {(const uint8_t *)"no", 2},
};

/* Both as strings; free() them. */
static char *write_request(void)
{
    char *text = calloc(1, TEXT_MAX);
    struct wr w;

    CU_ASSERT_FATAL(text != NULL);
    wr_init(&w, (uint8_t *)text, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(
        xml_kms_request_write(&w, &request, span_str("r-1")), MU_OK);
    return text;
}

static char *write_response(const struct xml_kms_response_form *form)
{
    char *text = calloc(1, TEXT_MAX);
    struct wr w;

    CU_ASSERT_FATAL(text != NULL);
    wr_init(&w, (uint8_t *)text, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(xml_kms_response_write(&w, form), MU_OK);
    return text;
}

static struct xml_kms_response_form key_prov(const struct span pieces[2])
{
    return (struct xml_kms_response_form){
        .head = {.user_uri = span_str("sip:a@b.org"),
            .kms_uri = span_str("kms.b.org"),
            .time_s = 1763906625,
            .client_req_url = span_str("https://k/"),
            .message = XML_KMS_KEY_PROV},
        .id = span_str("r-1"),
        .pieces = pieces,
        .piece_count = 2,
    };
}

static void reads_the_request_it_wrote(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    char *text = write_request();
    struct xml_kms_request got;
    struct xml_fault fault;

    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(
        xml_kms_request_read(span_str(text), &arena, &fault, &got), MU_OK);
    free(text);
    CU_ASSERT(span_eq(got.user_uri, request.user_uri));
    CU_ASSERT(span_eq(got.kms_uri, request.kms_uri));
    CU_ASSERT_EQUAL(got.time_s, request.time_s);
    CU_ASSERT(span_eq(got.client_id, request.client_id));
    CU_ASSERT(span_eq(got.device_id, request.device_id));
    CU_ASSERT(span_eq(got.client_req_url, request.client_req_url));
    CU_ASSERT_EQUAL(got.error_code, 500);
    CU_ASSERT(span_eq(got.error_text, request.error_text));
}

static void reads_the_response_it_wrote(void)
{
    const struct span pieces[] = {span_str(PIECE), span_str(PIECE)};
    const struct xml_kms_response_form form = key_prov(pieces);
    char *text = write_response(&form);
    struct xml_kms_response *got = NULL;
    struct xml_fault fault;

    CU_ASSERT_EQUAL_FATAL(
        xml_kms_response_read(span_str(text), &fault, &got), MU_OK);
    free(text);
    CU_ASSERT(span_eq(got->head.user_uri, form.head.user_uri));
    CU_ASSERT(span_eq(got->head.kms_uri, form.head.kms_uri));
    CU_ASSERT_EQUAL(got->head.time_s, form.head.time_s);
    CU_ASSERT_EQUAL(got->head.kms_id.len, 0);
    CU_ASSERT(span_eq(got->head.client_req_url, form.head.client_req_url));
    CU_ASSERT_EQUAL(got->head.message, XML_KMS_KEY_PROV);
    CU_ASSERT_EQUAL(got->head.error_code, XML_KMS_NO_ERROR);
    CU_ASSERT_FATAL(got->pieces != NULL && got->pieces->next != NULL);
    CU_ASSERT_EQUAL(got->pieces->kind, XML_KMS_PIECE_KEY_SET);
    CU_ASSERT(span_eq(xml_canonical_span(&got->pieces->text), span_str(PIECE)));
    CU_ASSERT_PTR_NULL(got->pieces->next->next);
    xml_kms_response_free(got);
}

static void reads_certificates_of_a_cache(void)
{
    const struct span pieces[] = {
        span_str("<SignedKmsCertificate" HEAD "></SignedKmsCertificate>"),
        span_str("<KmsCertificate" HEAD "></KmsCertificate>")};
    struct xml_kms_response_form form = key_prov(pieces);
    struct xml_kms_response *got = NULL;
    struct xml_fault fault;
    char *text;

    form.head.message = XML_KMS_CERT_CACHE;
    form.head.cache_num = 77;
    text = write_response(&form);
    CU_ASSERT_EQUAL_FATAL(
        xml_kms_response_read(span_str(text), &fault, &got), MU_OK);
    free(text);
    CU_ASSERT_EQUAL(got->head.cache_num, 77);
    CU_ASSERT_FATAL(got->pieces != NULL && got->pieces->next != NULL);
    CU_ASSERT_EQUAL(got->pieces->kind, XML_KMS_PIECE_SIGNED_CERT);
    CU_ASSERT(span_eq(xml_canonical_span(&got->pieces->text), pieces[0]));
    CU_ASSERT_EQUAL(got->pieces->next->kind, XML_KMS_PIECE_CERT);
    xml_kms_response_free(got);
}

static void reads_a_refusal(void)
{
    struct xml_kms_response_form form = key_prov(NULL);
    struct xml_kms_response *got = NULL;
    struct xml_fault fault;
    char *text;

    form.piece_count = 0;
    form.head.message = XML_KMS_NO_MESSAGE;
    form.head.error_code = XML_KMS_FORBIDDEN;
    form.head.error_text = span_str("not yours");
    text = write_response(&form);
    CU_ASSERT_EQUAL_FATAL(
        xml_kms_response_read(span_str(text), &fault, &got), MU_OK);
    free(text);
    CU_ASSERT_EQUAL(got->head.message, XML_KMS_NO_MESSAGE);
    CU_ASSERT_EQUAL(got->head.error_code, 403);
    CU_ASSERT(span_eq(got->head.error_text, span_str("not yours")));
    CU_ASSERT_PTR_NULL(got->pieces);
    xml_kms_response_free(got);
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
    const char *path, *why;
};

static void refuses_bad_values_in_a_request(void)
{
    static const struct change changes[] = {
        {"KMSInterface:1.0", "KMSInterface:2.0", "/KmsRequest",
            "is not a document of this kind"},
        {"<UserUri>sip:a@b.org</UserUri>", "", "/KmsRequest/UserUri",
            "is missing"},
        {"kms.b.org", "", "/KmsRequest/KmsUri", "is empty"},
        {"<Time>2025", "<Time>now", "/KmsRequest/Time",
            "is not a date and time"},
        {"<DeviceId>", "<DeviceId>d</DeviceId><DeviceId>",
            "/KmsRequest/DeviceId", "occurs too often"},
        {"<ClientReqUrl>", "<ClientReqUrl><a/>", "/KmsRequest/ClientReqUrl",
            "is empty"},
        {"<ErrorCode>", "<ErrorCode>x", "/KmsRequest/ClientError/ErrorCode",
            "is not a number"},
        {"<UserUri>", "<Other/><UserUri>", "/KmsRequest/Other",
            "is not expected"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        char *good = write_request();
        char *bad = replace(good, changes[i].old, changes[i].new);
        struct xml_kms_request got;
        struct xml_fault fault;

        mu_arena_init(&arena, 1 << 16);
        CU_ASSERT_EQUAL(
            xml_kms_request_read(span_str(bad), &arena, &fault, &got),
            MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(fault.path, changes[i].path);
        CU_ASSERT_STRING_EQUAL(fault.why, changes[i].why);
        free(good);
        free(bad);
    }
}

#define RESPONSE "/KmsResponse"
#define MESSAGE  RESPONSE "/KmsMessage"

static void refuses_bad_values_in_a_response(void)
{
    static const struct change changes[] = {
        {"<KmsResponse", "<KmsRequest", "", "is not well-formed"},
        {"<KmsUri>kms.b.org</KmsUri>", "", RESPONSE "/KmsUri", "is missing"},
        {"Z</Time>", "</Time>?", RESPONSE, "has text between its elements"},
        {"</KmsKeyProv>", "</KmsKeyProv><KmsInit/>", MESSAGE "/KmsInit",
            "is a second message"},
        {"</KmsMessage>",
            "</KmsMessage><KmsError><ErrorCode>0</ErrorCode>"
            "<ErrorMsg>a</ErrorMsg></KmsError>",
            RESPONSE "/KmsError/ErrorCode", "is no error"},
        {"<KmsKeySet", "<KmsCertificate/><KmsKeySet",
            MESSAGE "/KmsKeyProv/KmsCertificate", "is not expected"},
    };
    const struct span pieces[] = {span_str(PIECE), span_str(PIECE)};
    const struct xml_kms_response_form form = key_prov(pieces);

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        char *good = write_response(&form);
        char *bad = replace(good, changes[i].old, changes[i].new);
        struct xml_kms_response *got = NULL;
        struct xml_fault fault;

        CU_ASSERT_EQUAL(
            xml_kms_response_read(span_str(bad), &fault, &got), MU_E_MALFORMED);
        CU_ASSERT_PTR_NULL(got);
        CU_ASSERT_STRING_EQUAL(fault.path, changes[i].path);
        CU_ASSERT_STRING_EQUAL(fault.why, changes[i].why);
        free(good);
        free(bad);
    }
}

static void tells_signed_documents_by_their_root(void)
{
    CU_ASSERT_TRUE(xml_kms_is_signed(span_str("<SignedKmsRequest" HEAD "/>")));
    CU_ASSERT_TRUE(xml_kms_is_signed(span_str("<SignedKmsResponse" HEAD "/>")));
    CU_ASSERT_FALSE(xml_kms_is_signed(span_str("<KmsRequest" HEAD "/>")));
    CU_ASSERT_FALSE(xml_kms_is_signed(span_str("<SignedKmsRequest/>")));
    CU_ASSERT_FALSE(xml_kms_is_signed(span_str("")));
}

static void refuses_every_truncation_of_a_request(void)
{
    char *text = write_request();
    struct xml_kms_request got;
    struct xml_fault fault;

    for (size_t len = 0; len < strlen(text); len++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        const struct span cut = {(const uint8_t *)text, len};

        mu_arena_init(&arena, 1 << 16);
        CU_ASSERT_EQUAL(
            xml_kms_request_read(cut, &arena, &fault, &got), MU_E_MALFORMED);
    }
    free(text);
}

static void reports_every_failed_allocation(void)
{
    const struct span pieces[] = {span_str(PIECE), span_str(PIECE)};
    const struct xml_kms_response_form form = key_prov(pieces);
    char *text = write_response(&form);
    struct xml_kms_response *got = NULL;
    struct xml_fault fault;
    enum mu_err err;

    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = xml_kms_response_read(span_str(text), &fault, &got);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
    xml_kms_response_free(got);
    free(text);
}

CU_TestInfo xml_kms_message_tests[] = {
    {"reads the request it wrote", reads_the_request_it_wrote},
    {"reads the response it wrote", reads_the_response_it_wrote},
    {"reads certificates of a cache", reads_certificates_of_a_cache},
    {"reads a refusal", reads_a_refusal},
    {"refuses bad values in a request", refuses_bad_values_in_a_request},
    {"refuses bad values in a response", refuses_bad_values_in_a_response},
    {"tells signed documents by their root",
        tells_signed_documents_by_their_root},
    {"refuses every truncation of a request",
        refuses_every_truncation_of_a_request},
    {"reports every failed allocation", reports_every_failed_allocation},
    CU_TEST_INFO_NULL,
};
