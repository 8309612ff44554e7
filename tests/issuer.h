/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issuer.h - an identity management server for tests: keys made anew, and
 * tokens of any kind, good or forged. Signs with OpenSSL alone, so that it is
 * independent of the library that checks.
 */
#ifndef TESTS_ISSUER_H
#define TESTS_ISSUER_H

#include <openssl/evp.h>
#include <stdbool.h>

#define TEST_TOKEN_MAX 2048
#define TEST_ISSUER    "https://idms.example.org" /* iss of good tokens */

struct test_issuer {
    EVP_PKEY *rsa, *ec;
    char jwks[2048]; /* both public keys, kid "rsa-1" and "ec-1" */
};

enum test_signature {
    TEST_RS256, /* by the RSA key */
    TEST_ES256, /* by the EC key */
    TEST_HS256, /* HMAC, its key the text of the RSA public key */
    TEST_UNSIGNED
};

/* False when anything fails. */
bool test_issuer_make(struct test_issuer *issuer);
void test_issuer_clear(struct test_issuer *issuer);

/* A token with this header and this payload, JSON both. */
bool test_issuer_sign(const struct test_issuer *issuer,
    enum test_signature kind, const char *header, const char *payload,
    char out[TEST_TOKEN_MAX]);

/*
 * A good one, ES256: MCPTT ID, scopes and expiry as said.
 */
bool test_issuer_token(const struct test_issuer *issuer, const char *mcptt_id,
    const char *scope, unsigned long long exp, char out[TEST_TOKEN_MAX]);

#endif
