/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h - access tokens of the MC identity management server: JWTs in JWS
 * compact form (TS 33.180 annex B; gms-protocol notes 3.1).
 *
 * The algorithm is the key's, never the token's: RS256 for RSA of 2048 bits or
 * more, ES256 for P-256; a token that says anything else is refused before
 * its signature is looked at. So "none" and HMAC under a public key fail.
 *
 * Pure: keys and time are arguments.
 */
#ifndef HTTP_TOKEN_H
#define HTTP_TOKEN_H

#include "base/arena.h"
#include "http/jwks.h"

#define HTTP_TOKEN_MAX    8192 /* characters; ours */
#define HTTP_TOKEN_SKEW_S 30   /* how far clocks may be apart (33.180 B.2) */

/* Which scope a resource asks for; each has the identity of its service. */
enum http_scope {
    HTTP_SCOPE_PTT_SERVICE,
    HTTP_SCOPE_PTT_KEY_MANAGEMENT,
    HTTP_SCOPE_PTT_GROUP_MANAGEMENT,
    HTTP_SCOPE_PTT_CONFIG_MANAGEMENT,
    HTTP_SCOPE_VIDEO_SERVICE,
    HTTP_SCOPE_VIDEO_KEY_MANAGEMENT,
    HTTP_SCOPE_VIDEO_GROUP_MANAGEMENT,
    HTTP_SCOPE_VIDEO_CONFIG_MANAGEMENT,
    HTTP_SCOPE_DATA_SERVICE,
    HTTP_SCOPE_DATA_KEY_MANAGEMENT,
    HTTP_SCOPE_DATA_GROUP_MANAGEMENT,
    HTTP_SCOPE_DATA_CONFIG_MANAGEMENT,
    HTTP_SCOPES
};

/* "3gpp:mc:ptt_key_management_service" and so on. */
const char *http_scope_name(enum http_scope scope);

struct http_token_policy {
    unsigned scopes;      /* bits 1 << enum http_scope; one of them suffices */
    bool release_13;      /* their names of Release 13 will do, too */
    const char *issuer;   /* iss must be this; NULL: any, or none */
    const char *audience; /* aud, when present, must name this; NULL: any */
    bool require_aud;     /* aud must be present */
};

/* Why a token is refused, in the order of checking. */
enum http_token_fault {
    HTTP_TOKEN_GOOD,
    HTTP_TOKEN_FORM,      /* not a JWT that we read */
    HTTP_TOKEN_ALGORITHM, /* not its key's, or critical extensions */
    HTTP_TOKEN_KEY,       /* no kid, or none that we know */
    HTTP_TOKEN_SIGNATURE,
    HTTP_TOKEN_EXPIRED, /* or without exp */
    HTTP_TOKEN_NOT_YET,
    HTTP_TOKEN_ISSUER,
    HTTP_TOKEN_AUDIENCE,
    HTTP_TOKEN_SCOPE,   /* insufficient: 403, all others 401 */
    HTTP_TOKEN_IDENTITY /* the scope's identity claim is not there */
};

/* Stable, for logs and counters: "form", "algorithm", "key"... */
const char *http_token_fault_name(enum http_token_fault fault);

/* Texts lie in the arena; NULL where the claim is absent. */
struct http_claims {
    enum http_scope scope; /* the one that was asked for and found */
    struct span identity;  /* that service's: octet for octet, checked */
    uint64_t expires_s;    /* Unix time */
    const char *mcptt_id, *mcvideo_id, *mcdata_id;
    const char *client_id, *subject, *issuer, *scopes;
};

/* What a token is checked against. */
struct http_token_terms {
    const struct http_jwks *keys;
    const struct http_token_policy *policy;
    uint64_t now_s; /* Unix time */
};

/*
 * Checks a token.
 *
 * Returns MU_OK with *claims set and *fault HTTP_TOKEN_GOOD. Else *claims is
 * untouched, *fault says why, and the error is of its kind: MU_E_MALFORMED,
 * MU_E_UNSUPPORTED (algorithm), MU_E_NOT_FOUND (key), MU_E_CRYPTO (signature),
 * MU_E_EXPIRED, MU_E_DENIED; or MU_E_NO_MEMORY, MU_E_NO_SPACE (the arena) with
 * HTTP_TOKEN_GOOD, which are not the token's fault.
 */
MU_MUST_CHECK enum mu_err http_token_check(struct mu_arena *arena,
    struct span token, const struct http_token_terms *terms,
    struct http_claims *claims, enum http_token_fault *fault);

#endif
