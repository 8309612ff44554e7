/* SPDX-License-Identifier: Apache-2.0 */
#include "http/auth.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "http/field.h"

#define RETRY_S 5 /* until the keys of tokens are read */

/* A bucket gains a token each second at least. */
#define LIMITED_LEAST_S  1
#define LIMITED_SPREAD_S 2

/* ------------------------------------------------------------------- limits */

static void answer_limited(
    const struct http_auth *auth, struct http_request *request)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%u",
        http_field_retry_s(auth->rng, LIMITED_LEAST_S, LIMITED_SPREAD_S));
    http_answer_field(request, "Retry-After", text);
    http_answer_problem(request, HTTP_PROBLEM_TOO_MANY_REQUESTS, NULL);
}

static bool is_within(
    const struct http_auth *auth, struct http_admit *limit, struct span who)
{
    return limit == NULL ||
           http_admit_take(limit, who, mu_clock_mono_ms(auth->clock));
}

bool http_auth_within(const struct http_auth *auth, struct span identity)
{
    return is_within(auth, auth->callers, identity);
}

bool http_auth_let_in(const struct http_auth *auth,
    struct http_request *request, struct span identity)
{
    if (http_auth_within(auth, identity))
        return true;
    answer_limited(auth, request);
    return false;
}

/* Of IPv6 the first 64 bits: the others are the subscriber's own to choose
 * (RFC 4291 clause 2.5.4). */
bool http_auth_may_refuse(const struct http_auth *auth, const char *address)
{
    struct in6_addr v6;

    if (inet_pton(AF_INET6, address, &v6) == 1)
        return is_within(auth, auth->failures, (struct span){v6.s6_addr, 8});
    return is_within(auth, auth->failures, span_str(address));
}

/* ------------------------------------------------------------------- tokens */

static void challenge(const struct http_auth *auth,
    struct http_request *request, enum http_problem problem,
    enum http_token_fault fault)
{
    char text[HTTP_CHALLENGE_MAX];
    const char *scope = NULL;

    if (fault == HTTP_TOKEN_SCOPE)
        for (unsigned i = 0; i < HTTP_SCOPES && scope == NULL; i++)
            if ((auth->policy.scopes >> i & 1U) != 0)
                scope = http_scope_name((enum http_scope)i);
    http_field_challenge(auth->realm,
        scope != NULL ? "insufficient_scope" : "invalid_token", scope, text);
    http_answer_field(request, "WWW-Authenticate", text);
    http_answer_problem(request, problem, http_token_fault_name(fault));
}

static enum http_auth_end refuse_token(const struct http_auth *auth,
    struct http_request *request, enum mu_err err, enum http_token_fault fault)
{
    if (fault != HTTP_TOKEN_GOOD &&
        !http_auth_may_refuse(auth, http_request_address(request))) {
        answer_limited(auth, request);
        return HTTP_AUTH_LIMITED;
    }
    if (fault == HTTP_TOKEN_KEY)
        http_keys_missing(auth->keys);
    if (fault == HTTP_TOKEN_GOOD)
        http_answer_err(request, err, NULL); /* not the token's fault */
    else if (fault == HTTP_TOKEN_SCOPE)
        challenge(auth, request, HTTP_PROBLEM_INSUFFICIENT_SCOPE, fault);
    else
        challenge(auth, request, HTTP_PROBLEM_INVALID_TOKEN, fault);
    return HTTP_AUTH_REFUSED;
}

static enum http_auth_end admit_token(const struct http_auth *auth,
    struct http_request *request, struct span value, struct http_identity *out,
    enum http_token_fault *fault)
{
    const struct http_token_terms terms = {.keys = http_keys_now(auth->keys),
        .policy = &auth->policy,
        .now_s = mu_clock_unix_ms(auth->clock) / 1000};
    struct http_claims claims;
    struct span token;
    enum mu_err err;

    if (terms.keys == NULL) {
        http_answer_busy(request, RETRY_S);
        return HTTP_AUTH_REFUSED;
    }
    err = http_field_bearer(value, &token);
    *fault = err != MU_OK ? HTTP_TOKEN_FORM : HTTP_TOKEN_GOOD;
    if (err == MU_OK)
        err = http_token_check(
            http_request_arena(request), token, &terms, &claims, fault);
    if (err != MU_OK)
        return refuse_token(auth, request, err, *fault);
    *out = (struct http_identity){.uri = claims.identity, .claims = claims};
    return HTTP_AUTH_ADMITTED;
}

/* ------------------------------------------------------ asserted identities */

static enum http_auth_end admit_asserted(const struct http_auth *auth,
    struct http_request *request, struct http_identity *out)
{
    struct span uri;
    enum mu_err err = http_request_asserted(request, &uri);

    if (err == MU_OK) {
        *out = (struct http_identity){.uri = uri, .asserted = true};
        return HTTP_AUTH_ADMITTED;
    }
    if (!http_auth_may_refuse(auth, http_request_address(request))) {
        answer_limited(auth, request);
        return HTTP_AUTH_LIMITED;
    }
    if (err == MU_E_NOT_FOUND)
        err = MU_E_DENIED;
    http_answer_err(request, err, "no identity");
    return HTTP_AUTH_REFUSED;
}

enum http_auth_end http_auth_admit(const struct http_auth *auth,
    struct http_request *request, struct http_identity *out,
    enum http_token_fault *fault)
{
    struct span value = http_request_field(request, "Authorization");
    enum http_token_fault none;

    if (fault == NULL)
        fault = &none;
    *fault = HTTP_TOKEN_GOOD;
    if (value.p != NULL && auth->keys != NULL)
        return admit_token(auth, request, value, out, fault);
    return admit_asserted(auth, request, out);
}
