/* SPDX-License-Identifier: Apache-2.0 */
#include "http/token.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/issuer.h"
#include "tests/suites.h"

#define NOW 1700000000ULL

#define ES    "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}"
#define SCOPE "\"scope\":\"openid 3gpp:mc:ptt_key_management_service\""
#define ID    "\"mcptt_id\":\"sip:alice@example.org\""
#define EXP   "\"exp\":1700000060"

static const struct http_token_policy key_management = {
    .scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT};

/* One issuer for the tests that only look; RSA keys take their time. */
static struct test_issuer issuer;
static struct http_jwks *keys;

int http_token_begin(void)
{
    if (!test_issuer_make(&issuer) ||
        http_jwks_read(span_str(issuer.jwks), &keys) != MU_OK)
        return -1;
    return 0;
}

int http_token_end(void)
{
    http_jwks_free(keys);
    test_issuer_clear(&issuer);
    return 0;
}

static enum http_token_fault check_text(const char *token,
    const struct http_token_policy *policy, struct mu_arena *arena,
    struct http_claims *claims)
{
    const struct http_token_terms terms = {keys, policy, NOW};
    enum http_token_fault fault = HTTP_TOKEN_GOOD;
    enum mu_err err =
        http_token_check(arena, span_str(token), &terms, claims, &fault);

    CU_ASSERT_EQUAL(err == MU_OK, fault == HTTP_TOKEN_GOOD);
    return fault;
}

static enum http_token_fault check(enum test_signature kind, const char *header,
    const char *payload, const struct http_token_policy *policy)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct http_claims claims;
    char token[TEST_TOKEN_MAX];

    mu_arena_init(&arena, 4096);
    CU_ASSERT_FATAL(test_issuer_sign(&issuer, kind, header, payload, token));
    return check_text(token, policy, &arena, &claims);
}

static void good_tokens_of_both_algorithms_yield_their_claims(void)
{
    static const struct {
        enum test_signature kind;
        const char *header;
    } cases[] = {
        {TEST_ES256, ES},
        {TEST_RS256, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"typ\":\"JWT\"}"},
    };

    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct http_claims claims = {.expires_s = 0};
        char token[TEST_TOKEN_MAX];

        mu_arena_init(&arena, 4096);
        CU_ASSERT_FATAL(
            test_issuer_sign(&issuer, cases[i].kind, cases[i].header,
                "{" ID "," SCOPE "," EXP ",\"client_id\":\"ue\"}", token));
        CU_ASSERT_EQUAL_FATAL(
            check_text(token, &key_management, &arena, &claims),
            HTTP_TOKEN_GOOD);
        CU_ASSERT(span_eq(claims.identity, span_str("sip:alice@example.org")));
        CU_ASSERT_EQUAL(claims.scope, HTTP_SCOPE_PTT_KEY_MANAGEMENT);
        CU_ASSERT_EQUAL(claims.expires_s, NOW + 60);
        CU_ASSERT_STRING_EQUAL(claims.client_id, "ue");
        CU_ASSERT_PTR_NULL(claims.issuer);
    }
}

/* ID-03, and more of its kind. */
static void forged_tokens_are_refused(void)
{
    static const struct {
        const char *header;
        enum test_signature kind;
        enum http_token_fault fault;
    } cases[] = {
        {"{\"alg\":\"none\",\"kid\":\"ec-1\"}", TEST_UNSIGNED, HTTP_TOKEN_FORM},
        {"{\"alg\":\"none\",\"kid\":\"ec-1\"}", TEST_ES256,
            HTTP_TOKEN_ALGORITHM},
        {"{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", TEST_HS256,
            HTTP_TOKEN_ALGORITHM},
        {"{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", TEST_HS256,
            HTTP_TOKEN_SIGNATURE},
        {"{\"alg\":\"RS256\",\"kid\":\"ec-1\"}", TEST_RS256,
            HTTP_TOKEN_ALGORITHM},
        {"{\"alg\":\"ES256\",\"kid\":\"rsa-1\"}", TEST_ES256,
            HTTP_TOKEN_ALGORITHM},
        {"{\"alg\":\"RS512\",\"kid\":\"rsa-1\"}", TEST_RS256,
            HTTP_TOKEN_ALGORITHM},
        {ES, TEST_RS256, HTTP_TOKEN_SIGNATURE},
        {ES, TEST_UNSIGNED, HTTP_TOKEN_FORM},
        {"{\"alg\":\"ES256\",\"kid\":\"ec-2\"}", TEST_ES256, HTTP_TOKEN_KEY},
        {"{\"alg\":\"ES256\"}", TEST_ES256, HTTP_TOKEN_KEY},
        {"{\"alg\":\"ES256\",\"kid\":7}", TEST_ES256, HTTP_TOKEN_KEY},
        {"{\"kid\":\"ec-1\"}", TEST_ES256, HTTP_TOKEN_ALGORITHM},
        {"{\"alg\":\"ES256\",\"kid\":\"ec-1\",\"crit\":[\"b64\"],"
         "\"b64\":false}",
            TEST_ES256, HTTP_TOKEN_ALGORITHM},
        {"{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"ec-1\"}", TEST_ES256,
            HTTP_TOKEN_FORM},
        {"[]", TEST_ES256, HTTP_TOKEN_FORM},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(check(cases[i].kind, cases[i].header,
                            "{" ID "," SCOPE "," EXP "}", &key_management),
            cases[i].fault);
}

static void times_count_with_half_a_minute_of_skew(void)
{
    static const struct {
        const char *claims;
        enum http_token_fault fault;
    } cases[] = {
        {"\"exp\":1699999971", HTTP_TOKEN_GOOD},
        {"\"exp\":1699999970", HTTP_TOKEN_EXPIRED},
        {"\"exp\":1700000000.5", HTTP_TOKEN_GOOD},
        {"\"exp\":-1", HTTP_TOKEN_EXPIRED},
        {"\"exp\":\"1700000060\"", HTTP_TOKEN_EXPIRED},
        {"\"exp\":1e300", HTTP_TOKEN_EXPIRED},
        {"\"x\":0", HTTP_TOKEN_EXPIRED},
        {EXP ",\"nbf\":1700000030", HTTP_TOKEN_GOOD},
        {EXP ",\"nbf\":1700000031", HTTP_TOKEN_NOT_YET},
        {EXP ",\"nbf\":\"now\"", HTTP_TOKEN_FORM},
        {EXP ",\"exp\":1900000000", HTTP_TOKEN_FORM},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char payload[256];

        (void)snprintf(
            payload, sizeof(payload), "{" ID "," SCOPE ",%s}", cases[i].claims);
        CU_ASSERT_EQUAL(
            check(TEST_ES256, ES, payload, &key_management), cases[i].fault);
    }
}

static void issuer_and_audience_are_as_configured(void)
{
    static const struct http_token_policy iss = {
        .scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT, .issuer = "https://id"};
    static const struct http_token_policy aud = {
        .scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT, .audience = "kms"};
    static const struct http_token_policy must = {
        .scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT,
        .audience = "kms",
        .require_aud = true};
    static const struct {
        const struct http_token_policy *policy;
        const char *claims;
        enum http_token_fault fault;
    } cases[] = {
        {&iss, "\"iss\":\"https://id\"", HTTP_TOKEN_GOOD},
        {&iss, "\"iss\":\"https://id/\"", HTTP_TOKEN_ISSUER},
        {&iss, "\"iss\":[\"https://id\"]", HTTP_TOKEN_ISSUER},
        {&iss, "\"x\":0", HTTP_TOKEN_ISSUER},
        {&key_management, "\"iss\":\"x\",\"aud\":\"x\"", HTTP_TOKEN_GOOD},
        {&aud, "\"x\":0", HTTP_TOKEN_GOOD},
        {&aud, "\"aud\":\"kms\"", HTTP_TOKEN_GOOD},
        {&aud, "\"aud\":[\"gms\",\"kms\"]", HTTP_TOKEN_GOOD},
        {&aud, "\"aud\":\"gms\"", HTTP_TOKEN_AUDIENCE},
        {&aud, "\"aud\":[7,\"gms\"]", HTTP_TOKEN_AUDIENCE},
        {&aud, "\"aud\":[]", HTTP_TOKEN_AUDIENCE},
        {&aud, "\"aud\":7", HTTP_TOKEN_AUDIENCE},
        {&must, "\"aud\":\"kms\"", HTTP_TOKEN_GOOD},
        {&must, "\"x\":0", HTTP_TOKEN_AUDIENCE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char payload[256];

        (void)snprintf(payload, sizeof(payload),
            "{" ID "," SCOPE "," EXP ",%s}", cases[i].claims);
        CU_ASSERT_EQUAL(
            check(TEST_ES256, ES, payload, cases[i].policy), cases[i].fault);
    }
}

static void the_scope_asked_for_must_be_there_with_its_identity(void)
{
    static const struct http_token_policy old = {
        .scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT, .release_13 = true};
    static const struct http_token_policy any = {
        .scopes = 1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT |
                  1U << HTTP_SCOPE_VIDEO_KEY_MANAGEMENT};
    static const struct {
        const struct http_token_policy *policy;
        const char *claims;
        enum http_token_fault fault;
    } cases[] = {
        {&key_management, ID, HTTP_TOKEN_SCOPE},
        {&key_management, ID ",\"scope\":\"\"", HTTP_TOKEN_SCOPE},
        {&key_management, ID ",\"scope\":\"openid 3gpp:mc:ptt_service\"",
            HTTP_TOKEN_SCOPE},
        {&key_management,
            ID ",\"scope\":\"3gpp:mc:ptt_key_management_service2 x\"",
            HTTP_TOKEN_SCOPE},
        {&key_management,
            ID ",\"scope\":[\"3gpp:mc:ptt_key_management_service\"]",
            HTTP_TOKEN_SCOPE},
        {&key_management, ID ",\"scope\":\"3gpp:mcptt:key_management_server\"",
            HTTP_TOKEN_SCOPE},
        {&old, ID ",\"scope\":\"3gpp:mcptt:key_management_server\"",
            HTTP_TOKEN_GOOD},
        {&old, ID "," SCOPE, HTTP_TOKEN_GOOD},
        {&key_management, SCOPE, HTTP_TOKEN_IDENTITY},
        {&key_management, SCOPE ",\"mcptt_id\":\"\"", HTTP_TOKEN_IDENTITY},
        {&key_management, SCOPE ",\"mcptt_id\":\"sip:a b\"",
            HTTP_TOKEN_IDENTITY},
        {&key_management, SCOPE ",\"mcptt_id\":7", HTTP_TOKEN_IDENTITY},
        {&key_management, SCOPE ",\"mcvideo_id\":\"sip:v@x\"",
            HTTP_TOKEN_IDENTITY},
        {&any,
            "\"mcvideo_id\":\"sip:v@x\","
            "\"scope\":\"3gpp:mc:video_key_management_service\"",
            HTTP_TOKEN_GOOD},
        {&any, ID ",\"scope\":\"3gpp:mc:video_key_management_service\"",
            HTTP_TOKEN_IDENTITY},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char payload[256];

        (void)snprintf(
            payload, sizeof(payload), "{" EXP ",%s}", cases[i].claims);
        CU_ASSERT_EQUAL(
            check(TEST_ES256, ES, payload, cases[i].policy), cases[i].fault);
    }
}

static void every_truncation_and_every_changed_octet_is_refused(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct http_claims claims = {.expires_s = 7};
    char token[TEST_TOKEN_MAX], cut[TEST_TOKEN_MAX];
    size_t len;

    mu_arena_init(&arena, 4096);
    CU_ASSERT_FATAL(test_issuer_token(&issuer, "sip:alice@example.org",
        "3gpp:mc:ptt_key_management_service", NOW + 60, token));
    len = strlen(token);
    for (size_t i = 0; i < len; i++) {
        memcpy(cut, token, len + 1);
        cut[i] = '\0';
        CU_ASSERT_NOT_EQUAL(
            check_text(cut, &key_management, &arena, &claims), HTTP_TOKEN_GOOD);
        memcpy(cut, token, len + 1);
        cut[i] = (char)(cut[i] == 'A' ? 'Q' : 'A');
        CU_ASSERT_NOT_EQUAL(
            check_text(cut, &key_management, &arena, &claims), HTTP_TOKEN_GOOD);
    }
    CU_ASSERT_EQUAL(claims.expires_s, 7);
}

static void what_is_no_token_has_no_form(void)
{
    static char huge[HTTP_TOKEN_MAX + 2];
    const char *tokens[] = {"", ".", "..", "a.b", "a.b.c.d", "a.b.c=", "a.b.",
        "e30.e30.AA", "a b.c.d", "a.b.c\n", huge};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct http_claims claims;

    mu_arena_init(&arena, 4096);
    memset(huge, 'a', sizeof(huge) - 1);
    huge[2] = huge[4] = '.';
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
        CU_ASSERT_NOT_EQUAL(
            check_text(tokens[i], &key_management, &arena, &claims),
            HTTP_TOKEN_GOOD);
}

static void claims_beyond_the_arena_are_no_fault_of_the_token(void)
{
    const struct http_token_terms terms = {keys, &key_management, NOW};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    enum http_token_fault fault = HTTP_TOKEN_FORM;
    struct http_claims claims = {.expires_s = 7};
    char token[TEST_TOKEN_MAX];

    mu_arena_init(&arena, 16);
    CU_ASSERT_FATAL(test_issuer_token(&issuer, "sip:alice@example.org",
        "3gpp:mc:ptt_key_management_service", NOW + 60, token));
    CU_ASSERT_EQUAL(
        http_token_check(&arena, span_str(token), &terms, &claims, &fault),
        MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(fault, HTTP_TOKEN_GOOD);
    CU_ASSERT_EQUAL(claims.expires_s, 7);
}

#define POINT                                                                  \
    "\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\"," \
    "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\""

/* The point is that of RFC 7517 appendix A.1. */
static void key_sets_keep_what_may_sign_and_nothing_else(void)
{
    static const struct {
        const char *document;
        enum mu_err err;
    } cases[] = {
        {"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\"," POINT "}]}", MU_OK},
        {"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"0\",\"k\":\"AAAA\"},"
         "{\"kty\":\"EC\",\"kid\":\"1\",\"use\":\"sig\"," POINT "}]}",
            MU_OK},
        {"{\"keys\":[{\"kty\":\"oct\",\"kid\":\"0\",\"k\":\"AAAA\"}]}",
            MU_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"EC\"," POINT "}]}", MU_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\",\"use\":\"enc\"," POINT
         "}]}",
            MU_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\",\"alg\":\"ES512\"," POINT
         "}]}",
            MU_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"1\",\"e\":\"AQAB\","
         "\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx\"}]}",
            MU_E_NOT_FOUND},
        {"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\"," POINT
         "},{\"kty\":\"EC\",\"kid\":\"1\"," POINT "}]}",
            MU_E_MALFORMED},
        {"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\",\"crv\":\"P-256\","
         "\"x\":\"AAAA\",\"y\":\"AAAA\"}]}",
            MU_E_MALFORMED},
        {"{\"keys\":[{\"kty\":\"EC\",\"kid\":\"1\",\"crv\":\"P-256\"}]}",
            MU_E_MALFORMED},
        {"{\"keys\":[]}", MU_E_NOT_FOUND},
        {"{\"keys\":{}}", MU_E_MALFORMED},
        {"[]", MU_E_MALFORMED},
        {"{\"keys\":[", MU_E_MALFORMED},
        {"", MU_E_MALFORMED},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        MU_CLEANUP(http_jwks_drop) struct http_jwks *set = NULL;

        CU_ASSERT_EQUAL(
            http_jwks_read(span_str(cases[i].document), &set), cases[i].err);
        CU_ASSERT_EQUAL(set != NULL, cases[i].err == MU_OK);
        if (set != NULL)
            CU_ASSERT_EQUAL(http_jwks_count(set), 1);
    }
}

static void a_key_set_that_finds_no_memory_leaves_nothing(void)
{
    struct http_jwks *set = NULL;

    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(
        http_jwks_read(span_str(issuer.jwks), &set), MU_E_NO_MEMORY);
    CU_ASSERT(mu_alloc_fail_end());
    CU_ASSERT_PTR_NULL(set);
}

CU_TestInfo http_token_tests[] = {
    {"good tokens of both algorithms yield their claims",
        good_tokens_of_both_algorithms_yield_their_claims},
    {"forged tokens are refused", forged_tokens_are_refused},
    {"times count with half a minute of skew",
        times_count_with_half_a_minute_of_skew},
    {"issuer and audience are as configured",
        issuer_and_audience_are_as_configured},
    {"the scope asked for must be there with its identity",
        the_scope_asked_for_must_be_there_with_its_identity},
    {"every truncation and every changed octet is refused",
        every_truncation_and_every_changed_octet_is_refused},
    {"what is no token has no form", what_is_no_token_has_no_form},
    {"claims beyond the arena are no fault of the token",
        claims_beyond_the_arena_are_no_fault_of_the_token},
    {"key sets keep what may sign and nothing else",
        key_sets_keep_what_may_sign_and_nothing_else},
    {"a key set that finds no memory leaves nothing",
        a_key_set_that_finds_no_memory_leaves_nothing},
    CU_TEST_INFO_NULL,
};
