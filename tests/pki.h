/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pki.h - certificates for tests of TLS, made anew in each run.
 *
 * Two authorities that know nothing of each other. Files are PEM, in a folder
 * of their own that test_pki_clear() removes. Keys are P-256.
 */
#ifndef TESTS_PKI_H
#define TESTS_PKI_H

#include <openssl/ssl.h>
#include <stdbool.h>

#define TEST_PKI_PATH 96

struct test_pki {
    char dir[48];
    char ca[TEST_PKI_PATH];       /* signed the next five */
    char server[TEST_PKI_PATH];   /* localhost, 127.0.0.1, ::1 */
    char client[TEST_PKI_PATH];   /* client.test */
    char device[TEST_PKI_PATH];   /* of the user sip:alice@example.org */
    char officer[TEST_PKI_PATH];  /* of sip:officer@example.org */
    char wrong[TEST_PKI_PATH];    /* a server called elsewhere.test */
    char other_ca[TEST_PKI_PATH]; /* signed the next */
    char other[TEST_PKI_PATH];    /* client.test */
    char server_key[TEST_PKI_PATH];
    char client_key[TEST_PKI_PATH];
    char device_key[TEST_PKI_PATH];
    char officer_key[TEST_PKI_PATH];
    char wrong_key[TEST_PKI_PATH];
    char other_key[TEST_PKI_PATH];
};

/* False when anything fails. */
bool test_pki_make(struct test_pki *pki);
void test_pki_clear(struct test_pki *pki);

/*
 * A client's context that believes the first authority; with a certificate and
 * key, files, or NULL for both. NULL when it fails; for SSL_CTX_free().
 */
SSL_CTX *test_pki_client(
    const struct test_pki *pki, const char *cert, const char *key);

#endif
