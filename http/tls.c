/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <openssl/err.h>
#include <stdio.h>

static const unsigned char protocols[] = "\x08http/1.1";

#define PROTOCOLS_LEN (sizeof(protocols) - 1)

void http_tls_clear(SSL_CTX **ctx)
{
    SSL_CTX_free(*ctx);
    *ctx = NULL;
}

static enum mu_err blame(
    struct http_tls_why *why, const char *file, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    (void)snprintf(why->text, sizeof(why->text), "%s: %s: %s", file, what,
        reason != NULL ? reason : "no reason given");
    ERR_clear_error();
    return MU_E_IO;
}

static enum mu_err use_own(SSL_CTX *ctx, const struct http_tls_config *config,
    struct http_tls_why *why)
{
    if (SSL_CTX_use_certificate_chain_file(ctx, config->cert_file) != 1)
        return blame(why, config->cert_file, "cannot use the certificate");
    if (SSL_CTX_use_PrivateKey_file(ctx, config->key_file, SSL_FILETYPE_PEM) ==
        1)
        return MU_OK;
    /* OpenSSL compares the two as soon as it has both. */
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
        (void)blame(why, config->key_file, "is not the certificate's key");
        return MU_E_CRYPTO;
    }
    return blame(why, config->key_file, "cannot use the private key");
}

/* An HTTP/2 client that offers nothing else is better told now than misread. */
static int choose_protocol(SSL *ssl, const unsigned char **out,
    unsigned char *len, const unsigned char *in, unsigned in_len, void *arg)
{
    unsigned char *chosen = NULL;

    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&chosen, len, protocols, PROTOCOLS_LEN, in,
            in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static enum mu_err make(const SSL_METHOD *method, SSL_CTX **out)
{
    SSL_CTX *ctx = SSL_CTX_new(method);

    if (ctx == NULL)
        return MU_E_NO_MEMORY;
    *out = ctx;
    (void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
                                       SSL_OP_NO_COMPRESSION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(
            ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK") != 1)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

/* The whole chain must be there and lead to ca_file, nothing else. */
static enum mu_err require_client(
    SSL_CTX *ctx, const char *ca_file, struct http_tls_why *why)
{
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca_file);

    if (names == NULL || SSL_CTX_load_verify_file(ctx, ca_file) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return blame(why, ca_file, "cannot use the authorities");
    }
    SSL_CTX_set_client_CA_list(ctx, names);
    SSL_CTX_set_verify(
        ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return MU_OK;
}

enum mu_err http_tls_server(const struct http_tls_config *config, SSL_CTX **out,
    struct http_tls_why *why)
{
    /* Sessions are resumed within one program only; a context must have
     * some name for that once client certificates are in play. */
    static const unsigned char session_id[] = "muster";
    MU_CLEANUP(http_tls_clear) SSL_CTX *ctx = NULL;

    ERR_clear_error();
    why->text[0] = '\0';
    TRY(make(TLS_server_method(), &ctx));
    TRY(use_own(ctx, config, why));
    if (SSL_CTX_set_session_id_context(
            ctx, session_id, sizeof(session_id) - 1) != 1)
        return MU_E_NO_MEMORY;
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    if (config->ca_file != NULL)
        TRY(require_client(ctx, config->ca_file, why));
    *out = ctx;
    ctx = NULL;
    return MU_OK;
}

enum mu_err http_tls_client(const struct http_tls_config *config, SSL_CTX **out,
    struct http_tls_why *why)
{
    MU_CLEANUP(http_tls_clear) SSL_CTX *ctx = NULL;

    ERR_clear_error();
    why->text[0] = '\0';
    TRY(make(TLS_client_method(), &ctx));
    if (config->cert_file != NULL)
        TRY(use_own(ctx, config, why));
    if (config->ca_file == NULL) {
        if (SSL_CTX_set_default_verify_paths(ctx) != 1)
            return MU_E_NO_MEMORY;
    } else if (SSL_CTX_load_verify_file(ctx, config->ca_file) != 1) {
        return blame(why, config->ca_file, "cannot use the authorities");
    }
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_set_alpn_protos(ctx, protocols, PROTOCOLS_LEN) != 0)
        return MU_E_NO_MEMORY;
    *out = ctx;
    ctx = NULL;
    return MU_OK;
}
