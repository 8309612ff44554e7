/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an input as a token, as a key set, and as the claims of a token that is
 * well signed, so that what lies behind the signature is reached, too.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "http/token.h"
#include "mcptt/ident.h"
#include "tests/issuer.h"

#define NOW 1700000000U

static const struct http_token_policy policy = {
    .scopes =
        1U << HTTP_SCOPE_PTT_KEY_MANAGEMENT | 1U << HTTP_SCOPE_VIDEO_SERVICE,
    .release_13 = true,
    .audience = "kms"};

/* Made once; they live as long as the run. */
static const struct test_issuer *issuer(const struct http_jwks **keys)
{
    static struct test_issuer made;
    static struct http_jwks *set;

    if (set == NULL)
        fuzz_demand(test_issuer_make(&made) &&
                    http_jwks_read(span_str(made.jwks), &set) == MU_OK);
    *keys = set;
    return &made;
}

static enum mu_err check(struct span token, const struct http_jwks *keys)
{
    const struct http_token_terms terms = {keys, &policy, NOW};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    enum http_token_fault fault;
    struct http_claims claims;
    enum mu_err err;

    mu_arena_init(&arena, 1U << 20);
    err = http_token_check(&arena, token, &terms, &claims, &fault);
    fuzz_demand((err == MU_OK) == (fault == HTTP_TOKEN_GOOD));
    if (err != MU_OK)
        return err;
    fuzz_demand(mcptt_id_check(claims.identity) == MU_OK);
    fuzz_demand(claims.expires_s + HTTP_TOKEN_SKEW_S > NOW);
    fuzz_demand((policy.scopes >> claims.scope & 1U) != 0);
    return MU_OK;
}

static void check_claims(struct span in)
{
    const struct http_jwks *keys;
    const struct test_issuer *by = issuer(&keys);
    char payload[1024], token[TEST_TOKEN_MAX];

    if (in.len >= sizeof(payload))
        return;
    if (in.len > 0)
        memcpy(payload, in.p, in.len);
    payload[in.len] = '\0';
    fuzz_demand(test_issuer_sign(by, TEST_ES256,
        "{\"alg\":\"ES256\",\"kid\":\"ec-1\"}", payload, token));
    (void)check(span_str(token), keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(http_jwks_drop) struct http_jwks *read = NULL;
    const struct span in = {data, size};
    const struct http_jwks *keys;

    (void)issuer(&keys);
    fuzz_demand(check(in, keys) != MU_OK);
    check_claims(in);
    if (http_jwks_read(in, &read) == MU_OK)
        fuzz_demand(http_jwks_count(read) > 0);
    return 0;
}
