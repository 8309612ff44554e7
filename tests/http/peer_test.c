/* SPDX-License-Identifier: Apache-2.0 */
#include "http/peer.h"

#include <openssl/x509v3.h>

#include "tests/suites.h"

/* What http_peer_uri() says of a certificate with these alternative names. */
static enum mu_err uri_of(const char *names, struct mcptt_id *out)
{
    X509 *cert = X509_new();
    X509_EXTENSION *ext = names != NULL ? X509V3_EXT_conf_nid(NULL, NULL,
                                              NID_subject_alt_name, names)
                                        : NULL;
    enum mu_err err;

    CU_ASSERT_PTR_NOT_NULL_FATAL(cert);
    CU_ASSERT_EQUAL_FATAL(ext != NULL, names != NULL);
    if (ext != NULL)
        CU_ASSERT_EQUAL_FATAL(X509_add_ext(cert, ext, -1), 1);
    err = http_peer_uri(cert, out);
    X509_EXTENSION_free(ext);
    X509_free(cert);
    return err;
}

static void the_one_uri_among_other_names_is_taken(void)
{
    struct mcptt_id id;

    CU_ASSERT_EQUAL_FATAL(
        uri_of("DNS:a.example,URI:sip:alice@example.org,IP:127.0.0.1", &id),
        MU_OK);
    CU_ASSERT(span_eq(mcptt_id_span(&id), span_str("sip:alice@example.org")));
}

static void a_certificate_without_a_uri_is_nobodys(void)
{
    struct mcptt_id id;

    CU_ASSERT_EQUAL(uri_of(NULL, &id), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(uri_of("DNS:a.example", &id), MU_E_NOT_FOUND);
}

static void two_uris_are_refused(void)
{
    struct mcptt_id id;

    CU_ASSERT_EQUAL(uri_of("URI:sip:a@example.org,URI:sip:b@example.org", &id),
        MU_E_MALFORMED);
}

CU_TestInfo http_peer_tests[] = {
    {"the one URI among other names is taken",
        the_one_uri_among_other_names_is_taken},
    {"a certificate without a URI is nobody's",
        a_certificate_without_a_uri_is_nobodys},
    {"two URIs are refused", two_uris_are_refused},
    CU_TEST_INFO_NULL,
};
