/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_client_test.c - the client of http/ against the server of http/: what
 * it trusts, what it bounds; keys of tokens read over HTTPS; who may ask.
 */
#include <CUnit/Basic.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "http/client.h"
#include "http/keys.h"
#include "tests/clock.h"
#include "tests/issuer.h"
#include "tests/it/served.h"

#define KEY_SCOPE "3gpp:mc:ptt_key_management_service"

static struct test_pki pki;
static struct test_issuer issuer;
static char jwks_arg[sizeof("jwks=") + TEST_PKI_PATH];

static int write_jwks(void)
{
    FILE *f;

    (void)snprintf(jwks_arg, sizeof(jwks_arg), "jwks=%s/jwks", pki.dir);
    f = fopen(jwks_arg + strlen("jwks="), "w");
    if (f == NULL || fputs(issuer.jwks, f) < 0)
        return -1;
    return fclose(f);
}

static int begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    if (http_client_init() != MU_OK || !test_pki_make(&pki) ||
        !test_issuer_make(&issuer))
        return -1;
    return write_jwks();
}

static int end(void)
{
    (void)unlink(jwks_arg + strlen("jwks="));
    test_issuer_clear(&issuer);
    test_pki_clear(&pki);
    http_client_cleanup();
    return 0;
}

/* A server, a loop of our own and a client on it. */
struct rig {
    struct served served;
    struct event_base *base;
    struct http_client *client;
    /* Of the call that ended last. */
    unsigned ended, status;
    enum mu_err err;
    char body[256], etag[16];
    char pieces[64]; /* of a stream */
    size_t pieces_len;
    bool stay; /* the loop goes on although a call has ended */
};

static void rig_open(struct rig *rig, const struct served_args *args,
    struct http_client_config config)
{
    *rig = (struct rig){.err = MU_OK};
    served_start(&rig->served, &pki, args);
    rig->base = event_base_new();
    CU_ASSERT_FATAL(rig->base != NULL);
    config.base = rig->base;
    CU_ASSERT_EQUAL_FATAL(http_client_new(&config, &rig->client), MU_OK);
}

static void rig_clear(struct rig *rig)
{
    http_client_free(rig->client);
    if (rig->base != NULL)
        event_base_free(rig->base);
    if (rig->served.pid != 0)
        CU_ASSERT(served_stop(&rig->served));
}

static void keep(char *out, size_t cap, struct span text)
{
    size_t len = text.len < cap - 1 ? text.len : cap - 1;

    if (len > 0)
        memcpy(out, text.p, len);
    out[len] = '\0';
}

static void on_done(void *ctx, const struct http_reply *reply)
{
    struct rig *rig = ctx;

    rig->ended++;
    rig->err = reply->err;
    rig->status = reply->status;
    keep(rig->body, sizeof(rig->body), reply->body);
    keep(rig->etag, sizeof(rig->etag), http_reply_field(reply, "etag"));
    CU_ASSERT(reply->err == MU_OK || reply->why[0] != '\0');
    if (!rig->stay)
        (void)event_base_loopbreak(rig->base);
}

static void url_of(char out[128], unsigned port, const char *path)
{
    (void)snprintf(out, 128, "https://localhost:%u%s", port, path);
}

static enum mu_err call(struct rig *rig, struct http_call in, const char *path)
{
    char url[128];

    url_of(url, rig->served.tls, path);
    in.url = url;
    if (in.method == NULL)
        in.method = "GET";
    CU_ASSERT_EQUAL_FATAL(
        http_client_start(rig->client, &in, on_done, rig, NULL), MU_OK);
    (void)event_base_dispatch(rig->base);
    CU_ASSERT_FATAL(rig->ended > 0);
    return rig->err;
}

static const struct served_args defaults = {.cert = NULL};

static struct http_client_config trusting(void)
{
    return (struct http_client_config){.ca_file = pki.ca};
}

static void a_call_brings_status_fields_and_body(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    const struct http_call put = {.method = "PUT",
        .type = "application/octet-stream",
        .body = span_str("abc")};

    rig_open(&rig, &defaults, trusting());
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 200);
    CU_ASSERT_STRING_EQUAL(rig.body, "hello");
    CU_ASSERT_EQUAL(call(&rig, put, "/store"), MU_OK);
    CU_ASSERT_STRING_EQUAL(rig.body, "abc");
    CU_ASSERT_STRING_EQUAL(rig.etag, "\"a1\"");
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/nothing"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 404);
    CU_ASSERT_EQUAL(
        call(&rig, (struct http_call){.method = "POST"}, "/echo"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 200);
    CU_ASSERT_STRING_EQUAL(rig.body, "");
    /* All of it on one connection; this one asks on it as well. */
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/stats"), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.body, "accepted=1 "));
}

static void on_piece(void *ctx, struct span octets)
{
    struct rig *rig = ctx;

    if (rig->pieces_len + octets.len < sizeof(rig->pieces))
        memcpy(rig->pieces + rig->pieces_len, octets.p, octets.len);
    rig->pieces_len += octets.len;
}

static void a_stream_comes_in_pieces_and_other_answers_whole(void)
{
    const struct http_call in = {.on_piece = on_piece};
    struct http_client_config config = trusting();
    MU_CLEANUP(rig_clear) struct rig rig;

    config.body_max = 4; /* which a stream may exceed */
    rig_open(&rig, &defaults, config);
    CU_ASSERT_EQUAL(call(&rig, in, "/stream"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 200);
    CU_ASSERT_STRING_EQUAL(rig.body, "");
    CU_ASSERT_STRING_EQUAL(rig.pieces, "onetwo");
    config.body_max = 4096;
    rig_clear(&rig);
    rig_open(&rig, &defaults, config);
    CU_ASSERT_EQUAL(call(&rig, in, "/nothing"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 404);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.body, "not-found"));
    CU_ASSERT_EQUAL(rig.pieces_len, 0);
}

static void a_server_of_another_name_is_refused(void)
{
    const struct served_args args = {.cert = pki.wrong, .key = pki.wrong_key};
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_open(&rig, &args, trusting());
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(rig.status, 0);
}

static void a_server_of_another_authority_is_refused(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    const struct http_client_config other = {.ca_file = pki.other_ca};
    const struct http_client_config system = {.ca_file = NULL};

    rig_open(&rig, &defaults, other);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_E_CRYPTO);
    rig_clear(&rig);
    rig_open(&rig, &defaults, system);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_E_CRYPTO);
}

static void a_client_certificate_is_shown(void)
{
    struct http_client_config config = trusting();
    MU_CLEANUP(rig_clear) struct rig rig;

    config.cert_file = pki.client;
    config.key_file = pki.client_key;
    rig_open(&rig, &defaults, config);
    rig.served.tls = rig.served.mutual;
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/who"), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.body, "peer=yes"));
}

static void what_is_no_https_call_is_not_begun(void)
{
    static const char *const fields[] = {"X: a\r\nY: b"};
    static const struct {
        struct http_call call;
        enum mu_err err;
    } cases[] = {
        {{.method = "GET", .url = "http://localhost/"}, MU_E_DENIED},
        {{.method = "GET", .url = "file:///etc/passwd"}, MU_E_DENIED},
        {{.method = "GET", .url = "ftp://localhost/"}, MU_E_DENIED},
        {{.method = "GET", .url = "localhost"}, MU_E_MALFORMED},
        {{.method = "GET", .url = "https://"}, MU_E_MALFORMED},
        {{.method = "GET", .url = ""}, MU_E_MALFORMED},
        {{.method = "GET",
             .url = "https://localhost/",
             .fields = fields,
             .fields_len = 1},
            MU_E_MALFORMED},
        {{.method = "GET", .url = "https://localhost/", .bearer = "a\r\nX: b"},
            MU_E_MALFORMED},
    };
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_open(&rig, &defaults, trusting());
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(
            http_client_start(rig.client, &cases[i].call, on_done, &rig, NULL),
            cases[i].err);
    CU_ASSERT_EQUAL(rig.ended, 0);
}

static void an_answer_too_large_is_broken_off(void)
{
    struct http_client_config config = trusting();
    MU_CLEANUP(rig_clear) struct rig rig;

    config.body_max = 5;
    rig_open(&rig, &defaults, config);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_OK);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/later/x"), MU_OK);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/big"), MU_E_NO_SPACE);
}

static void a_server_that_does_not_answer_is_given_up(void)
{
    struct http_client_config config = trusting();
    MU_CLEANUP(rig_clear) struct rig rig;

    config.timeout_ms = 150;
    rig_open(&rig, &defaults, config);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/never"), MU_E_EXPIRED);
}

static void a_port_without_a_server_is_not_reached(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_open(&rig, &defaults, trusting());
    CU_ASSERT(served_stop(&rig.served));
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_E_IO);
}

static void redirects_are_followed_only_when_asked_for(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;

    rig_open(&rig, &defaults, trusting());
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/elsewhere"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 302);
    CU_ASSERT_EQUAL(
        call(&rig, (struct http_call){.redirects = 1}, "/elsewhere"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 200);
    CU_ASSERT_STRING_EQUAL(rig.body, "hello");
}

static void many_calls_share_few_connections(void)
{
    const struct http_call get = {.method = "GET", .url = NULL};
    struct http_client_config config = trusting();
    MU_CLEANUP(rig_clear) struct rig rig;
    char url[128];

    config.connections = 4;
    rig_open(&rig, &defaults, config);
    rig.stay = true;
    url_of(url, rig.served.tls, "/hello");
    for (int i = 0; i < 100; i++) {
        struct http_call in = get;

        in.url = url;
        CU_ASSERT_EQUAL(
            http_client_start(rig.client, &in, on_done, &rig, NULL), MU_OK);
    }
    while (rig.ended < 100)
        CU_ASSERT_FATAL(event_base_loop(rig.base, EVLOOP_ONCE) >= 0);
    CU_ASSERT_EQUAL(rig.status, 200);
    rig.stay = false;
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/stats"), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(rig.body, "accepted=4 "));
}

static void a_cancelled_call_is_never_heard_of(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    struct http_call in = {.method = "GET"};
    uint64_t id = 0;
    char url[128];

    rig_open(&rig, &defaults, trusting());
    url_of(url, rig.served.tls, "/never");
    in.url = url;
    CU_ASSERT_EQUAL(
        http_client_start(rig.client, &in, on_done, &rig, &id), MU_OK);
    http_client_cancel(rig.client, id);
    http_client_cancel(rig.client, id);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_OK);
    CU_ASSERT_EQUAL(rig.ended, 1);
}

/* What http_keys tells of its last attempt. */
struct heard {
    struct rig *rig;
    unsigned times;
    enum mu_err err;
    size_t count;
};

static void on_read(void *ctx, enum mu_err err, size_t count, const char *why)
{
    struct heard *heard = ctx;

    (void)why;
    heard->times++;
    heard->err = err;
    heard->count = count;
    (void)event_base_loopbreak(heard->rig->base);
}

static void store(struct rig *rig, const char *text)
{
    const struct http_call put = {.method = "PUT", .body = span_str(text)};

    CU_ASSERT_EQUAL(call(rig, put, "/store"), MU_OK);
}

static void keys_open(struct rig *rig, struct heard *heard,
    const struct mu_clock *clock, struct http_keys **out)
{
    struct http_keys_config config = {.base = rig->base,
        .client = rig->client,
        .clock = clock,
        .on_read = on_read,
        .ctx = heard};
    static char url[128]; /* borrowed until the keys are freed */

    url_of(url, rig->served.tls, "/store");
    config.url = url;
    CU_ASSERT_EQUAL_FATAL(http_keys_new(&config, out), MU_OK);
    CU_ASSERT_PTR_NULL(http_keys_now(*out));
    (void)event_base_dispatch(rig->base);
}

static void keys_are_read_over_https_and_survive_a_bad_document(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    struct heard heard = {.rig = &rig};
    struct http_keys *keys = NULL;

    rig_open(&rig, &defaults, trusting());
    store(&rig, issuer.jwks);
    keys_open(&rig, &heard, mu_clock_system(), &keys);
    CU_ASSERT_EQUAL(heard.err, MU_OK);
    CU_ASSERT_EQUAL(heard.count, 2);
    store(&rig, "{\"keys\":7}");
    CU_ASSERT_EQUAL(http_keys_reload(keys), MU_OK);
    (void)event_base_dispatch(rig.base);
    CU_ASSERT_EQUAL(heard.err, MU_E_MALFORMED);
    CU_ASSERT_EQUAL(heard.count, 2);
    CU_ASSERT_EQUAL(heard.times, 2);
    CU_ASSERT_PTR_NOT_NULL(
        http_jwks_find(http_keys_now(keys), span_str("ec-1")));
    http_keys_free(keys);
}

static void an_unknown_key_asks_for_a_refresh_now_and_then(void)
{
    MU_CLEANUP(rig_clear) struct rig rig;
    struct heard heard = {.rig = &rig};
    struct http_keys *keys = NULL;
    struct test_clock clock;

    test_clock_init(&clock, 0);
    rig_open(&rig, &defaults, trusting());
    store(&rig, issuer.jwks);
    keys_open(&rig, &heard, &clock.clock, &keys);
    test_clock_step(&clock, HTTP_KEYS_HURRY_MS - 1);
    http_keys_missing(keys);
    CU_ASSERT_EQUAL(call(&rig, (struct http_call){0}, "/hello"), MU_OK);
    CU_ASSERT_EQUAL(heard.times, 1);
    test_clock_step(&clock, 1);
    http_keys_missing(keys);
    (void)event_base_dispatch(rig.base);
    CU_ASSERT_EQUAL(heard.times, 2);
    CU_ASSERT_EQUAL(heard.err, MU_OK);
    http_keys_free(keys);
}

static void no_memory_leaves_nothing_behind(void)
{
    const struct http_client_config client = {
        .ca_file = "a", .cert_file = "b", .key_file = "c"};
    unsigned n = 0;

    for (bool failed = true; failed;) {
        struct http_client_config config = client;
        struct http_client *made = NULL;
        enum mu_err err;

        config.base = event_base_new();
        mu_alloc_fail_nth(++n);
        err = http_client_new(&config, &made);
        failed = mu_alloc_fail_end();
        CU_ASSERT_EQUAL(err, failed ? MU_E_NO_MEMORY : MU_OK);
        CU_ASSERT_EQUAL(made == NULL, failed);
        http_client_free(made);
        event_base_free(config.base);
    }
    CU_ASSERT_EQUAL(n, 5); /* the client, three names, then none */
}

static uint64_t now_s(void)
{
    return mu_clock_unix_ms(mu_clock_system()) / 1000;
}

/* IDs 01 to 04 of the acceptance table, as far as HTTP goes. */
static void who_may_ask_is_told_by_the_token(void)
{
    const struct served_args args = {.limit = {jwks_arg}};
    static const char *const asserted[] = {
        "X-3GPP-Asserted-Identity: \"sip:psi@x\""};
    static char good[TEST_TOKEN_MAX], forged[TEST_TOKEN_MAX],
        old[TEST_TOKEN_MAX], scope[TEST_TOKEN_MAX];
    struct {
        const char *bearer;
        size_t asserted;
        unsigned status;
        const char *has;
    } cases[] = {
        {NULL, 0, 403, "\"forbidden\""},
        {NULL, 1, 403, "\"forbidden\""},
        {"rubbish", 0, 401, "\"invalid-token\""},
        {forged, 0, 401, "\"signature\""},
        {old, 0, 401, "\"expired\""},
        {scope, 0, 403, "\"insufficient-scope\""},
        {good, 0, 200, "token sip:alice@example.org"},
        {good, 1, 200, "token sip:alice@example.org"},
        {old, 1, 401, "\"expired\""},
    };
    MU_CLEANUP(rig_clear) struct rig rig;

    CU_ASSERT_FATAL(test_issuer_token(
        &issuer, "sip:alice@example.org", KEY_SCOPE, now_s() + 60, good));
    CU_ASSERT_FATAL(test_issuer_token(
        &issuer, "sip:alice@example.org", KEY_SCOPE, now_s() - 60, old));
    CU_ASSERT_FATAL(test_issuer_token(
        &issuer, "sip:alice@example.org", "x", now_s() + 60, scope));
    memcpy(forged, good, sizeof(forged));
    memset(strrchr(forged, '.') + 1, 'A', 4);
    rig_open(&rig, &args, trusting());
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct http_call in = {.bearer = cases[i].bearer,
            .fields = asserted,
            .fields_len = cases[i].asserted};

        CU_ASSERT_EQUAL(call(&rig, in, "/auth"), MU_OK);
        CU_ASSERT_EQUAL(rig.status, cases[i].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(rig.body, cases[i].has));
    }
}

static void a_trusted_peer_speaks_for_others(void)
{
    static const char *const asserted[] = {
        "X-3GPP-Asserted-Identity: \"sip:psi@x\""};
    const struct served_args args = {.limit = {jwks_arg}};
    struct http_client_config config = trusting();
    const struct http_call in = {.fields = asserted, .fields_len = 1};
    MU_CLEANUP(rig_clear) struct rig rig;

    config.cert_file = pki.client;
    config.key_file = pki.client_key;
    rig_open(&rig, &args, config);
    rig.served.tls = rig.served.mutual;
    CU_ASSERT_EQUAL(call(&rig, in, "/auth"), MU_OK);
    CU_ASSERT_STRING_EQUAL(rig.body, "asserted sip:psi@x");
    rig_clear(&rig);
    /* Signed by the same authority, but not among the names configured. */
    config.cert_file = pki.wrong;
    config.key_file = pki.wrong_key;
    rig_open(&rig, &args, config);
    rig.served.tls = rig.served.mutual;
    CU_ASSERT_EQUAL(call(&rig, in, "/auth"), MU_OK);
    CU_ASSERT_EQUAL(rig.status, 403);
}

static CU_TestInfo tests[] = {
    {"a call brings status, fields and body",
        a_call_brings_status_fields_and_body},
    {"a stream comes in pieces, and other answers whole",
        a_stream_comes_in_pieces_and_other_answers_whole},
    {"a server of another name is refused",
        a_server_of_another_name_is_refused},
    {"a server of another authority is refused",
        a_server_of_another_authority_is_refused},
    {"a client certificate is shown", a_client_certificate_is_shown},
    {"what is no https call is not begun", what_is_no_https_call_is_not_begun},
    {"an answer too large is broken off", an_answer_too_large_is_broken_off},
    {"a server that does not answer is given up",
        a_server_that_does_not_answer_is_given_up},
    {"a port without a server is not reached",
        a_port_without_a_server_is_not_reached},
    {"redirects are followed only when asked for",
        redirects_are_followed_only_when_asked_for},
    {"many calls share few connections", many_calls_share_few_connections},
    {"a cancelled call is never heard of", a_cancelled_call_is_never_heard_of},
    {"keys are read over HTTPS and survive a bad document",
        keys_are_read_over_https_and_survive_a_bad_document},
    {"an unknown key asks for a refresh now and then",
        an_unknown_key_asks_for_a_refresh_now_and_then},
    {"no memory leaves nothing behind", no_memory_leaves_nothing_behind},
    {"who may ask is told by the token", who_may_ask_is_told_by_the_token},
    {"a trusted peer speaks for others", a_trusted_peer_speaks_for_others},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"http client", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
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
