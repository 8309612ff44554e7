/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/dialog.h"

#include "sip/message.h"
#include "tests/suites.h"

static const struct sip_dialog dialog = {.call_id = {(const uint8_t *)"c@h", 3},
    .local_uri = {(const uint8_t *)"sip:g@h", 7},
    .local_tag = {(const uint8_t *)"gt", 2},
    .remote_uri = {(const uint8_t *)"sip:m@h", 7},
    .remote_tag = {(const uint8_t *)"mt", 2},
    .target = {(const uint8_t *)"sip:m@10.0.0.1", 14},
    .routes = {{(const uint8_t *)"sip:p1;lr", 9},
        {(const uint8_t *)"sip:p2;lr", 9}},
    .route_count = 2,
    .local_cseq = 0x01020304,
    .remote_cseq = 9};

static void reads_what_it_writes(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf kept = {0};
    struct sip_dialog out;

    mu_arena_init(&arena, 1 << 14);
    sip_dialog_write(&dialog, &kept);
    CU_ASSERT_EQUAL_FATAL(
        sip_dialog_read(buf_span(&kept), &arena, &out), MU_OK);
    CU_ASSERT(span_eq(out.call_id, dialog.call_id));
    CU_ASSERT(span_eq(out.local_uri, dialog.local_uri));
    CU_ASSERT(span_eq(out.local_tag, dialog.local_tag));
    CU_ASSERT(span_eq(out.remote_uri, dialog.remote_uri));
    CU_ASSERT(span_eq(out.remote_tag, dialog.remote_tag));
    CU_ASSERT(span_eq(out.target, dialog.target));
    CU_ASSERT_EQUAL_FATAL(out.route_count, 2);
    CU_ASSERT(span_eq(out.routes[1], dialog.routes[1]));
    CU_ASSERT_EQUAL(out.local_cseq, dialog.local_cseq);
    CU_ASSERT_EQUAL(out.remote_cseq, dialog.remote_cseq);
}

static void refuses_every_truncation(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf kept = {0};
    struct sip_dialog out;

    mu_arena_init(&arena, 1 << 14);
    sip_dialog_write(&dialog, &kept);
    for (size_t len = 0; len < kept.len; len++)
        CU_ASSERT_EQUAL(
            sip_dialog_read((struct span){kept.p, len}, &arena, &out),
            MU_E_MALFORMED);
    buf_add(&kept, span_str("x"));
    CU_ASSERT_EQUAL(
        sip_dialog_read(buf_span(&kept), &arena, &out), MU_E_MALFORMED);
    kept.p[0] = 2;
    CU_ASSERT_EQUAL(
        sip_dialog_read(buf_span(&kept), &arena, &out), MU_E_UNSUPPORTED);
}

static void refuses_what_is_too_long(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf kept = {0};
    static const uint8_t large[SIP_TEXT_MAX + 1];
    struct sip_dialog d = dialog, out;

    mu_arena_init(&arena, 1 << 14);
    d.target = SPAN_OF(large);
    sip_dialog_write(&d, &kept);
    CU_ASSERT_EQUAL(
        sip_dialog_read(buf_span(&kept), &arena, &out), MU_E_MALFORMED);
}

static void matches_by_call_id_and_both_tags(void)
{
    struct span c = dialog.call_id, l = dialog.local_tag, r = dialog.remote_tag,
                x = span_str("x");

    CU_ASSERT(sip_dialog_matches(&dialog, c, l, r));
    CU_ASSERT(!sip_dialog_matches(&dialog, x, l, r));
    CU_ASSERT(!sip_dialog_matches(&dialog, c, x, r));
    CU_ASSERT(!sip_dialog_matches(&dialog, c, l, x));
    CU_ASSERT(!sip_dialog_matches(&dialog, c, r, l));
}

/* The first hop says it: the route, or the target where there is none. */
static void knows_what_goes_by_datagram(void)
{
    static const struct {
        const char *hop;
        bool datagram;
    } hops[] = {{"sip:ue@192.0.2.1", true},
        {"sip:ue@192.0.2.1;transport=UDP", true},
        {"SIP:ue@192.0.2.1;lr;transport=udp", true},
        {"sip:ue@192.0.2.1;transport=tcp", false},
        {"sip:ue@192.0.2.1;Transport=TLS", false}, {"sips:ue@192.0.2.1", false},
        {"", false}};
    struct sip_dialog d = {.target = span_str("sips:other@192.0.2.2")};

    for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++) {
        d.route_count = 1;
        d.routes[0] = span_str(hops[i].hop);
        CU_ASSERT_EQUAL(sip_dialog_by_datagram(&d), hops[i].datagram);
        d.route_count = 0;
        CU_ASSERT(!sip_dialog_by_datagram(&d));
    }
}

static void a_request_without_contact_opens_none(void)
{
    struct sip_request request = {.from_tag = span_str("a")};
    struct sip_dialog out;

    CU_ASSERT_EQUAL(
        sip_request_dialog(&request, span_str("t"), &out), MU_E_MALFORMED);
    request.contact = span_str("sip:a@b");
    CU_ASSERT_EQUAL(sip_request_dialog(&request, span_str("t"), &out), MU_OK);
    request.from_tag.len = 0;
    CU_ASSERT_EQUAL(
        sip_request_dialog(&request, span_str("t"), &out), MU_E_MALFORMED);
}

CU_TestInfo sip_dialog_tests[] = {
    {"reads what it writes", reads_what_it_writes},
    {"refuses every truncation", refuses_every_truncation},
    {"refuses what is too long", refuses_what_is_too_long},
    {"matches by Call-ID and both tags", matches_by_call_id_and_both_tags},
    {"knows what goes by datagram", knows_what_goes_by_datagram},
    {"a request without Contact opens none",
        a_request_without_contact_opens_none},
    CU_TEST_INFO_NULL,
};
