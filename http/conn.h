/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn.h - the inside of the server: its connections. Only the files of the
 * server (server.c, conn.c, request.c, stream.c) include this.
 *
 * A connection of ours stands beside evhttp's: it is made with the bufferevent
 * that evhttp asks for, watches its octets and its time, and goes with its SSL
 * object. It never ends one itself: it shuts the socket down, and evhttp tidies
 * up. Plain connections have none.
 */
#ifndef HTTP_CONN_H
#define HTTP_CONN_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "http/guard.h"
#include "http/server.h"
#include "http/stream.h"

#define HTTP_BUCKETS 1024 /* of requests by id; a power of two */

struct http_listener {
    struct http_server *server;
    struct http_listener *next;
    struct evhttp *http;
    struct evhttp_bound_socket *bound; /* http's; NULL once closed */
    struct evconnlistener *socket;     /* bound's */
    SSL_CTX *tls;                      /* NULL: plain */
    struct http_listen config;
    uint16_t port;
};

/* What the connection waits for; each has its deadline. */
enum http_wait {
    HTTP_WAIT_HEAD,
    HTTP_WAIT_BODY,
    HTTP_WAIT_ANSWER,
    HTTP_WAIT_SEND,
    HTTP_WAIT_TAKE,   /* a stream's client: to take what was sent */
    HTTP_WAIT_STREAM, /* nothing: all was taken, more will come */
    HTTP_WAIT_IDLE
};

struct http_conn {
    struct http_listener *listener; /* NULL once the server is gone */
    struct http_conn *next, **link;
    struct bufferevent *bev;
    struct event *timer;
    struct http_guard guard;
    struct http_request *request; /* in its handler's hands, or NULL */
    bool sending;                 /* an answer is on its way out */
    struct http_stream *stream;   /* an answer without an end yet, or NULL */
    bool giving;                  /* octets of it wait for the client */
    bool closing; /* an answer is on its way after which evhttp closes */
    bool lingers; /* it goes on without evhttp (http/linger.h) */
    bool cut;
    uint64_t handled;            /* requests that evhttp gave us */
    uint64_t born, since, armed; /* monotonic ms: accepted, waiting since,
                                    timer set to (UINT64_MAX: not set) */
};

struct http_server {
    struct http_server_config config;
    struct http_listener *listeners;
    struct http_conn *conns;
    struct http_linger *lingers;
    struct http_request *requests[HTTP_BUCKETS];
    uint64_t last_id;
    struct http_stats stats;
    struct event *resume; /* accepting again after the system ran short */
    struct event *drained, *drain_end;
    void (*done)(void *ctx); /* NULL unless draining */
    void *done_ctx;
};

/* evhttp asks for the bufferevent of an accepted connection; arg is the
 * listener. */
struct bufferevent *http_conn_make(struct event_base *base, void *arg);

/* The connection that a request came on; NULL when it is plain. */
struct http_conn *http_conn_of(struct evhttp_request *request);

/* A request was handed out, answered (last: by the connection's last answer),
 * taken by the client. */
void http_conn_handling(struct http_conn *conn, struct http_request *request);
void http_conn_sending(struct http_conn *conn, bool last);
void http_conn_sent(struct http_conn *conn);

/* A stream begins (or, NULL, is over); gets octets; they were taken. */
void http_conn_streaming(struct http_conn *conn, struct http_stream *stream);
void http_conn_giving(struct http_conn *conn);
void http_conn_taken(struct http_conn *conn);

/* What the guard found in the request handed out last; NULL: nothing. */
const char *http_conn_fault(const struct http_conn *conn);

/* Whether the answer to the request in hand is the connection's last. */
bool http_conn_is_last(const struct http_conn *conn);

void http_conn_cut(struct http_conn *conn);
void http_conn_cut_sending(struct http_conn *conn); /* and counted so */

/* Whether nothing of a request is here. */
bool http_conn_is_idle(const struct http_conn *conn);

/* Accept again, or not, as the limit says. */
void http_server_admit(struct http_server *server);

/* The callback of evhttp for a request; arg is the listener. */
void http_request_take(struct evhttp_request *ev, void *arg);

/* The request's connection is gone; its answer will go nowhere. */
void http_request_orphan(struct http_request *request);

/* Forgets a request without an answer: evhttp is about to be freed. */
void http_request_forget(struct http_request *request);

/* The request is over, its answer is given piece by piece by the caller. */
struct evhttp_request *http_request_yield(
    struct http_request *request, unsigned status);
struct http_conn *http_request_conn(const struct http_request *request);

/* The server ends a stream: as its owner would; its connection is gone; evhttp
 * is about to be freed. */
void http_stream_finish(struct http_stream *stream);
void http_stream_orphan(struct http_stream *stream);
void http_stream_forget(struct http_stream *stream);

#endif
