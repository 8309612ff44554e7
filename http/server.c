/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "http/conn.h"
#include "http/linger.h"

const struct http_limits http_limits_default = {
    .connections = 4096,
    .head = 16384,
    .body = 65536,
    .head_ms = 10000,
    .request_ms = 30000,
    .answer_ms = 30000,
    .send_ms = 30000,
    .idle_ms = 60000,
    .life_ms = 3600000,
    .linger = 4U << 20,
    .linger_ms = 2000,
};

#define BACKLOG   1024
#define RESUME_MS 100 /* after the system had no descriptor left */

static struct timeval timeval_of(unsigned ms)
{
    return (struct timeval){.tv_sec = (time_t)(ms / 1000),
        .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

static void set_accepting(struct http_server *server, bool accepting)
{
    for (struct http_listener *l = server->listeners; l != NULL; l = l->next) {
        if (l->socket == NULL || l->tls == NULL)
            continue;
        if (accepting)
            (void)evconnlistener_enable(l->socket);
        else
            (void)evconnlistener_disable(l->socket);
    }
}

void http_server_admit(struct http_server *server)
{
    unsigned open = server->stats.connections;
    unsigned limit = server->config.limits.connections;

    if (server->done != NULL) {
        if (open == 0)
            event_active(server->drained, EV_TIMEOUT, 0);
    } else if (open == limit) {
        server->stats.full++;
        set_accepting(server, false);
    } else if (open == limit - 1) {
        set_accepting(server, true);
    }
}

/* The descriptors are used up: to try at once again would be a busy loop. */
static void on_accept_error(struct evconnlistener *socket, void *ctx)
{
    struct http_listener *listener = ctx;
    struct timeval wait = timeval_of(RESUME_MS);

    (void)socket;
    set_accepting(listener->server, false);
    (void)evtimer_add(listener->server->resume, &wait);
}

static void on_resume(evutil_socket_t fd, short what, void *ctx)
{
    struct http_server *server = ctx;

    (void)fd;
    (void)what;
    if (server->done == NULL &&
        server->stats.connections < server->config.limits.connections)
        set_accepting(server, true);
}

static void cut_all(struct http_server *server)
{
    for (struct http_conn *c = server->conns; c != NULL; c = c->next)
        http_conn_cut(c);
}

static void on_drain_end(evutil_socket_t fd, short what, void *ctx)
{
    struct http_server *server = ctx;

    (void)fd;
    (void)what;
    cut_all(server);
    http_linger_end_all(server);
    event_active(server->drained, EV_TIMEOUT, 0);
}

static void on_drained(evutil_socket_t fd, short what, void *ctx)
{
    struct http_server *server = ctx;
    void (*done)(void *ctx) = server->done;

    (void)fd;
    (void)what;
    if (done == NULL)
        return;
    server->done = NULL;
    (void)evtimer_del(server->drain_end);
    done(server->done_ctx);
}

enum mu_err http_server_new(
    const struct http_server_config *config, struct http_server **out)
{
    struct http_server *server = mu_alloc(sizeof(*server));

    if (server == NULL)
        return MU_E_NO_MEMORY;
    server->config = *config;
    server->resume = evtimer_new(config->base, on_resume, server);
    server->drained = evtimer_new(config->base, on_drained, server);
    server->drain_end = evtimer_new(config->base, on_drain_end, server);
    if (server->resume == NULL || server->drained == NULL ||
        server->drain_end == NULL) {
        http_server_free(server);
        return MU_E_NO_MEMORY;
    }
    *out = server;
    return MU_OK;
}

/* Connections outlive the server until the loop's next turn. */
static void forget_all(struct http_server *server)
{
    for (size_t i = 0; i < HTTP_BUCKETS; i++)
        while (server->requests[i] != NULL)
            http_request_forget(server->requests[i]);
    for (struct http_conn *c = server->conns; c != NULL; c = c->next) {
        if (c->stream != NULL)
            http_stream_forget(c->stream);
        c->listener = NULL;
    }
}

static void listener_free(struct http_listener *listener)
{
    if (listener->http != NULL)
        evhttp_free(listener->http);
    SSL_CTX_free(listener->tls);
    mu_free(listener);
}

static void event_drop(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    forget_all(server);
    http_linger_end_all(server);
    while (server->listeners != NULL) {
        struct http_listener *listener = server->listeners;

        server->listeners = listener->next;
        listener_free(listener);
    }
    event_drop(server->resume);
    event_drop(server->drained);
    event_drop(server->drain_end);
    mu_free(server);
}

static bool is_loopback(const struct sockaddr *sa)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (sa->sa_family == AF_INET) {
        memcpy(&v4, sa, sizeof(v4));
        return (ntohl(v4.sin_addr.s_addr) >> 24) == 127;
    }
    memcpy(&v6, sa, sizeof(v6));
    return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

/* Head and body of an answer leave as two records: without this the second
 * waits for the client's delayed acknowledgement. Accepted sockets inherit. */
static enum mu_err set_nodelay(evutil_socket_t fd)
{
    int on = 1;

    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
        return MU_E_IO;
    return MU_OK;
}

static enum mu_err read_port(struct http_listener *listener, evutil_socket_t fd)
{
    struct sockaddr_storage bound;
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
    socklen_t len = sizeof(bound);

    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
        return MU_E_IO;
    memcpy(&v4, &bound, sizeof(v4));
    memcpy(&v6, &bound, sizeof(v6));
    listener->port =
        ntohs(bound.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
    return MU_OK;
}

static enum mu_err bind_socket(
    struct http_listener *listener, const struct addrinfo *at)
{
    unsigned flags =
        LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    struct evconnlistener *socket;

    if (listener->config.share_port)
        flags |= LEV_OPT_REUSEABLE_PORT;
    socket = evconnlistener_new_bind(listener->server->config.base, NULL, NULL,
        flags, BACKLOG, at->ai_addr, (int)at->ai_addrlen);
    if (socket == NULL)
        return MU_E_IO;
    listener->bound = evhttp_bind_listener(listener->http, socket);
    if (listener->bound == NULL) {
        evconnlistener_free(socket);
        return MU_E_NO_MEMORY;
    }
    listener->socket = socket;
    evconnlistener_set_error_cb(socket, on_accept_error);
    TRY(set_nodelay(evconnlistener_get_fd(socket)));
    return read_port(listener, evconnlistener_get_fd(socket));
}

static enum mu_err open_address(struct http_listener *listener)
{
    static const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found = NULL;
    enum mu_err err = MU_E_DENIED;
    char port[8];

    (void)snprintf(port, sizeof(port), "%u", listener->config.port);
    if (getaddrinfo(listener->config.address, port, &hints, &found) != 0)
        return MU_E_MALFORMED;
    if (listener->tls != NULL || is_loopback(found->ai_addr))
        err = bind_socket(listener, found);
    freeaddrinfo(found);
    return err;
}

/* Ours come first; evhttp's clock only looks after what has no deadline. */
static struct timeval spare_time(const struct http_limits *limits)
{
    const unsigned all[] = {limits->head_ms, limits->request_ms,
        limits->answer_ms, limits->send_ms, limits->idle_ms};
    unsigned most = 0;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        most = most > all[i] ? most : all[i];
    return timeval_of(most + 1000);
}

static enum mu_err make_http(struct http_listener *listener)
{
    const struct http_limits *limits = &listener->server->config.limits;
    struct timeval spare = spare_time(limits);
    ev_uint16_t allowed = EVHTTP_REQ_GET | EVHTTP_REQ_HEAD;

    listener->http = evhttp_new(listener->server->config.base);
    if (listener->http == NULL)
        return MU_E_NO_MEMORY;
    if (listener->tls != NULL) {
        allowed |= EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
                   EVHTTP_REQ_PATCH;
        evhttp_set_bevcb(listener->http, http_conn_make, listener);
    }
    evhttp_set_allowed_methods(listener->http, allowed);
    evhttp_set_max_headers_size(listener->http, (ev_ssize_t)limits->head);
    evhttp_set_max_body_size(listener->http, (ev_ssize_t)limits->body);
    evhttp_set_default_content_type(listener->http, NULL);
    evhttp_set_timeout_tv(listener->http, &spare);
    evhttp_set_gencb(listener->http, http_request_take, listener);
    return MU_OK;
}

static bool asks_for_certificate(SSL_CTX *tls)
{
    return tls != NULL && (SSL_CTX_get_verify_mode(tls) &
                              SSL_VERIFY_FAIL_IF_NO_PEER_CERT) != 0;
}

static enum mu_err open_listener(struct http_listener *listener)
{
    const struct http_listen *config = &listener->config;

    if (config->trusted && !asks_for_certificate(config->tls))
        return MU_E_DENIED;
    if (config->tls != NULL) {
        if (SSL_CTX_up_ref(config->tls) != 1)
            return MU_E_NO_MEMORY;
        listener->tls = config->tls;
    }
    TRY(make_http(listener));
    return open_address(listener);
}

enum mu_err http_server_listen(struct http_server *server,
    const struct http_listen *listen, struct http_listener **out)
{
    struct http_listener *listener = mu_alloc(sizeof(*listener));
    enum mu_err err;

    if (listener == NULL)
        return MU_E_NO_MEMORY;
    listener->server = server;
    listener->config = *listen;
    err = open_listener(listener);
    if (err != MU_OK) {
        listener_free(listener);
        return err;
    }
    listener->config.address = NULL; /* the caller's, for the call */
    listener->next = server->listeners;
    server->listeners = listener;
    if (out != NULL)
        *out = listener;
    return MU_OK;
}

uint16_t http_listener_port(const struct http_listener *listener)
{
    return listener->port;
}

void http_listener_set_tls(struct http_listener *listener, SSL_CTX *tls)
{
    if (SSL_CTX_up_ref(tls) != 1)
        return;
    SSL_CTX_free(listener->tls);
    listener->tls = tls;
}

static void close_port(struct http_listener *listener)
{
    if (listener->bound != NULL)
        evhttp_del_accept_socket(listener->http, listener->bound);
    listener->bound = NULL;
    listener->socket = NULL;
}

void http_server_drain(struct http_server *server, unsigned drain_ms,
    void (*done)(void *ctx), void *ctx)
{
    struct timeval wait = timeval_of(drain_ms);

    server->done = done;
    server->done_ctx = ctx;
    for (struct http_listener *l = server->listeners; l != NULL; l = l->next)
        close_port(l);
    for (struct http_conn *c = server->conns; c != NULL; c = c->next)
        if (c->stream != NULL)
            http_stream_finish(c->stream);
        else if (http_conn_is_idle(c))
            http_conn_cut(c);
    (void)evtimer_add(server->drain_end, &wait);
    http_server_admit(server);
}

struct http_stats http_server_stats(const struct http_server *server)
{
    return server->stats;
}
