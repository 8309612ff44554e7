/* SPDX-License-Identifier: Apache-2.0 */
/* What a member's SUBSCRIBE carries is what the group server's readers read. */
#include "ue/sip_text.h"

#include <string.h>

#include "tests/suites.h"
#include "xml/gktp.h"
#include "xml/mcptt_info.h"
#include "xml/mcptt_token.h"
#include "xml/resource_lists.h"

#define SEL                                                                    \
    "org.3gpp.MCPTT-GKTP/users/sip%3Am1%40example.org/sip%3Ag%40example.org"

static enum mu_err sel_of(const char *path, bool node, char out[UE_URL_MAX])
{
    return ue_sip_sel(path, span_str("sip:m1@example.org"),
        span_str("sip:g@example.org"), node, out);
}

static void a_selector_is_relative_to_the_root(void)
{
    char sel[UE_URL_MAX];

    CU_ASSERT_EQUAL(sel_of(UE_KEY_PATH, false, sel), MU_OK);
    CU_ASSERT_STRING_EQUAL(sel, SEL);
    CU_ASSERT_EQUAL(sel_of(UE_KEY_PATH, true, sel), MU_OK);
    CU_ASSERT_STRING_EQUAL(sel, SEL UE_SIP_NODE);
}

static void a_path_without_a_root_is_refused(void)
{
    char sel[UE_URL_MAX];

    CU_ASSERT_EQUAL(sel_of("/{mcptt_id}", false, sel), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(sel_of("xcap/{mcptt_id}", false, sel), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(sel_of("", false, sel), MU_E_MALFORMED);
}

/* The body of the part of that type. */
static struct span part_of(const struct buf *body, const char *type)
{
    const char *from = strstr((const char *)body->p, type);
    const char *end;

    CU_ASSERT_PTR_NOT_NULL_FATAL(from);
    from = strstr(from, "\r\n\r\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(from);
    from += 4;
    end = strstr(from, "\r\n--muster");
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    return (struct span){(const uint8_t *)from, (size_t)(end - from)};
}

static void a_group_is_where_it_is_read(void)
{
    char sel[UE_URL_MAX];

    CU_ASSERT_EQUAL_FATAL(ue_sip_group_sel(span_str("sip:a@x"), sel), MU_OK);
    CU_ASSERT_STRING_EQUAL(sel, UE_SIP_GROUPS "sip%3Aa%40x");
}

static void a_body_has_the_token_and_the_list(void)
{
    const struct span sels[] = {span_str(SEL), span_str(SEL UE_SIP_NODE)};
    const struct ue_sip_content content = {
        .token = span_str("aa.bb.cc"), .sels = sels, .count = 2};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf body = {.p = NULL};
    struct xml_resource_lists lists;
    struct xml_mcptt_info info;
    struct xml_fault fault;

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL_FATAL(ue_sip_body(&content, mu_rng_system(), &body), MU_OK);
    buf_add(&body, (struct span){(const uint8_t *)"", 1});
    CU_ASSERT_EQUAL_FATAL(body.err, MU_OK);
    CU_ASSERT_EQUAL(xml_mcptt_info_read(part_of(&body, XML_MCPTT_INFO_TYPE),
                        &arena, &fault, &info),
        MU_OK);
    CU_ASSERT(span_eq(info.token, span_str("aa.bb.cc")));
    CU_ASSERT_EQUAL_FATAL(
        xml_resource_lists_read(
            part_of(&body, XML_RESOURCE_LISTS_TYPE), &arena, &fault, &lists),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(lists.count, 2);
    CU_ASSERT(span_eq(lists.uris[0], sels[0]));
    CU_ASSERT(span_eq(lists.uris[1], sels[1]));
}

static void a_body_with_a_csk_hides_the_token(void)
{
    static const struct ue_csk csk = {
        .id = {0x2abc0123}, .key = {{1, 2}}, .octets = "message", .len = 7};
    const struct span sel = span_str(SEL);
    const struct ue_sip_content content = {
        .token = span_str("aa.bb.cc"), .csk = &csk, .sels = &sel, .count = 1};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf body = {.p = NULL};
    struct xml_sealed_token sealed;
    struct xml_mcptt_info info;
    struct span token = {NULL, 0};
    struct xml_fault fault;

    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL_FATAL(ue_sip_body(&content, mu_rng_system(), &body), MU_OK);
    buf_add(&body, (struct span){(const uint8_t *)"", 1});
    CU_ASSERT_EQUAL_FATAL(body.err, MU_OK);
    CU_ASSERT_PTR_NULL(strstr((const char *)body.p, "aa.bb.cc"));
    CU_ASSERT(
        span_eq(part_of(&body, "application/mikey"), span_str("message")));
    CU_ASSERT_EQUAL_FATAL(
        xml_mcptt_info_read(
            part_of(&body, XML_MCPTT_INFO_TYPE), &arena, &fault, &info),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_sealed_token_read(info.data, &arena, &fault, &sealed), MU_OK);
    CU_ASSERT_EQUAL(sealed.key_id.v, csk.id.v);
    CU_ASSERT_EQUAL(
        xml_sealed_token_open(&sealed, &csk.key, &arena, &token), MU_OK);
    CU_ASSERT(span_eq(token, content.token));
}

static void content_is_read_as_a_document(void)
{
    static const char content[] =
        "<GMK-GKTPs xmlns=\"urn:3gpp:ns:mcpttGKTP:1.0\">"
        "<GKTP id=\"00123456\">0a0b</GKTP></GMK-GKTPs>";
    static const uint8_t message[] = {0x0a, 0x0b};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf document = {.p = NULL};
    const struct xml_gktp *keys = NULL;
    struct xml_fault fault;
    size_t count = 0;

    mu_arena_init(&arena, 1 << 20);
    ue_sip_document(span_str(content), &document);
    CU_ASSERT_EQUAL_FATAL(
        xml_gktp_read(buf_span(&document), &arena, &fault, &keys, &count),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT(span_eq(keys[0].message, SPAN_OF(message)));
}

CU_TestInfo ue_sip_text_tests[] = {
    {"a selector is relative to the root", a_selector_is_relative_to_the_root},
    {"a path without a root is refused", a_path_without_a_root_is_refused},
    {"a group is where it is read", a_group_is_where_it_is_read},
    {"a body has the token and the list", a_body_has_the_token_and_the_list},
    {"a body with a CSK hides the token", a_body_with_a_csk_hides_the_token},
    {"content is read as a document", content_is_read_as_a_document},
    CU_TEST_INFO_NULL,
};
