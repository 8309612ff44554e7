/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_stream_test.c - answers without an end over loopback: how they arrive,
 * and every way in which one is over.
 */
#include <CUnit/Basic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/it/served.h"

#define HOST " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct test_pki pki;
static SSL_CTX *anyone; /* a client's context */

static const struct served_args defaults = {.cert = NULL};

static int begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    if (!test_pki_make(&pki))
        return -1;
    anyone = test_pki_client(&pki, NULL, NULL);
    return anyone != NULL ? 0 : -1;
}

static int end(void)
{
    SSL_CTX_free(anyone);
    test_pki_clear(&pki);
    return 0;
}

static uint64_t now_ms(void)
{
    return mu_clock_mono_ms(mu_clock_system());
}

static unsigned counter(const struct served *s, const char *name)
{
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;
    const char *at;

    CU_ASSERT_FATAL(peer_open(&p, s->tls, anyone));
    CU_ASSERT(peer_say(&p, "GET /stats" HOST));
    peer_reply(&p, false, &reply);
    at = strstr(reply.body, name);
    CU_ASSERT_FATAL(at != NULL);
    return (unsigned)strtoul(at + strlen(name), NULL, 10);
}

/* Asks until the counter is what it should be. */
static bool comes_to(const struct served *s, const char *name, unsigned value)
{
    uint64_t start = now_ms();

    while (counter(s, name) != value)
        if (now_ms() - start > 20000)
            return false;
    return true;
}

/* Octets until `last` is among them, or the end. */
struct heard {
    char text[2048];
    size_t len;
    bool over;
};

static void hear_until(struct peer *p, const char *last, struct heard *h)
{
    while (!h->over && strstr(h->text, last) == NULL &&
           h->len < sizeof(h->text) - 1) {
        size_t n = peer_hear(p, h->text + h->len, sizeof(h->text) - 1 - h->len);

        h->over = n == 0;
        h->len += n;
        h->text[h->len] = '\0';
    }
}

static void start_stream(const struct served *s, struct peer *p,
    const char *request, struct heard *h)
{
    *h = (struct heard){.len = 0};
    CU_ASSERT_FATAL(peer_open(p, s->tls, anyone));
    CU_ASSERT(peer_say(p, request));
    hear_until(p, "one", h);
    CU_ASSERT_PTR_NOT_NULL(strstr(h->text, " 200 OK"));
}

static void pieces_arrive_as_they_are_sent(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct heard h;

    served_start(&s, &pki, &defaults);
    start_stream(&s, &p, "GET /stream" HOST, &h);
    hear_until(&p, "\r\n0\r\n\r\n", &h);
    CU_ASSERT_PTR_NOT_NULL(strstr(h.text, "Transfer-Encoding: chunked\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(h.text, "Connection: close\r\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(h.text, "\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
    CU_ASSERT_EQUAL(peer_hear(&p, h.text, 1), 0);
    CU_ASSERT_EQUAL(counter(&s, "ended="), 0);
}

/* Old clients, too, to whom the end of the connection is the end. */
static void an_end_right_behind_octets_waits_for_them(void)
{
    static const char *const request[] = {
        "GET /stream/turn" HOST, "GET /stream/turn HTTP/1.0\r\n\r\n"};
    static const char *const last[] = {
        "\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n", "\r\n\r\nonetwo"};
    MU_CLEANUP(served_clear) struct served s;
    struct heard h;

    served_start(&s, &pki, &defaults);
    for (unsigned i = 0; i < 40; i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};

        start_stream(&s, &p, request[i % 2], &h);
        hear_until(&p, last[i % 2], &h);
        CU_ASSERT_FALSE(h.over);
        CU_ASSERT_EQUAL(peer_hear(&p, h.text, 1), 0);
    }
    CU_ASSERT_EQUAL(counter(&s, "ended="), 0);
    CU_ASSERT(comes_to(&s, "connections=", 1));
}

static void an_old_client_gets_it_without_chunks(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct heard h;

    served_start(&s, &pki, &defaults);
    start_stream(&s, &p, "GET /stream HTTP/1.0\r\n\r\n", &h);
    hear_until(&p, "two", &h);
    CU_ASSERT_PTR_NOT_NULL(strstr(h.text, "\r\n\r\nonetwo"));
    CU_ASSERT_PTR_NULL(strstr(h.text, "chunked"));
    CU_ASSERT_EQUAL(peer_hear(&p, h.text, 1), 0);
}

static void head_and_plain_listeners_have_no_streams(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, "HEAD /stream" HOST));
    peer_reply(&p, true, &reply);
    CU_ASSERT_EQUAL(reply.status, 204);
    peer_clear(&p);
    CU_ASSERT_FATAL(peer_open(&p, s.plain, NULL));
    CU_ASSERT(peer_say(&p, "GET /stream" HOST));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 204);
}

static void who_listens_is_let_alone_until_the_end_of_his_life(void)
{
    static const struct served_args args = {
        .limit = {"answer_ms=50", "send_ms=50", "idle_ms=50", "life_ms=2000"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t start = now_ms();
    struct heard h;

    served_start(&s, &pki, &args);
    start_stream(&s, &p, "GET /stream/open" HOST, &h);
    CU_ASSERT_FALSE(peer_stirs(&p, 300));
    hear_until(&p, "\r\n0\r\n\r\n", &h);
    CU_ASSERT_FALSE(h.over);
    CU_ASSERT(now_ms() - start >= 1990);
    CU_ASSERT_EQUAL(counter(&s, "ended="), 1);
    CU_ASSERT_EQUAL(counter(&s, "cut_send="), 0);
}

static void who_does_not_take_what_is_sent_is_cut(void)
{
    static const struct served_args args = {.limit = {"send_ms=150"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct heard h;

    served_start(&s, &pki, &args);
    start_stream(&s, &p, "GET /stream/flood" HOST, &h);
    CU_ASSERT(comes_to(&s, "cut_send=", 1));
    CU_ASSERT(comes_to(&s, "ended=", 1));
    CU_ASSERT(comes_to(&s, "connections=", 1));
}

static void who_reads_may_be_sent_more_than_may_wait(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    char buf[4096];
    size_t got = 0, n = 1;
    struct heard h;

    served_start(&s, &pki, &defaults);
    start_stream(&s, &p, "GET /stream/flood" HOST, &h);
    while (got < 1000000 && n > 0) {
        n = peer_hear(&p, buf, sizeof(buf));
        got += n;
    }
    CU_ASSERT(got >= 1000000);
    CU_ASSERT_EQUAL(counter(&s, "ended="), 0);
}

static void sending_beyond_what_may_wait_cuts(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct heard h = {.len = 0};

    served_start(&s, &pki, &defaults);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, "GET /stream/over" HOST));
    hear_until(&p, "\r\n0\r\n\r\n", &h);
    CU_ASSERT(h.over);
    CU_ASSERT(comes_to(&s, "ended=", 1));
    CU_ASSERT_EQUAL(counter(&s, "cut_send="), 1);
}

static void a_client_that_goes_ends_it(void)
{
    MU_CLEANUP(served_clear) struct served s;
    struct heard h;

    served_start(&s, &pki, &defaults);
    for (unsigned i = 1; i <= 5; i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};

        start_stream(&s, &p, "GET /stream/open" HOST, &h);
        peer_clear(&p);
        CU_ASSERT(comes_to(&s, "ended=", i));
    }
    CU_ASSERT(comes_to(&s, "connections=", 1));
    CU_ASSERT_EQUAL(counter(&s, "open="), 1);
}

static void a_client_that_says_more_is_cut(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct heard h;

    served_start(&s, &pki, &defaults);
    start_stream(&s, &p, "GET /stream/open" HOST, &h);
    CU_ASSERT(peer_say(&p, "GET /hello" HOST));
    hear_until(&p, "hello", &h);
    CU_ASSERT(h.over);
    CU_ASSERT(comes_to(&s, "ended=", 1));
}

static void draining_ends_streams_well(void)
{
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct served s;
    struct heard h;

    served_start(&s, &pki, &defaults);
    start_stream(&s, &p, "GET /stream/open" HOST, &h);
    CU_ASSERT(served_stop(&s));
    hear_until(&p, "\r\n0\r\n\r\n", &h);
    CU_ASSERT_FALSE(h.over);
}

/* Its end waits for what was given, and that has its deadline. */
static void draining_cuts_who_takes_nothing(void)
{
    static const struct served_args args = {.limit = {"send_ms=150"}};
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct served s;
    struct heard h;

    served_start(&s, &pki, &args);
    start_stream(&s, &p, "GET /stream/flood" HOST, &h);
    CU_ASSERT(served_stop(&s));
}

static CU_TestInfo tests[] = {
    {"pieces arrive as they are sent", pieces_arrive_as_they_are_sent},
    {"an end right behind octets waits for them",
        an_end_right_behind_octets_waits_for_them},
    {"an old client gets it without chunks",
        an_old_client_gets_it_without_chunks},
    {"HEAD and plain listeners have no streams",
        head_and_plain_listeners_have_no_streams},
    {"who listens is let alone until the end of his life",
        who_listens_is_let_alone_until_the_end_of_his_life},
    {"who does not take what is sent is cut",
        who_does_not_take_what_is_sent_is_cut},
    {"who reads may be sent more than may wait",
        who_reads_may_be_sent_more_than_may_wait},
    {"sending beyond what may wait cuts", sending_beyond_what_may_wait_cuts},
    {"a client that goes ends it", a_client_that_goes_ends_it},
    {"a client that says more is cut", a_client_that_says_more_is_cut},
    {"draining ends streams well", draining_ends_streams_well},
    {"draining cuts who takes nothing", draining_cuts_who_takes_nothing},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"http streams", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
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
