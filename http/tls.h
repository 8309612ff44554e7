/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.h - TLS contexts for servers and clients.
 *
 * TLS 1.3 and 1.2 (in 1.2 only ephemeral keys and authenticated ciphers), no
 * renegotiation, no compression, no early data, http/1.1 as the only protocol
 * that ALPN agrees on. Reading the files again makes a new context; whoever
 * takes it from then on uses it, connections already open keep the old one.
 */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <openssl/ssl.h>

#include "base/err.h"

/* Files are PEM. Texts are borrowed for the call. */
struct http_tls_config {
    const char *cert_file; /* chain, the own certificate first; a client may
                              have none (NULL, and key_file NULL too) */
    const char *key_file;
    const char *ca_file; /* whom to believe. A server: NULL asks for no client
                            certificate, otherwise each client must show one.
                            A client: NULL means the system's authorities */
};

/* One line for people: which file, and what is wrong with it. */
#define HTTP_TLS_WHY_MAX 256

struct http_tls_why {
    char text[HTTP_TLS_WHY_MAX];
};

/*
 * Make a context; *out is the caller's, for SSL_CTX_free(). On failure *out is
 * untouched and *why set.
 *
 * Return MU_OK; MU_E_IO when a file cannot be read or holds no such thing;
 * MU_E_CRYPTO when key and certificate do not belong together; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_tls_server(const struct http_tls_config *config,
    SSL_CTX **out, struct http_tls_why *why);
MU_MUST_CHECK enum mu_err http_tls_client(const struct http_tls_config *config,
    SSL_CTX **out, struct http_tls_why *why);

/* For MU_CLEANUP. */
void http_tls_clear(SSL_CTX **ctx);

#endif
