/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/pki.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* A certificate with its key, while the files are made. */
struct pair {
    EVP_PKEY *key;
    X509 *cert;
};

static void pair_clear(struct pair *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->cert);
}

static bool extend(
    X509 *cert, const struct pair *issuer, int nid, const char *value)
{
    X509_EXTENSION *ext;
    X509V3_CTX ctx;
    bool ok;

    X509V3_set_ctx(&ctx, issuer->cert, cert, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

static bool name_it(X509 *cert, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(cert);

    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
               (const unsigned char *)name, -1, -1, 0) == 1;
}

static bool fill(const struct pair *p, const struct pair *issuer,
    const char *name, const char *alt)
{
    static long serial;
    X509 *cert = p->cert;

    return X509_set_version(cert, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), 86400) != NULL &&
           X509_set_pubkey(cert, p->key) == 1 && name_it(cert, name) &&
           X509_set_issuer_name(cert, X509_get_subject_name(issuer->cert)) ==
               1 &&
           extend(cert, issuer, NID_basic_constraints,
               alt == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           extend(cert, issuer, NID_subject_key_identifier, "hash") &&
           (alt == NULL || extend(cert, issuer, NID_subject_alt_name, alt)) &&
           X509_sign(cert, issuer->key, EVP_sha256()) > 0;
}

/* issuer NULL: signs itself. alt NULL: an authority. */
static bool pair_make(struct pair *p, const struct pair *issuer,
    const char *name, const char *alt)
{
    p->key = EVP_EC_gen("P-256");
    p->cert = X509_new();
    return p->key != NULL && p->cert != NULL &&
           fill(p, issuer != NULL ? issuer : p, name, alt);
}

static bool save(
    const struct test_pki *pki, char *path, const char *name, FILE **out)
{
    (void)snprintf(path, TEST_PKI_PATH, "%s/%s", pki->dir, name);
    *out = fopen(path, "w");
    return *out != NULL;
}

static bool save_cert(const struct test_pki *pki, const struct pair *p,
    char *path, const char *as)
{
    FILE *f;
    bool ok;

    if (!save(pki, path, as, &f))
        return false;
    ok = PEM_write_X509(f, p->cert) == 1;
    return fclose(f) == 0 && ok;
}

static bool save_key(const struct test_pki *pki, const struct pair *p,
    char *path, const char *as)
{
    FILE *f;
    bool ok;

    if (!save(pki, path, as, &f))
        return false;
    ok = PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL) == 1;
    return fclose(f) == 0 && ok;
}

static bool make_first(struct test_pki *pki)
{
    MU_CLEANUP(pair_clear) struct pair ca = {0}, server = {0};
    MU_CLEANUP(pair_clear) struct pair client = {0}, wrong = {0};
    MU_CLEANUP(pair_clear) struct pair device = {0}, officer = {0};

    return pair_make(&ca, NULL, "test CA", NULL) &&
           pair_make(
               &server, &ca, "server", "DNS:localhost,IP:127.0.0.1,IP:::1") &&
           pair_make(&client, &ca, "client", "DNS:client.test") &&
           pair_make(&device, &ca, "device", "URI:sip:alice@example.org") &&
           pair_make(&officer, &ca, "officer", "URI:sip:officer@example.org") &&
           pair_make(&wrong, &ca, "wrong", "DNS:elsewhere.test") &&
           save_cert(pki, &ca, pki->ca, "ca.pem") &&
           save_cert(pki, &server, pki->server, "server.pem") &&
           save_key(pki, &server, pki->server_key, "server.key") &&
           save_cert(pki, &client, pki->client, "client.pem") &&
           save_key(pki, &client, pki->client_key, "client.key") &&
           save_cert(pki, &device, pki->device, "device.pem") &&
           save_key(pki, &device, pki->device_key, "device.key") &&
           save_cert(pki, &officer, pki->officer, "officer.pem") &&
           save_key(pki, &officer, pki->officer_key, "officer.key") &&
           save_cert(pki, &wrong, pki->wrong, "wrong.pem") &&
           save_key(pki, &wrong, pki->wrong_key, "wrong.key");
}

static bool make_second(struct test_pki *pki)
{
    MU_CLEANUP(pair_clear) struct pair ca = {0}, other = {0};

    return pair_make(&ca, NULL, "other CA", NULL) &&
           pair_make(&other, &ca, "other", "DNS:client.test") &&
           save_cert(pki, &ca, pki->other_ca, "other_ca.pem") &&
           save_cert(pki, &other, pki->other, "other.pem") &&
           save_key(pki, &other, pki->other_key, "other.key");
}

bool test_pki_make(struct test_pki *pki)
{
    const char *tmp = getenv("TMPDIR");

    if (tmp == NULL || strlen(tmp) > 24)
        tmp = "/tmp";
    memset(pki, 0, sizeof(*pki));
    (void)snprintf(pki->dir, sizeof(pki->dir), "%s/muster-pki-XXXXXX", tmp);
    if (mkdtemp(pki->dir) == NULL) {
        pki->dir[0] = '\0';
        return false;
    }
    return make_first(pki) && make_second(pki);
}

void test_pki_clear(struct test_pki *pki)
{
    const char *files[] = {pki->ca, pki->server, pki->client, pki->wrong,
        pki->other_ca, pki->other, pki->device, pki->device_key, pki->officer,
        pki->officer_key, pki->server_key, pki->client_key, pki->wrong_key,
        pki->other_key};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (files[i][0] != '\0')
            (void)unlink(files[i]);
    if (pki->dir[0] != '\0')
        (void)rmdir(pki->dir);
}

SSL_CTX *test_pki_client(
    const struct test_pki *pki, const char *cert, const char *key)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    if (ctx == NULL || SSL_CTX_load_verify_file(ctx, pki->ca) != 1)
        return NULL;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (cert != NULL &&
        (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
            SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1))
        return NULL;
    return ctx;
}
