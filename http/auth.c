/* SPDX-License-Identifier: Apache-2.0 */
#include "http/auth.h"

#include "http/field.h"

#define RETRY_S 5 /* until the keys of tokens are read */

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

static void refuse_token(const struct http_auth *auth,
    struct http_request *request, enum mu_err err, enum http_token_fault fault)
{
    if (fault == HTTP_TOKEN_KEY)
        http_keys_missing(auth->keys);
    if (fault == HTTP_TOKEN_GOOD)
        http_answer_err(request, err, NULL);
    else if (fault == HTTP_TOKEN_SCOPE)
        challenge(auth, request, HTTP_PROBLEM_INSUFFICIENT_SCOPE, fault);
    else
        challenge(auth, request, HTTP_PROBLEM_INVALID_TOKEN, fault);
}

static bool admit_token(const struct http_auth *auth,
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
        return false;
    }
    err = http_field_bearer(value, &token);
    *fault = err != MU_OK ? HTTP_TOKEN_FORM : HTTP_TOKEN_GOOD;
    if (err == MU_OK)
        err = http_token_check(
            http_request_arena(request), token, &terms, &claims, fault);
    if (err != MU_OK) {
        refuse_token(auth, request, err, *fault);
        return false;
    }
    *out = (struct http_identity){.uri = claims.identity, .claims = claims};
    return true;
}

static bool admit_asserted(
    struct http_request *request, struct http_identity *out)
{
    struct span uri;
    enum mu_err err = http_request_asserted(request, &uri);

    if (err == MU_OK) {
        *out = (struct http_identity){.uri = uri, .asserted = true};
        return true;
    }
    if (err == MU_E_NOT_FOUND)
        err = MU_E_DENIED;
    http_answer_err(request, err, "no identity");
    return false;
}

bool http_auth_admit(const struct http_auth *auth, struct http_request *request,
    struct http_identity *out, enum http_token_fault *fault)
{
    struct span value = http_request_field(request, "Authorization");
    enum http_token_fault none;

    if (fault == NULL)
        fault = &none;
    *fault = HTTP_TOKEN_GOOD;
    if (value.p != NULL && auth->keys != NULL)
        return admit_token(auth, request, value, out, fault);
    return admit_asserted(request, out);
}
