/* SPDX-License-Identifier: Apache-2.0 */
/*
 * auth.h - who sends a request (24.482 annex A; gms-protocol notes 3.2).
 *
 * A client shows a token, "Authorization: Bearer"; a network entity is named by
 * X-3GPP-Asserted-Identity, on trusted listeners only. With both, the token
 * wins, and nothing but the token counts if it is bad.
 *
 *     neither header                                403 forbidden
 *     asserted identity, listener not trusted       403 forbidden
 *     token that is invalid, expired, not ours      401 invalid-token
 *     good token without the scope                  403 insufficient-scope
 *     no keys to check tokens by yet                503 unavailable
 *     beyond a limit, below                         429 too-many-requests
 *
 * with WWW-Authenticate (RFC 6750 clause 3) beside 401 and a scope's 403, and
 * Retry-After beside 429.
 *
 * Two limits: requests of each identity, and refusals to each address. The
 * second one never turns away who has a good token: a thousand radios may share
 * an address, and one of them shall not lock out the others.
 */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include "http/admit.h"
#include "http/keys.h"
#include "http/request.h"
#include "http/token.h"

struct http_auth {
    struct http_keys *keys; /* NULL: no tokens, only asserted identities */
    struct http_token_policy policy;
    const struct mu_clock *clock;
    const char *realm;

    /* NULL: no limit. */
    struct http_admit *callers;  /* by identity */
    struct http_admit *failures; /* by address */
    const struct mu_rng *rng;    /* where there is one of them */
};

struct http_identity {
    struct span uri;           /* MC service ID; a network entity's identity */
    bool asserted;             /* by a trusted peer; otherwise by a token */
    struct http_claims claims; /* of the token; zero when asserted */
};

enum http_auth_end {
    HTTP_AUTH_ADMITTED,
    HTTP_AUTH_REFUSED, /* said why */
    HTTP_AUTH_LIMITED  /* refused, and too often */
};

/*
 * Finds out who sends the request; texts lie in the request's arena or the
 * request. Unless he is admitted the request is answered and gone, and *fault,
 * which may be NULL, says what was wrong with a token.
 */
enum http_auth_end http_auth_admit(const struct http_auth *auth,
    struct http_request *request, struct http_identity *out,
    enum http_token_fault *fault);

/* One request more of that identity. False when it is beyond the limit: then
 * the request is answered and gone. */
bool http_auth_let_in(const struct http_auth *auth,
    struct http_request *request, struct span identity);

/*
 * The two limits by themselves, for those who are not asked by HTTP: one
 * request more of that identity; one refusal more to that numeric address, v6
 * without brackets. False beyond.
 */
bool http_auth_within(const struct http_auth *auth, struct span identity);
bool http_auth_may_refuse(const struct http_auth *auth, const char *address);

#endif
