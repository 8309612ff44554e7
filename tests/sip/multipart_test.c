/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/multipart.h"

#include <string.h>

#include "tests/rng.h"
#include "tests/suites.h"

static void writes_parts_as_they_are(void)
{
    static const uint8_t octets[] = {0, '\r', '\n', '-', '-', 0xff};
    const struct sip_part plain = {
        .type = span_str("text/plain"), .body = span_str("a")};
    const struct sip_part key = {.type = span_str("application/mikey"),
        .id = span_str("k@gms"),
        .body = SPAN_OF(octets)};
    MU_CLEANUP(buf_clear) struct buf body = {0};
    MU_CLEANUP(buf_clear) struct buf wanted = {0};
    struct sip_multipart m;
    struct test_rng rng;

    test_rng_init(&rng, 1);
    CU_ASSERT_EQUAL_FATAL(sip_multipart_begin(&m, &rng.rng, &body), MU_OK);
    sip_multipart_add(&m, &plain);
    sip_multipart_add(&m, &key);
    CU_ASSERT_EQUAL(sip_multipart_end(&m), MU_OK);
    CU_ASSERT_EQUAL(strlen(m.boundary), 32);
    buf_text(&wanted, "--");
    buf_text(&wanted, m.boundary);
    buf_text(&wanted, "\r\nContent-Type: text/plain\r\n\r\na\r\n--");
    buf_text(&wanted, m.boundary);
    buf_text(&wanted, "\r\nContent-Type: application/mikey\r\n"
                      "Content-ID: <k@gms>\r\n\r\n");
    buf_add(&wanted, SPAN_OF(octets));
    buf_text(&wanted, "\r\n--");
    buf_text(&wanted, m.boundary);
    buf_text(&wanted, "--\r\n");
    CU_ASSERT(span_eq(buf_span(&body), buf_span(&wanted)));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.type, m.boundary));
    CU_ASSERT_EQUAL(strncmp(m.type, "multipart/mixed;boundary=", 25), 0);
}

static void no_two_bodies_have_one_boundary(void)
{
    MU_CLEANUP(buf_clear) struct buf body = {0};
    struct sip_multipart a, b;
    struct test_rng rng;

    test_rng_init(&rng, 1);
    CU_ASSERT_EQUAL_FATAL(sip_multipart_begin(&a, &rng.rng, &body), MU_OK);
    CU_ASSERT_EQUAL_FATAL(sip_multipart_begin(&b, &rng.rng, &body), MU_OK);
    CU_ASSERT_STRING_NOT_EQUAL(a.boundary, b.boundary);
}

/* --------------------------------------------------------------------- read */

static enum mu_err read(
    const char *body, struct sip_raw_part parts[SIP_PARTS_MAX], size_t *count)
{
    return sip_multipart_read(span_str(body), span_str("b"), parts, count);
}

static void is_part(
    const struct sip_raw_part *part, const char *type, const char *body)
{
    CU_ASSERT(span_eq(part->type, span_str(type)));
    CU_ASSERT(span_eq(part->body, span_str(body)));
}

static void reads_what_it_writes(void)
{
    static const uint8_t octets[] = {0, '\r', '\n', '-', '-', 0xff, '\r', '\n'};
    const struct sip_part key = {.type = span_str("application/mikey"),
        .id = span_str("k@gms"),
        .body = SPAN_OF(octets)};
    MU_CLEANUP(buf_clear) struct buf body = {0};
    struct sip_raw_part parts[SIP_PARTS_MAX];
    struct sip_multipart m;
    size_t count = 0;

    CU_ASSERT_EQUAL_FATAL(
        sip_multipart_begin(&m, mu_rng_system(), &body), MU_OK);
    for (size_t i = 0; i < SIP_PARTS_MAX; i++)
        sip_multipart_add(&m, &key);
    CU_ASSERT_EQUAL_FATAL(sip_multipart_end(&m), MU_OK);
    CU_ASSERT_EQUAL_FATAL(sip_multipart_read(buf_span(&body),
                              span_str(m.boundary), parts, &count),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(count, SIP_PARTS_MAX);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT(span_eq(parts[i].type, key.type));
        CU_ASSERT(span_eq(parts[i].id, key.id));
        CU_ASSERT(span_eq(parts[i].body, key.body));
        CU_ASSERT_EQUAL(parts[i].encoding.len, 0);
    }
}

static void reads_what_others_write(void)
{
    struct sip_raw_part parts[SIP_PARTS_MAX];
    size_t count = 0;

    CU_ASSERT_EQUAL_FATAL(
        read("preamble\r\n--bc\r\n--b \t\r\n"
             "content-type:\r\n text/xml;\r\n\tcharset=utf-8\r\n"
             "X-Other: a\r\nContent-Transfer-Encoding: BASE64 \r\n\r\n"
             "one\r\n--bc\r\n\r\n--b\n\ntwo\n--b\r\n\r\n\r\n--b--\r\nepilogue"
             "\r\n--b\r\n",
            parts, &count),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    is_part(&parts[0], "text/xml", "one\r\n--bc\r\n");
    CU_ASSERT(span_eq(parts[0].encoding, span_str("BASE64")));
    is_part(&parts[1], "text/plain", "two");
    is_part(&parts[2], "text/plain", "");
    CU_ASSERT_EQUAL(read("--b\r\n\r\n--b--", parts, &count), MU_OK);
    CU_ASSERT_EQUAL(count, 1);
}

static void refuses_what_is_none(void)
{
    static const char *const bad[] = {"", "x", "--b", "--b--", "--b\r\n",
        "--b\r\n\r\nx\r\n", "--b\r\nno field\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Type: \r\n\r\nx\r\n--b--",
        "--b\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--",
        "--b\r\nX: \001\r\n\r\nx\r\n--b--"};
    struct sip_raw_part parts[SIP_PARTS_MAX];
    char boundary[SIP_BOUNDARY_MAX + 2] = "";
    size_t count = 7;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CU_ASSERT_EQUAL(read(bad[i], parts, &count), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(sip_multipart_read(span_str("--\r\n\r\n----"),
                        span_str(boundary), parts, &count),
        MU_E_MALFORMED);
    memset(boundary, 'b', SIP_BOUNDARY_MAX + 1);
    CU_ASSERT_EQUAL(
        sip_multipart_read(span_str(""), span_str(boundary), parts, &count),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(count, 7);
}

/* Each truncation of a body has no last delimiter, or one without an end. */
static void refuses_every_truncation(void)
{
    static const char whole[] =
        "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--";
    struct sip_raw_part parts[SIP_PARTS_MAX];
    size_t count = 0;

    for (size_t len = 0; len < sizeof(whole) - 1; len++)
        CU_ASSERT_EQUAL(
            sip_multipart_read((struct span){(const uint8_t *)whole, len},
                span_str("b"), parts, &count),
            MU_E_MALFORMED);
    CU_ASSERT_EQUAL(read(whole, parts, &count), MU_OK);
}

CU_TestInfo sip_multipart_tests[] = {
    {"reads what it writes", reads_what_it_writes},
    {"reads what others write", reads_what_others_write},
    {"refuses what is none", refuses_what_is_none},
    {"refuses every truncation", refuses_every_truncation},
    {"writes parts as they are", writes_parts_as_they_are},
    {"no two bodies have one boundary", no_two_bodies_have_one_boundary},
    CU_TEST_INFO_NULL,
};
