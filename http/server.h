/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - an HTTPS server on libevent's evhttp, with the guards that it
 * lacks: deadlines per connection and per request, a connection limit, strict
 * framing (http/guard.h), and answers given later, by request id.
 *
 * One server runs on one event base and is used from that base's thread only.
 * SIGPIPE is ignored by the program.
 *
 * A request goes through the route table: the first row whose prefix is the
 * path or lies above it, and whose method fits, gets it. No such prefix is
 * 404, no such method below it 405 with Allow. HEAD is served by GET's row,
 * without the body. Whatever the guard refuses is answered 400 and ends the
 * connection before any handler sees it.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/clock.h"
#include "http/request.h"
#include "http/tls.h"

struct event_base;
struct http_server;
struct http_listener;

enum http_method {
    HTTP_GET = 1 << 0,
    HTTP_HEAD = 1 << 1,
    HTTP_POST = 1 << 2,
    HTTP_PUT = 1 << 3,
    HTTP_DELETE = 1 << 4,
    HTTP_PATCH = 1 << 5
};

/* Answers request now or keeps its id and answers later; see http/request.h. */
typedef void http_handler(void *ctx, struct http_request *request);

struct http_route {
    unsigned methods;   /* HTTP_GET | HTTP_PUT ... */
    const char *prefix; /* "/v1/init"; "" for all (http_path_below()) */
    http_handler *handler;
};

/*
 * Times are milliseconds from the moment named. Who is late is cut off without
 * an answer, a handler excepted: its request is answered 503.
 */
struct http_limits {
    unsigned connections; /* open at once, all listeners; others wait; > 0 */
    size_t head;          /* octets of request line and fields: 400 */
    size_t body;          /* octets: 413 */
    unsigned head_ms;     /* accepted, or first octet: head complete */
    unsigned request_ms;  /* first octet: body complete */
    unsigned answer_ms;   /* request complete: answered by its handler */
    unsigned send_ms;     /* answered: taken by the client; a stream: each
                             time that something waits for him */
    unsigned idle_ms;     /* answer taken: next request begun */
    unsigned life_ms;     /* accepted: no more requests on this connection */
    /* Who is answered while he still sends (413) is listened to until he has
     * read that, but no longer than this (http/linger.h): */
    unsigned linger; /* octets that are dropped; then he may lose it */
    unsigned linger_ms;
};

/* 4096 connections, 16 KiB, 64 KiB; 10 s, 30 s, 30 s, 30 s, 60 s, 1 h; 4 MiB,
 * 2 s. */
extern const struct http_limits http_limits_default;

struct http_server_config {
    struct event_base *base;
    const struct mu_clock *clock;
    const struct http_route *routes; /* borrowed until http_server_free() */
    size_t routes_len;
    void *ctx; /* for handlers */
    struct http_limits limits;
};

/* Returns MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err http_server_new(
    const struct http_server_config *config, struct http_server **out);

/* Closes everything at once; requests not yet answered are gone, streams end
 * by their on_end. */
void http_server_free(struct http_server *server);

struct http_listen {
    const char *address; /* numeric, v4 or v6 */
    uint16_t port;       /* 0: one that is free */
    /* NULL: plain HTTP, for health and metrics; loopback addresses only, and
     * GET and HEAD only. Neither deadlines nor the connection limit hold
     * there, but evhttp's idle time-out does. Otherwise referenced, not
     * taken. */
    SSL_CTX *tls;
    /* Asserted identities are believed here (gms-protocol notes 3.2). Demands
     * a context that asks for client certificates. */
    bool trusted;
    /* When trusted: the DNS names of peers that may assert, one of which the
     * peer's certificate must carry; peers_len 0 lets in whom the CA names.
     * Borrowed until http_server_free(). */
    const char *const *peers;
    size_t peers_len;
    int tag;         /* for handlers: which listener it was */
    bool share_port; /* SO_REUSEPORT: one server per thread on a port */
};

/*
 * Begins to listen. *out, which may be NULL, is the server's and lives as long.
 *
 * Returns MU_OK; MU_E_MALFORMED for an address that is not numeric;
 * MU_E_DENIED for plain HTTP off loopback, or trust without client
 * certificates; MU_E_IO when the system refuses the address; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_server_listen(struct http_server *server,
    const struct http_listen *listen, struct http_listener **out);

/* The port bound; what a program prints when it is ready. */
uint16_t http_listener_port(const struct http_listener *listener);

/* New connections use tls, referenced; not for a plain listener. */
void http_listener_set_tls(struct http_listener *listener, SSL_CTX *tls);

/* The request of an id; NULL when it is answered or gone. */
struct http_request *http_server_find(struct http_server *server, uint64_t id);

/*
 * Ends well: ports are closed at once, idle connections and streams too, others
 * after the answer to the request in hand; after drain_ms those that are left
 * are cut. Then, from the loop, done(ctx) is called once.
 */
void http_server_drain(struct http_server *server, unsigned drain_ms,
    void (*done)(void *ctx), void *ctx);

/* Counters since http_server_new(), but for the first two. */
struct http_stats {
    unsigned connections, requests_open;
    uint64_t accepted;
    uint64_t requests;    /* complete, whatever became of them */
    uint64_t answered[6]; /* by the status's first digit; [0] is unused */
    uint64_t refused;     /* requests, by the guard */
    uint64_t late;     /* requests that their handler did not answer in time */
    uint64_t cut_head; /* connections cut because their deadline passed: */
    uint64_t cut_body;
    uint64_t cut_send;
    uint64_t cut_idle;   /* or at the end of their life */
    uint64_t full;       /* times that the connection limit was reached */
    uint64_t lingered;   /* connections that were ended so: */
    uint64_t cut_linger; /* and those that met one of its bounds */
};

struct http_stats http_server_stats(const struct http_server *server);

#endif
