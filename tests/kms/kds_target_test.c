/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_target.h"

#include "tests/suites.h"

#define ARENA_MAX 65536

/* Reads what stands behind KDS_ROOT; *out lives as long as the arena. */
static enum mu_err read_target(
    struct mu_arena *arena, const char *text, struct kds_target *out)
{
    struct http_path path;

    mu_arena_init(arena, ARENA_MAX);
    CU_ASSERT_EQUAL_FATAL(http_path_read(arena, span_str(text), &path), MU_OK);
    return kds_target_read(arena, &path, 0, out);
}

static void every_resource_has_its_name(void)
{
    static const struct {
        const char *text;
        enum kds_resource want;
    } rows[] = {
        {"/init", KDS_INIT},
        {"/keyprov", KDS_KEYPROV},
        {"/certcache", KDS_CERTCACHE},
        {"/cert/kms.x", KDS_CERT},
        {"/lookup/sip:a@x", KDS_LOOKUP},
        {"/krr", KDS_KRR},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct kds_target target;

        CU_ASSERT_EQUAL_FATAL(
            read_target(&arena, rows[i].text, &target), MU_OK);
        CU_ASSERT_EQUAL(target.resource, rows[i].want);
        CU_ASSERT_FALSE(target.has_time);
    }
}

static void a_uri_may_be_encoded_or_raw(void)
{
    static const char *const texts[] = {"/keyprov/sip%3Aa%40x%2Fb",
        "/keyprov/sip:a@x/b", "/keyprov/sip%3Aa%40x%2Fb/D6B4323200000000",
        "/keyprov/sip:a@x/b/d6b4323200000000"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct kds_target target;

        CU_ASSERT_EQUAL_FATAL(read_target(&arena, texts[i], &target), MU_OK);
        CU_ASSERT(span_eq(target.uri, span_str("sip:a@x/b")));
        CU_ASSERT_EQUAL(target.has_time, i >= 2);
        CU_ASSERT_EQUAL(target.ntp, i >= 2 ? UINT64_C(0xd6b4323200000000) : 0);
    }
}

static void a_time_alone_is_a_uri(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct kds_target target;

    CU_ASSERT_EQUAL_FATAL(
        read_target(&arena, "/keyprov/D6B4323200000000", &target), MU_OK);
    CU_ASSERT_FALSE(target.has_time);
    CU_ASSERT(span_eq(target.uri, span_str("D6B4323200000000")));
}

static void certcache_takes_a_number(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct kds_target target;

    CU_ASSERT_EQUAL_FATAL(read_target(&arena, "/certcache/17", &target), MU_OK);
    CU_ASSERT_EQUAL(target.cache_num, 17);
}

static void what_stands_behind_is_checked(void)
{
    static const struct {
        const char *text;
        enum mu_err want;
    } rows[] = {
        {"/", MU_E_NOT_FOUND},
        {"/keys", MU_E_NOT_FOUND},
        {"/Init", MU_E_NOT_FOUND},
        {"/init/sip:a@x", MU_E_MALFORMED},
        {"/krr/1", MU_E_MALFORMED},
        {"/cert", MU_E_MALFORMED},
        {"/lookup", MU_E_MALFORMED},
        {"/certcache/x", MU_E_MALFORMED},
        {"/certcache/1/2", MU_E_MALFORMED},
        {"/keyprov/%ff", MU_E_MALFORMED},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct kds_target target = {.cache_num = 5};

        CU_ASSERT_EQUAL(
            read_target(&arena, rows[i].text, &target), rows[i].want);
        CU_ASSERT_EQUAL(target.cache_num, 5);
    }
}

CU_TestInfo kms_kds_target_tests[] = {
    {"every resource has its name", every_resource_has_its_name},
    {"a URI may be encoded or raw", a_uri_may_be_encoded_or_raw},
    {"a time alone is a URI", a_time_alone_is_a_uri},
    {"certcache takes a number", certcache_takes_a_number},
    {"what stands behind is checked", what_stands_behind_is_checked},
    CU_TEST_INFO_NULL,
};
