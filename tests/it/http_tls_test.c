/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_tls_test.c - what http/ says to whom over TLS: versions, protocols,
 * client certificates, and which contexts and listeners it refuses to make.
 */
#include <CUnit/Basic.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server.h"
#include "tests/it/served.h"

#define HELLO "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

static struct test_pki pki;
static SSL_CTX *anyone, *known, *stranger; /* clients' contexts */

static const struct served_args defaults = {.cert = NULL};

static int begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    if (!test_pki_make(&pki))
        return -1;
    anyone = test_pki_client(&pki, NULL, NULL);
    known = test_pki_client(&pki, pki.client, pki.client_key);
    stranger = test_pki_client(&pki, pki.other, pki.other_key);
    return anyone != NULL && known != NULL && stranger != NULL ? 0 : -1;
}

static int end(void)
{
    SSL_CTX_free(anyone);
    SSL_CTX_free(known);
    SSL_CTX_free(stranger);
    test_pki_clear(&pki);
    return 0;
}

static uint64_t now_ms(void)
{
    return mu_clock_mono_ms(mu_clock_system());
}

/* Whether a client with these protocol versions and this ALPN gets through. */
static bool shakes(unsigned port, int version, const char *alpn)
{
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    SSL_CTX *ctx = test_pki_client(&pki, NULL, NULL);
    bool ok;

    CU_ASSERT_FATAL(ctx != NULL);
    SSL_CTX_set_security_level(ctx, 0); /* so that 1.1 is offered at all */
    (void)SSL_CTX_set_min_proto_version(ctx, version);
    (void)SSL_CTX_set_max_proto_version(ctx, version);
    if (alpn != NULL)
        (void)SSL_CTX_set_alpn_protos(
            ctx, (const unsigned char *)alpn, (unsigned)strlen(alpn));
    ok = peer_open(&p, port, ctx);
    SSL_CTX_free(ctx);
    return ok;
}

static void tls_is_1_2_or_1_3_and_speaks_http_1_1(void)
{
    MU_CLEANUP(served_clear) struct served s;

    served_start(&s, &pki, &defaults);
    CU_ASSERT(shakes(s.tls, TLS1_3_VERSION, NULL));
    CU_ASSERT(shakes(s.tls, TLS1_2_VERSION, NULL));
    CU_ASSERT_FALSE(shakes(s.tls, TLS1_1_VERSION, NULL));
    CU_ASSERT_FALSE(shakes(s.tls, TLS1_VERSION, NULL));
    CU_ASSERT(shakes(s.tls, TLS1_3_VERSION, "\x02h2\x08http/1.1"));
    CU_ASSERT_FALSE(shakes(s.tls, TLS1_3_VERSION, "\x02h2"));
}

static void renegotiation_is_refused(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    SSL_CTX *ctx = test_pki_client(&pki, NULL, NULL);
    bool ok;

    CU_ASSERT_FATAL(ctx != NULL);
    (void)SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    served_start(&s, &pki, &defaults);
    ok = peer_open(&p, s.tls, ctx);
    SSL_CTX_free(ctx);
    CU_ASSERT_FATAL(ok);
    CU_ASSERT_EQUAL(SSL_renegotiate(p.ssl), 1);
    CU_ASSERT_NOT_EQUAL(SSL_do_handshake(p.ssl), 1);
}

/* With TLS 1.3 the client learns at its first read that it was refused. */
static unsigned status_as(
    unsigned port, SSL_CTX *ctx, const char *wire, struct reply *reply)
{
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};

    *reply = (struct reply){.status = 0};
    if (peer_open(&p, port, ctx) && peer_say(&p, wire))
        peer_reply(&p, false, reply);
    return reply->status;
}

static void a_client_certificate_is_demanded_where_configured(void)
{
    MU_CLEANUP(served_clear) struct served s;
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT_EQUAL(status_as(s.mutual, anyone, HELLO, &reply), 0);
    CU_ASSERT_EQUAL(status_as(s.mutual, stranger, HELLO, &reply), 0);
    CU_ASSERT_EQUAL(status_as(s.mutual, known, HELLO, &reply), 200);
    CU_ASSERT_EQUAL(status_as(s.mutual, known,
                        "GET /who HTTP/1.1\r\nHost: a\r\n\r\n", &reply),
        200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "peer=yes"));
}

static void identities_are_asserted_on_trusted_listeners_only(void)
{
    static const char wire[] =
        "GET /who HTTP/1.1\r\nHost: a\r\n"
        "X-3GPP-Asserted-Identity: \"sip:psi@x\"\r\n\r\n";
    static const char alias[] = "GET /who HTTP/1.1\r\nHost: a\r\n"
                                "X-XCAP-Asserted-Identity: sip:psi@x\r\n\r\n";
    MU_CLEANUP(served_clear) struct served s;
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT_EQUAL(status_as(s.mutual, known, wire, &reply), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "asserted=ok id=sip:psi@x "));
    CU_ASSERT_EQUAL(status_as(s.mutual, known, alias, &reply), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "asserted=ok id=sip:psi@x "));
    CU_ASSERT_EQUAL(status_as(s.tls, anyone, wire, &reply), 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "asserted=denied id= "));
}

static void new_certificates_hold_for_new_connections(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t start = now_ms();
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT_EQUAL(write(s.in, "r", 1), 1);
    while (status_as(s.tls, anyone, HELLO, &reply) != 0 &&
           now_ms() - start < 20000) {
    }
    CU_ASSERT_EQUAL(status_as(s.tls, anyone, HELLO, &reply), 0);
    CU_ASSERT_EQUAL(status_as(s.tls, known, HELLO, &reply), 200);
    CU_ASSERT(peer_say(&p, HELLO));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
}

static void contexts_name_the_file_that_is_wrong(void)
{
    const struct {
        struct http_tls_config config;
        enum mu_err err;
        const char *file;
    } cases[] = {
        {{"/nowhere", pki.server_key, NULL}, MU_E_IO, "/nowhere"},
        {{pki.server_key, pki.server_key, NULL}, MU_E_IO, pki.server_key},
        {{pki.server, "/nowhere", NULL}, MU_E_IO, "/nowhere"},
        {{pki.server, pki.client_key, NULL}, MU_E_CRYPTO, pki.client_key},
        {{pki.server, pki.server_key, "/nowhere"}, MU_E_IO, "/nowhere"},
        {{pki.server, pki.server_key, pki.server_key}, MU_E_IO, pki.server_key},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        MU_CLEANUP(http_tls_clear) SSL_CTX *ctx = NULL;
        struct http_tls_why why;

        CU_ASSERT_EQUAL(
            http_tls_server(&cases[i].config, &ctx, &why), cases[i].err);
        CU_ASSERT_PTR_NULL(ctx);
        CU_ASSERT_PTR_NOT_NULL(strstr(why.text, cases[i].file));
        CU_ASSERT_EQUAL(
            http_tls_client(&cases[i].config, &ctx, &why), cases[i].err);
        CU_ASSERT_PTR_NULL(ctx);
    }
}

static void listeners_are_refused_that_would_be_open(void)
{
    static const struct {
        struct http_listen listen;
        bool tls;
        enum mu_err err;
    } cases[] = {
        {{.address = "0.0.0.0"}, false, MU_E_DENIED},
        {{.address = "::"}, false, MU_E_DENIED},
        {{.address = "127.0.0.1", .trusted = true}, false, MU_E_DENIED},
        {{.address = "127.0.0.1", .trusted = true}, true, MU_E_DENIED},
        {{.address = "localhost"}, true, MU_E_MALFORMED},
        {{.address = "203.0.113.1"}, true, MU_E_IO},
        {{.address = "127.0.0.1"}, true, MU_OK},
    };
    const struct http_tls_config files = {pki.server, pki.server_key, NULL};
    struct event_base *base = event_base_new();
    MU_CLEANUP(http_tls_clear) SSL_CTX *ctx = NULL;
    struct http_server_config config = {.base = base,
        .clock = mu_clock_system(),
        .limits = http_limits_default};
    struct http_server *server = NULL;
    struct http_tls_why why;

    CU_ASSERT_EQUAL_FATAL(http_tls_server(&files, &ctx, &why), MU_OK);
    CU_ASSERT_EQUAL_FATAL(http_server_new(&config, &server), MU_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_listen listen = cases[i].listen;

        listen.tls = cases[i].tls ? ctx : NULL;
        CU_ASSERT_EQUAL(
            http_server_listen(server, &listen, NULL), cases[i].err);
    }
    http_server_free(server);
    event_base_free(base);
}

static CU_TestInfo tests[] = {
    {"TLS is 1.2 or 1.3 and speaks http/1.1",
        tls_is_1_2_or_1_3_and_speaks_http_1_1},
    {"renegotiation is refused", renegotiation_is_refused},
    {"a client certificate is demanded where configured",
        a_client_certificate_is_demanded_where_configured},
    {"identities are asserted on trusted listeners only",
        identities_are_asserted_on_trusted_listeners_only},
    {"new certificates hold for new connections",
        new_certificates_hold_for_new_connections},
    {"contexts name the file that is wrong",
        contexts_name_the_file_that_is_wrong},
    {"listeners are refused that would be open",
        listeners_are_refused_that_would_be_open},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"http TLS", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    unsigned failed;

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_set_mode(CU_BRM_NORMAL);
    if (CU_basic_run_tests() != CUE_SUCCESS)
        return 1;
    failed = CU_get_number_of_tests_failed();
    printf("%u passed, %u failed, 0 skipped\n",
        CU_get_number_of_tests_run() - failed, failed);
    CU_cleanup_registry();
    return failed != 0;
}
