/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_test.c - the server of http/ over loopback, guard by guard: each row of
 * the list of what evhttp does and what we must do about it is a test.
 */
#include <CUnit/Basic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/it/served.h"

#define HELLO "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
#define TWICE "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"
#define PUT   "PUT /echo HTTP/1.1\r\nHost: a\r\n"

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

/* Until a test has failed: on a busy machine all takes longer. */
#define PATIENCE_MS 20000
/* What fifty requests take at the least where Nagle's algorithm is at work: 40
 * ms for each, but for the first few. */
#define NAGLE_MS 1750

static uint64_t now_ms(void)
{
    return mu_clock_mono_ms(mu_clock_system());
}

/* The answer to the first request on a connection of its own. */
static void ask(unsigned port, const char *wire, struct reply *reply)
{
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};

    CU_ASSERT_FATAL(peer_open(&p, port, anyone));
    CU_ASSERT(peer_say(&p, wire));
    peer_reply(&p, strncmp(wire, "HEAD", 4) == 0, reply);
}

/* A counter of the server's, by its name and "=". */
static unsigned counter(const struct served *s, const char *name)
{
    struct reply reply;
    const char *at;

    ask(s->tls, "GET /stats HTTP/1.1\r\nHost: a\r\n\r\n", &reply);
    at = strstr(reply.body, name);
    CU_ASSERT_FATAL(at != NULL);
    return (unsigned)strtoul(at + strlen(name), NULL, 10);
}

/* The milliseconds that it takes. */
static uint64_t ask_fifty_times(struct peer *p)
{
    uint64_t start = now_ms();
    struct reply reply;

    for (int i = 0; i < 50; i++) {
        CU_ASSERT(peer_say(p, HELLO));
        peer_reply(p, false, &reply);
        CU_ASSERT_EQUAL_FATAL(reply.status, 200);
        CU_ASSERT_STRING_EQUAL(reply.body, "hello");
    }
    return now_ms() - start;
}

/* A busy machine delays them, too, but not each time. */
static void a_connection_is_kept_for_many_requests_without_delay(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t took, least = UINT64_MAX;

    served_start(&s, &pki, &defaults);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    for (int tries = 0; tries < 10 && least >= NAGLE_MS; tries++) {
        took = ask_fifty_times(&p);
        least = took < least ? took : least;
    }
    CU_ASSERT(least < NAGLE_MS);
    CU_ASSERT_EQUAL(counter(&s, "accepted="), 2);
}

static void pipelined_requests_are_answered_in_order(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n" HELLO PUT
                           "Content-Length: 3\r\n\r\nabc"));
    peer_reply(&p, false, &reply);
    CU_ASSERT_STRING_EQUAL(reply.body, "later");
    peer_reply(&p, false, &reply);
    CU_ASSERT_STRING_EQUAL(reply.body, "hello");
    peer_reply(&p, false, &reply);
    CU_ASSERT_STRING_EQUAL(reply.body, "abc");
}

static void methods_and_paths_lead_to_their_handler(void)
{
    static const struct {
        const char *wire;
        unsigned status;
        const char *has;
    } cases[] = {
        {"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404, "\"not-found\""},
        {"DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200, "hello"},
        {"HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n", 200, "Content-Length: 5"},
        {PUT "Content-Length: 2\r\n\r\nab", 200, "ab"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            200, "abc"},
        {"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: POST, PUT\r\n"},
        {"POST /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405,
            "Allow: GET, HEAD, DELETE\r\n"},
        {"PATCH /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405, "Allow: GET"},
        {"PATCH /store HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 200,
            "ETag"},
        {"TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 501, ""},
        {"GET /hello HTTP/1.0\r\n\r\n", 200, "HTTP/1.0 200"},
        {"GET /who/~~/%5b1%5D%22 HTTP/1.1\r\nHost: a\r\n\r\n", 200,
            "last=[1]\""},
        {"GET /who/x[1]\"y\" HTTP/1.1\r\nHost: a\r\n\r\n", 200,
            "last=x[1]\"y\""},
        {"GET https://a/who/x HTTP/1.1\r\nHost: a\r\n\r\n", 200, "last=x"},
        {"GET /who/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "request target"},
        {"GET /who/../hello HTTP/1.1\r\nHost: a\r\n\r\n", 400,
            "request target"},
        {"GET /busy HTTP/1.1\r\nHost: a\r\n\r\n", 503, "Retry-After: 7\r\n"},
    };
    MU_CLEANUP(served_clear) struct served s;
    struct reply reply;

    served_start(&s, &pki, &defaults);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ask(s.tls, cases[i].wire, &reply);
        CU_ASSERT_EQUAL(reply.status, cases[i].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, cases[i].has));
    }
}

static void requests_that_readers_take_differently_end_the_connection(void)
{
    static const char *const wires[] = {
        PUT "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        PUT "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\n",
        PUT "Content-Length: -1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "GET /hello HTTP/1.1\nHost: a\n\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd",
        PUT "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n" TWICE "\r\n",
    };
    MU_CLEANUP(served_clear) struct served s;

    served_start(&s, &pki, &defaults);
    for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
        struct reply reply;

        CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
        CU_ASSERT(peer_say(&p, wires[i]));
        (void)peer_say(&p, HELLO);
        peer_reply(&p, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 400);
        peer_reply(&p, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 0);
    }
}

static void a_good_request_before_a_bad_one_is_served(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, HELLO "GET /hello HTTP/1.1\r\n\r\n"));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 400);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "no Host"));
}

/* head + count times unit + tail; false when the server stopped listening. */
static bool say_long(
    struct peer *p, const char *head, const char *unit, size_t count)
{
    bool ok = peer_say(p, head);

    while (ok && count-- > 0)
        ok = peer_say(p, unit);
    return ok;
}

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
/* A chunk of a thousand octets, or as many more of any body. */
#define UNIT                                                                   \
    "3E8\r\n" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED  \
        HUNDRED HUNDRED "\r\n"

static void a_body_over_the_limit_is_413_fixed_or_chunked(void)
{
    static const char *const heads[] = {
        PUT "Content-Length: 70000\r\n\r\n",
        PUT "Transfer-Encoding: chunked\r\n\r\n",
    };
    MU_CLEANUP(served_clear) struct served s;

    served_start(&s, &pki, &defaults);
    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
        struct reply reply;

        CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
        (void)say_long(&p, heads[i], UNIT, 66);
        peer_reply(&p, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 413);
    }
    CU_ASSERT_EQUAL(counter(&s, "requests="), 1);
}

/* Those who send all before they listen: several times what was read of it
 * waits in the sockets when the answer is given. */
#define ROUNDS 60

static size_t answers_seen(struct served *s, const char *head, const char *unit)
{
    size_t seen = 0;

    for (int i = 0; i < ROUNDS; i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
        struct reply reply;

        CU_ASSERT_FATAL(peer_open(&p, s->tls, anyone));
        CU_ASSERT(say_long(&p, head, unit, 300));
        peer_reply(&p, false, &reply);
        seen += reply.status == 413;
    }
    return seen;
}

static void who_sends_on_sees_the_answer(void)
{
    static const struct served_args args = {.limit = {"linger_ms=60000"}};
    MU_CLEANUP(served_clear) struct served s;

    served_start(&s, &pki, &args);
    CU_ASSERT_EQUAL(
        answers_seen(&s, PUT "Content-Length: 302100\r\n\r\n", UNIT), ROUNDS);
    CU_ASSERT_EQUAL(
        answers_seen(&s, PUT "Transfer-Encoding: chunked\r\n\r\n", UNIT),
        ROUNDS);
    CU_ASSERT_EQUAL(counter(&s, "lingered="), 2 * ROUNDS);
    CU_ASSERT_EQUAL(counter(&s, "cut_linger="), 0);
    CU_ASSERT(served_stop(&s));
}

/* Until the server has cut so many who did not end by themselves. */
static void await_cut(const struct served *s, unsigned count)
{
    uint64_t start = now_ms();

    while (counter(s, "cut_linger=") < count && now_ms() - start < PATIENCE_MS)
        ;
    CU_ASSERT_EQUAL(counter(s, "cut_linger="), count);
}

/* He is told, and neither sends nor goes. */
static void tell_too_long(struct served *s, struct peer *p)
{
    struct reply reply;

    CU_ASSERT_FATAL(peer_open(p, s->tls, anyone));
    CU_ASSERT(peer_say(p, PUT "Content-Length: 70000\r\n\r\n"));
    peer_reply(p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 413);
}

static void who_was_told_and_stays_is_cut_by_the_deadline(void)
{
    static const struct served_args args = {.limit = {"linger_ms=200"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    char octets[16];

    served_start(&s, &pki, &args);
    tell_too_long(&s, &p);
    await_cut(&s, 1);
    CU_ASSERT_EQUAL(peer_hear(&p, octets, sizeof(octets)), 0);
    CU_ASSERT_EQUAL(counter(&s, "connections="), 1); /* that asks */
}

static void who_was_told_and_sends_on_is_cut_by_the_octets(void)
{
    static const struct served_args args = {
        .limit = {"linger=100000", "linger_ms=600000"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t start = now_ms();

    served_start(&s, &pki, &args);
    tell_too_long(&s, &p);
    while (peer_say(&p, UNIT) && now_ms() - start < PATIENCE_MS)
        ;
    await_cut(&s, 1);
    CU_ASSERT_EQUAL(counter(&s, "connections="), 1);
}

/* Whoever lingers has a place that others wait for. */
static void who_lingers_counts_as_a_connection(void)
{
    static const struct served_args args = {
        .limit = {"connections=1", "linger_ms=500"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};

    served_start(&s, &pki, &args);
    tell_too_long(&s, &p);
    /* Asked on a connection that is let in when the other one is over. */
    CU_ASSERT_EQUAL(counter(&s, "cut_linger="), 1);
}

static void draining_ends_who_lingers(void)
{
    static const struct served_args args = {.limit = {"linger_ms=200"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};

    served_start(&s, &pki, &args);
    tell_too_long(&s, &p);
    CU_ASSERT(served_stop(&s));
}

static void a_head_over_the_limit_is_400(void)
{
    static const char *const heads[] = {
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: ",
        "GET /hello",
    };
    MU_CLEANUP(served_clear) struct served s;

    served_start(&s, &pki, &defaults);
    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
        struct reply reply;

        CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
        (void)say_long(&p, heads[i], HUNDRED, 170);
        peer_reply(&p, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 400);
    }
}

/* Says unit again and again, each tick_ms, until the server ends it. */
static uint64_t drip(struct peer *p, const char *unit, int tick_ms)
{
    uint64_t start = now_ms();
    char c;

    while (now_ms() - start < PATIENCE_MS && peer_say(p, unit))
        if (peer_stirs(p, tick_ms) && peer_hear(p, &c, 1) == 0)
            break;
    return now_ms() - start;
}

static void a_head_that_drips_in_is_cut_by_its_deadline(void)
{
    static const struct served_args args = {.limit = {"head_ms=1000"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t took;

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, "GET /hello HTTP/1.1\r\nHost: a\r\n"));
    took = drip(&p, "X: y\r\n", 10);
    CU_ASSERT(took >= 900 && took < PATIENCE_MS);
    CU_ASSERT_EQUAL(counter(&s, "cut_head="), 1);
}

static void a_body_that_drips_in_is_cut_by_its_deadline(void)
{
    static const struct served_args args = {.limit = {"request_ms=150"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t took;

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, PUT "Content-Length: 60000\r\n\r\n"));
    took = drip(&p, "a", 10);
    CU_ASSERT(took >= 140 && took < PATIENCE_MS);
    CU_ASSERT_EQUAL(counter(&s, "cut_body="), 1);
}

/* Waits for the end; the milliseconds until then. */
static uint64_t await_end(struct peer *p)
{
    uint64_t start = now_ms();
    char buf[1024];

    while (peer_hear(p, buf, sizeof(buf)) > 0) {
    }
    return now_ms() - start;
}

static void who_connects_and_says_nothing_is_cut(void)
{
    static const struct served_args args = {.limit = {"head_ms=1000"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t took;

    served_start(&s, &pki, &args);
    CU_ASSERT(peer_open(&p, s.tls, NULL));
    took = await_end(&p);
    CU_ASSERT(took >= 900 && took < PATIENCE_MS);
    peer_clear(&p);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(await_end(&p) < PATIENCE_MS);
    CU_ASSERT_EQUAL(counter(&s, "cut_head="), 2);
}

static void an_idle_connection_is_closed(void)
{
    static const struct served_args args = {.limit = {"idle_ms=150"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;
    uint64_t took;

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, HELLO));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    took = await_end(&p);
    CU_ASSERT(took >= 100 && took < PATIENCE_MS);
    CU_ASSERT_EQUAL(counter(&s, "cut_idle="), 1);
}

static void a_connection_has_an_end_whatever_it_does(void)
{
    static const struct served_args args = {.limit = {"life_ms=1000"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    uint64_t start = now_ms();
    struct reply reply = {.status = 200};

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    while (now_ms() - start < PATIENCE_MS && peer_say(&p, HELLO)) {
        peer_reply(&p, false, &reply);
        if (reply.status == 0 || strstr(reply.text, "Connection: close"))
            break;
    }
    CU_ASSERT(now_ms() - start >= 1000 && now_ms() - start < PATIENCE_MS);
    CU_ASSERT(await_end(&p) < PATIENCE_MS);
}

static void a_client_that_does_not_read_is_cut(void)
{
    static const struct served_args args = {.limit = {"send_ms=150"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    unsigned cut = 0;
    uint64_t start;

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
    start = now_ms();
    while (cut == 0 && now_ms() - start < PATIENCE_MS)
        cut = counter(&s, "cut_send=");
    CU_ASSERT_EQUAL(cut, 1);
    CU_ASSERT(now_ms() - start >= 140);
}

static void a_request_that_its_handler_forgets_is_answered_503(void)
{
    static const struct served_args args = {.limit = {"answer_ms=100"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
    CU_ASSERT(peer_say(&p, "GET /never HTTP/1.1\r\nHost: a\r\n\r\n" HELLO));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 503);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, "Retry-After: "));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_EQUAL(counter(&s, "late="), 1);
    CU_ASSERT_EQUAL(counter(&s, "open="), 1);
}

static void a_client_gone_before_its_answer_harms_nobody(void)
{
    static const struct served_args args = {.limit = {"answer_ms=100"}};
    static const char *const paths[] = {"/later", "/never", "/big"};
    MU_CLEANUP(served_clear) struct served s;
    uint64_t start = now_ms();

    served_start(&s, &pki, &args);
    for (int i = 0; i < 30; i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};

        CU_ASSERT_FATAL(peer_open(&p, s.tls, anyone));
        CU_ASSERT(peer_say(&p, "GET "));
        CU_ASSERT(peer_say(&p, paths[i % 3]));
        CU_ASSERT(peer_say(&p, " HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    while (counter(&s, "connections=") > 1 && now_ms() - start < PATIENCE_MS) {
    }
    CU_ASSERT_EQUAL(counter(&s, "connections="), 1);
    CU_ASSERT_EQUAL(counter(&s, "open="), 1);
}

static void connections_beyond_the_limit_wait_their_turn(void)
{
    static const struct served_args args = {.limit = {"connections=2"}};
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer a = {.fd = -1}, b = {.fd = -1};
    MU_CLEANUP(peer_clear) struct peer c = {.fd = -1};
    struct reply reply;

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&a, s.tls, anyone));
    CU_ASSERT_FATAL(peer_open(&b, s.tls, anyone));
    CU_ASSERT_FATAL(peer_open(&c, s.tls, NULL));
    CU_ASSERT(peer_say(&c, "GET / HTTP/1.1\r\n\r\n")); /* no TLS: an error */
    CU_ASSERT_FALSE(peer_stirs(&c, 100));
    CU_ASSERT(peer_say(&a, HELLO));
    peer_reply(&a, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    peer_clear(&a);
    CU_ASSERT(peer_stirs(&c, PATIENCE_MS));
    peer_clear(&c);
    CU_ASSERT(counter(&s, "full=") >= 2);
}

static void plain_http_on_a_tls_port_gets_no_answer(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT(peer_open(&p, s.tls, NULL));
    CU_ASSERT(peer_say(&p, HELLO));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 0);
    CU_ASSERT_EQUAL(counter(&s, "requests="), 1);
}

static void the_plain_listener_reads_only(void)
{
    MU_CLEANUP(served_clear) struct served s;
    MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
    struct reply reply;

    served_start(&s, &pki, &defaults);
    CU_ASSERT(peer_open(&p, s.plain, NULL));
    CU_ASSERT(peer_say(&p, HELLO));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    peer_clear(&p);
    CU_ASSERT(peer_open(&p, s.plain, NULL));
    CU_ASSERT(peer_say(&p, PUT "Content-Length: 1\r\n\r\na"));
    peer_reply(&p, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 501);
}

static void draining_answers_what_is_in_hand_and_closes_the_rest(void)
{
    MU_CLEANUP(peer_clear) struct peer idle = {.fd = -1}, busy = {.fd = -1};
    static const struct served_args args = {.limit = {"answer_ms=2000"}};
    uint64_t start = now_ms();
    struct reply reply;
    struct served s;

    served_start(&s, &pki, &args);
    CU_ASSERT_FATAL(peer_open(&idle, s.tls, anyone));
    CU_ASSERT(peer_say(&idle, HELLO));
    peer_reply(&idle, false, &reply);
    CU_ASSERT_FATAL(peer_open(&busy, s.tls, anyone));
    CU_ASSERT(peer_say(&busy, "GET /never HTTP/1.1\r\nHost: a\r\n\r\n"));
    while (counter(&s, "open=") < 2 && now_ms() - start < PATIENCE_MS) {
    }
    CU_ASSERT(served_stop(&s));
    CU_ASSERT(await_end(&idle) < PATIENCE_MS);
    peer_reply(&busy, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 503);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, "Connection: close"));
}

static void random_octets_end_the_connection_and_nothing_else(void)
{
    MU_CLEANUP(served_clear) struct served s;
    struct reply reply;
    uint32_t x = 1;

    served_start(&s, &pki, &defaults);
    for (int i = 0; i < 50; i++) {
        MU_CLEANUP(peer_clear) struct peer p = {.fd = -1};
        char noise[200];

        for (size_t at = 0; at < sizeof(noise) - 1; at++) {
            x = x * 1664525U + 1013904223U;
            noise[at] = (char)(x >> 24 | 1);
        }
        noise[sizeof(noise) - 1] = '\0';
        CU_ASSERT_FATAL(peer_open(&p, s.tls, i % 2 == 0 ? anyone : NULL));
        (void)peer_say(&p, noise);
        (void)peer_say(&p, "\r\n\r\n");
    }
    ask(s.tls, HELLO, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
}

static CU_TestInfo tests[] = {
    {"a connection is kept for many requests without delay",
        a_connection_is_kept_for_many_requests_without_delay},
    {"pipelined requests are answered in order",
        pipelined_requests_are_answered_in_order},
    {"methods and paths lead to their handler",
        methods_and_paths_lead_to_their_handler},
    {"requests that readers take differently end the connection",
        requests_that_readers_take_differently_end_the_connection},
    {"a good request before a bad one is served",
        a_good_request_before_a_bad_one_is_served},
    {"a body over the limit is 413, fixed or chunked",
        a_body_over_the_limit_is_413_fixed_or_chunked},
    {"who sends on sees the answer", who_sends_on_sees_the_answer},
    {"who was told and stays is cut by the deadline",
        who_was_told_and_stays_is_cut_by_the_deadline},
    {"who was told and sends on is cut by the octets",
        who_was_told_and_sends_on_is_cut_by_the_octets},
    {"who lingers counts as a connection", who_lingers_counts_as_a_connection},
    {"draining ends who lingers", draining_ends_who_lingers},
    {"a head over the limit is 400", a_head_over_the_limit_is_400},
    {"a head that drips in is cut by its deadline",
        a_head_that_drips_in_is_cut_by_its_deadline},
    {"a body that drips in is cut by its deadline",
        a_body_that_drips_in_is_cut_by_its_deadline},
    {"who connects and says nothing is cut",
        who_connects_and_says_nothing_is_cut},
    {"an idle connection is closed", an_idle_connection_is_closed},
    {"a connection has an end whatever it does",
        a_connection_has_an_end_whatever_it_does},
    {"a client that does not read is cut", a_client_that_does_not_read_is_cut},
    {"a request that its handler forgets is answered 503",
        a_request_that_its_handler_forgets_is_answered_503},
    {"a client gone before its answer harms nobody",
        a_client_gone_before_its_answer_harms_nobody},
    {"connections beyond the limit wait their turn",
        connections_beyond_the_limit_wait_their_turn},
    {"plain HTTP on a TLS port gets no answer",
        plain_http_on_a_tls_port_gets_no_answer},
    {"the plain listener reads only", the_plain_listener_reads_only},
    {"draining answers what is in hand and closes the rest",
        draining_answers_what_is_in_hand_and_closes_the_rest},
    {"random octets end the connection and nothing else",
        random_octets_end_the_connection_and_nothing_else},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"http server", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
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
