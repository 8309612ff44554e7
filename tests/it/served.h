/* SPDX-License-Identifier: Apache-2.0 */
/*
 * served.h - tests/it/http_server as a child, and raw peers that talk to it
 * octet by octet over TLS.
 *
 * A failure to set anything up ends the running test.
 */
#ifndef TESTS_IT_SERVED_H
#define TESTS_IT_SERVED_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/types.h>

#include "tests/pki.h"

#define SERVED_ARGS 8

struct served {
    pid_t pid;
    int in, out; /* its standard input and output */
    unsigned tls, mutual, plain;
};

/* args ends with NULL; cert and key NULL: the PKI's server. */
struct served_args {
    const char *cert, *key;
    const char *limit[SERVED_ARGS];
};

void served_start(struct served *s, const struct test_pki *pki,
    const struct served_args *args);

/* Ends its input and awaits its end; whether it drained and exited 0. */
bool served_stop(struct served *s);

/* For MU_CLEANUP: the same, unless it was stopped already. */
void served_clear(struct served *s);

/* A TCP connection, with TLS on it or not. Reads time out after 10 s. */
struct peer {
    int fd;
    SSL *ssl; /* NULL: plain */
};

/* Connects; then, with ctx, shakes hands. False when the handshake fails. */
bool peer_open(struct peer *p, unsigned port, SSL_CTX *ctx);
bool peer_shake(struct peer *p, SSL_CTX *ctx);
void peer_clear(struct peer *p);

/* Whether all was written. */
bool peer_say(struct peer *p, const char *text);

/* The next octets; 0 when the connection has ended, however. */
size_t peer_hear(struct peer *p, char *out, size_t cap);

/* Whether something to read comes within ms: octets or the end. */
bool peer_stirs(const struct peer *p, int ms);

/* One answer. status 0: the connection ended before it was complete. */
struct reply {
    unsigned status;
    char text[4096]; /* head and body, cut to fit; a string */
    const char *body;
};

/* HEAD answers have no body, whatever they say. */
void peer_reply(struct peer *p, bool head, struct reply *out);

#endif
