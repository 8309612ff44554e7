/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwks.h - the public keys by which tokens are checked (RFC 7517).
 *
 * Of a JWK Set those keys are kept that can sign as we accept: RSA of 2048 bits
 * or more for RS256, P-256 for ES256, with a kid, and meant for signatures.
 * Others are passed over, as the RFC says; two with one kid are refused.
 */
#ifndef HTTP_JWKS_H
#define HTTP_JWKS_H

#include <cjose/jwk.h>

#include "base/bytes.h"

#define HTTP_JWKS_MAX     64           /* keys; ours */
#define HTTP_JWKS_DOC_MAX (256U << 10) /* octets of a document; ours */

struct http_jwks;

struct http_jwk {
    const char *kid;
    const char *alg; /* "RS256" or "ES256" */
    cjose_jwk_t *key;
};

/*
 * Reads a JWK Set; *out is the caller's, for http_jwks_free().
 *
 * Returns MU_OK; MU_E_MALFORMED for what is no JWK Set, or has a kid twice, or
 * a broken key of a kind that we accept; MU_E_NOT_FOUND when none is usable;
 * MU_E_NO_SPACE beyond the limits; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_jwks_read(
    struct span document, struct http_jwks **out);

/* The same from a file; MU_E_IO when it cannot be read. */
MU_MUST_CHECK enum mu_err http_jwks_load(
    const char *file, struct http_jwks **out);

void http_jwks_free(struct http_jwks *keys);

/* For MU_CLEANUP. */
void http_jwks_drop(struct http_jwks **keys);

/* NULL when there is none of that name. */
const struct http_jwk *http_jwks_find(
    const struct http_jwks *keys, struct span kid);

size_t http_jwks_count(const struct http_jwks *keys);

#endif
