/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guard.h"

#include <string.h>

#include "tests/suites.h"

#define HOST "Host: a\r\n"

/* Requests, and what the guard says of them; NULL: nothing. */
static const struct sample {
    const char *wire, *fault;
    unsigned begun;
} samples[] = {
    {"GET / HTTP/1.1\r\n" HOST "\r\n", NULL, 1},
    {"GET / HTTP/1.0\r\n\r\n", NULL, 1},
    {"GET / HTTP/1.1\r\n" HOST "X:\r\nY: \t b \r\n\r\n", NULL, 1},
    {"GET / HTTP/1.1\r\n" HOST "\r\nHEAD /b HTTP/1.1\r\n" HOST "\r\n", NULL, 2},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\na\nb", NULL, 1},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", NULL, 1},
    {"DELETE / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", NULL, 1},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n"
     "3\r\na\nb\r\nA\r\n0123456789\r\n0\r\n\r\n",
        NULL, 1},
    {"PUT / HTTP/1.1\r\n" HOST
     "content-length:  2 \r\n\r\nabGET / HTTP/1.1\r\n" HOST "\r\n",
        NULL, 2},
    /* Section 3 of the notes on libraries: what evhttp lets through. */
    {"PUT / HTTP/1.1\r\n" HOST
     "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "repeated field", 1},
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", "repeated field", 1},
    {"GET / HTTP/1.1\r\n\r\n", "no Host", 1},
    {"GET / HTTP/1.1\r\nHost: \r\n\r\n", "no Host", 1},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "blank before colon", 1},
    {"GET / HTTP/1.1\r\n" HOST " b\r\n\r\n", "folded field", 1},
    {"GET / HTTP/1.1\r\n" HOST "\tb\r\n\r\n", "folded field", 1},
    {"GET / HTTP/1.1\nHost: a\r\n\r\n", "bare LF", 1},
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", "bare LF", 1},
    {"GET / HTTP/1.1\r\n" HOST "\n", "bare LF", 1},
    {"GET / HTTP/1.1\r\n" HOST "\rX", "CR without LF", 1},
    {"GET / HTTP/1.1\rHost: a\r\n\r\n", "CR without LF", 1},
    /* Framing that two readers may take differently. */
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nGET ",
        "body of a method without one", 1},
    {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
        "body of a method without one", 1},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n"
     "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding", 1},
    {"PUT / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding", 1},
    {"PUT / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
        "Transfer-Encoding", 1},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", "Content-Length",
        1},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", "Content-Length",
        1},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n", "Content-Length",
        1},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", "Content-Length",
        1},
    {"PUT / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", "Content-Length", 1},
    {"PUT / HTTP/1.1\r\n" HOST
     "Content-Length: 99999999999999999999999999999999\r\n\r\n",
        "Content-Length", 1},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;x=y\r\n",
        "chunk size", 1},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n\r\n",
        "chunk size", 1},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\na",
        "chunk size", 1},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n000000001\r",
        "chunk size", 1},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nab",
        "chunk end", 1},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y",
        "trailer", 1},
    /* Who may say what. */
    {"GET / HTTP/1.1\r\n" HOST "Authorization: a\r\nauthorization: b\r\n\r\n",
        "repeated field", 1},
    {"GET / HTTP/1.1\r\n" HOST "X-3GPP-Asserted-Identity: a\r\n"
     "X-3gpp-asserted-identity: b\r\n\r\n",
        "repeated field", 1},
    /* The rest of the grammar. */
    {"\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "request line", 1},
    {" GET / HTTP/1.1\r\n", "request line", 1},
    {"GE(T / HTTP/1.1\r\n", "request line", 1},
    {"GET  / HTTP/1.1\r\n", "request line", 1},
    {"GET /\tb HTTP/1.1\r\n", "request line", 1},
    {"GET / HTTP/1.1 \r\n", "request line", 1},
    {"GET / HTTP/2.0\r\n", "HTTP version", 1},
    {"GET /\r\n", "request line", 1},
    {"GET / HTTP/1.1\r\n: a\r\n", "field name", 1},
    {"GET / HTTP/1.1\r\nX\r\n", "field name", 1},
    {"GET / HTTP/1.1\r\nX: a\x01\r\n", "field value", 1},
    {"GET / HTTP/1.1\r\n" HOST "\r\nGET\n", "request line", 2},
};

static void check(const struct http_guard *g, const struct sample *s)
{
    CU_ASSERT_EQUAL(g->begun, s->begun);
    CU_ASSERT_EQUAL(g->state == HTTP_GUARD_REFUSED, s->fault != NULL);
    if (s->fault != NULL && g->fault != NULL)
        CU_ASSERT_STRING_EQUAL(g->fault, s->fault);
    if (s->fault == NULL)
        CU_ASSERT_EQUAL(g->state, HTTP_GUARD_START);
}

static void every_sample_is_judged_in_one_piece(void)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct http_guard g = {.begun = 0};

        http_guard_feed(&g, span_str(samples[i].wire));
        check(&g, &samples[i]);
    }
}

static void every_sample_is_judged_the_same_octet_by_octet(void)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct http_guard g = {.begun = 0};
        struct span wire = span_str(samples[i].wire);

        for (size_t at = 0; at < wire.len; at++)
            http_guard_feed(&g, (struct span){wire.p + at, 1});
        check(&g, &samples[i]);
    }
}

static void a_truncated_request_is_neither_complete_nor_refused(void)
{
    static const char wire[] =
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n";

    for (size_t len = 1; len < sizeof(wire) - 1; len++) {
        struct http_guard g = {.begun = 0};

        http_guard_feed(&g, (struct span){(const uint8_t *)wire, len});
        CU_ASSERT_PTR_NULL(g.fault);
        CU_ASSERT(http_guard_in_head(&g) != http_guard_in_body(&g));
    }
}

static void a_fault_is_for_good(void)
{
    struct http_guard g = {.begun = 0};

    http_guard_feed(&g, span_str("\n"));
    http_guard_feed(&g, span_str("GET / HTTP/1.1\r\n" HOST "\r\n"));
    CU_ASSERT_EQUAL(g.state, HTTP_GUARD_REFUSED);
    CU_ASSERT_EQUAL(g.begun, 1);
}

CU_TestInfo http_guard_tests[] = {
    {"every sample is judged in one piece",
        every_sample_is_judged_in_one_piece},
    {"every sample is judged the same octet by octet",
        every_sample_is_judged_the_same_octet_by_octet},
    {"a truncated request is neither complete nor refused",
        a_truncated_request_is_neither_complete_nor_refused},
    {"a fault is for good", a_fault_is_for_good},
    CU_TEST_INFO_NULL,
};
