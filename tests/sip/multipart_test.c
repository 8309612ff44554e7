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

CU_TestInfo sip_multipart_tests[] = {
    {"writes parts as they are", writes_parts_as_they_are},
    {"no two bodies have one boundary", no_two_bodies_have_one_boundary},
    CU_TEST_INFO_NULL,
};
