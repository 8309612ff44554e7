/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linger.h - how a connection ends whose client still sends: a part of the
 * server's inside (http/conn.h).
 *
 * Who is answered before his request was read, because it is too long or not
 * to be read at all, sends on until he sees the answer. A socket that is
 * closed with octets unread resets the connection, and a reset makes his
 * system throw the answer away (RFC 9112 clause 9.6). So it is closed for
 * sending alone, and what comes is read and dropped until he closes, too: for
 * a bounded time and number of octets, without memory of its own, and as one of
 * the connections that the limit counts.
 *
 * TLS ends with close_notify; what comes behind it is dropped as it comes,
 * undeciphered.
 */
#ifndef HTTP_LINGER_H
#define HTTP_LINGER_H

#include <openssl/ssl.h>
#include <stdbool.h>

struct http_server;
struct http_linger;

/*
 * All of the answer has gone to the system. Takes a descriptor of its own of
 * the connection, which evhttp may close then. False when there is no room for
 * that: then evhttp's close is all there is.
 */
bool http_linger_begin(struct http_server *server, SSL *ssl);

/* Ends them all. */
void http_linger_end_all(struct http_server *server);

#endif
