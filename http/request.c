/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "http/conn.h"
#include "http/field.h"

#define ADDRESS_MAX 64

struct http_request {
    uint64_t id;
    struct http_request *next; /* of its bucket */
    struct http_listener *listener;
    struct http_conn *conn; /* NULL on plain listeners */
    struct evhttp_request *ev;
    unsigned method;
    struct http_path path;
    size_t rest;
    struct span body;
    struct mu_arena arena;
    void *state;
    char address[ADDRESS_MAX];
};

static const struct method {
    enum http_method method;
    enum evhttp_cmd_type type;
    const char *name;
} methods[] = {
    {HTTP_GET, EVHTTP_REQ_GET, "GET"},
    {HTTP_HEAD, EVHTTP_REQ_HEAD, "HEAD"},
    {HTTP_POST, EVHTTP_REQ_POST, "POST"},
    {HTTP_PUT, EVHTTP_REQ_PUT, "PUT"},
    {HTTP_DELETE, EVHTTP_REQ_DELETE, "DELETE"},
    {HTTP_PATCH, EVHTTP_REQ_PATCH, "PATCH"},
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

static unsigned method_of(struct evhttp_request *ev)
{
    for (size_t i = 0; i < METHODS; i++)
        if (methods[i].type == evhttp_request_get_command(ev))
            return methods[i].method;
    return 0;
}

static struct http_request **bucket_of(struct http_server *server, uint64_t id)
{
    return &server->requests[id % HTTP_BUCKETS];
}

struct http_request *http_server_find(struct http_server *server, uint64_t id)
{
    struct http_request *request = *bucket_of(server, id);

    while (request != NULL && request->id != id)
        request = request->next;
    return request;
}

uint64_t http_request_id(const struct http_request *request)
{
    return request->id;
}

unsigned http_request_method(const struct http_request *request)
{
    return request->method;
}

struct span http_request_target(const struct http_request *request)
{
    const char *uri = evhttp_request_get_uri(request->ev);

    return span_str(uri != NULL ? uri : "");
}

const struct http_path *http_request_path(const struct http_request *request)
{
    return &request->path;
}

size_t http_request_rest(const struct http_request *request)
{
    return request->rest;
}

struct span http_request_body(const struct http_request *request)
{
    return request->body;
}

struct span http_request_field(
    const struct http_request *request, const char *name)
{
    const char *value =
        evhttp_find_header(evhttp_request_get_input_headers(request->ev), name);

    return value != NULL ? span_str(value) : (struct span){NULL, 0};
}

struct span http_request_host(const struct http_request *request)
{
    return http_request_field(request, "Host");
}

X509 *http_request_peer(const struct http_request *request)
{
    if (request->conn == NULL)
        return NULL;
    return SSL_get0_peer_certificate(
        bufferevent_openssl_get_ssl(request->conn->bev));
}

const char *http_request_address(const struct http_request *request)
{
    return request->address;
}

int http_request_tag(const struct http_request *request)
{
    return request->listener->config.tag;
}

static bool peer_may_assert(const struct http_request *request)
{
    const struct http_listen *config = &request->listener->config;
    X509 *peer = http_request_peer(request);

    if (!config->trusted || peer == NULL)
        return false;
    for (size_t i = 0; i < config->peers_len; i++)
        if (X509_check_host(peer, config->peers[i], 0,
                X509_CHECK_FLAG_NO_WILDCARDS |
                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
                NULL) == 1)
            return true;
    return config->peers_len == 0;
}

enum mu_err http_request_asserted(
    const struct http_request *request, struct span *identity)
{
    struct span value = http_request_field(request, "X-3GPP-Asserted-Identity");
    struct span uris[8];
    size_t count = 0;

    if (value.p == NULL)
        value = http_request_field(request, "X-XCAP-Asserted-Identity");
    if (value.p == NULL)
        return MU_E_NOT_FOUND;
    if (!peer_may_assert(request))
        return MU_E_DENIED;
    TRY(http_field_asserted(
        value, uris, sizeof(uris) / sizeof(uris[0]), &count));
    *identity = uris[0];
    return MU_OK;
}

struct mu_arena *http_request_arena(struct http_request *request)
{
    return &request->arena;
}

void http_request_set_state(struct http_request *request, void *state)
{
    request->state = state;
}

void *http_request_state(const struct http_request *request)
{
    return request->state;
}

void http_answer_field(
    struct http_request *request, const char *name, const char *value)
{
    (void)evhttp_add_header(
        evhttp_request_get_output_headers(request->ev), name, value);
}

/* Unlinks and frees the request; what evhttp holds is evhttp's. */
static void release(struct http_request *request)
{
    struct http_server *server = request->listener->server;
    struct http_request **at = bucket_of(server, request->id);

    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    server->stats.requests_open--;
    mu_arena_clear(&request->arena);
    mu_free(request);
}

void http_request_orphan(struct http_request *request)
{
    request->conn = NULL;
}

void http_request_forget(struct http_request *request)
{
    if (request->conn != NULL)
        request->conn->request = NULL;
    release(request);
}

struct evhttp_request *http_request_yield(
    struct http_request *request, unsigned status)
{
    struct evhttp_request *ev = request->ev;

    request->listener->server->stats.answered[status / 100 % 6]++;
    release(request);
    return ev;
}

struct http_conn *http_request_conn(const struct http_request *request)
{
    return request->conn;
}

static void on_sent(struct evhttp_request *ev, void *ctx)
{
    (void)ev;
    http_conn_sent(ctx);
}

/* HEAD has the fields of GET, its length too, and no body. */
static struct evbuffer *make_body(
    struct http_request *request, struct span body)
{
    struct evbuffer *buf;
    char len[24];

    if (request->method == HTTP_HEAD) {
        (void)snprintf(len, sizeof(len), "%zu", body.len);
        http_answer_field(request, "Content-Length", len);
        return NULL;
    }
    buf = evbuffer_new();
    if (buf != NULL)
        (void)evbuffer_add(buf, body.p, body.len);
    return buf;
}

void http_answer(struct http_request *request, unsigned status,
    const char *type, struct span body)
{
    struct evhttp_request *ev = request->ev;
    struct http_conn *conn = request->conn;
    struct evbuffer *buf;
    bool last;

    if (type != NULL)
        http_answer_field(request, "Content-Type", type);
    buf = make_body(request, body);
    last = conn == NULL || http_conn_is_last(conn);
    if (last)
        http_answer_field(request, "Connection", "close");
    request->listener->server->stats.answered[status / 100 % 6]++;
    release(request);
    if (conn != NULL) {
        evhttp_request_set_on_complete_cb(ev, on_sent, conn);
        http_conn_sending(conn, last);
    }
    evhttp_send_reply(ev, (int)status, http_status_phrase(status), buf);
    if (buf != NULL)
        evbuffer_free(buf);
}

void http_answer_problem(
    struct http_request *request, enum http_problem problem, const char *detail)
{
    char body[HTTP_PROBLEM_MAX];
    size_t len = 0;

    if (http_problem_write(problem, detail, body, &len) != MU_OK)
        len = 0;
    http_answer(request, http_problem_status(problem), HTTP_PROBLEM_TYPE,
        (struct span){(const uint8_t *)body, len});
}

void http_answer_err(
    struct http_request *request, enum mu_err err, const char *detail)
{
    http_answer_problem(request, http_problem_of(err), detail);
}

void http_answer_busy(struct http_request *request, unsigned retry_after_s)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%u", retry_after_s);
    http_answer_field(request, "Retry-After", text);
    http_answer_problem(request, HTTP_PROBLEM_UNAVAILABLE, NULL);
}

/* The methods of all rows whose prefix fits, as Allow lists them. */
static void answer_allowed(struct http_request *request, unsigned allowed)
{
    char text[64];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < METHODS; i++)
        if ((allowed & methods[i].method) != 0)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
                len > 0 ? ", " : "", methods[i].name);
    http_answer_field(request, "Allow", text);
    http_answer_problem(request, HTTP_PROBLEM_METHOD_NOT_ALLOWED, NULL);
}

static void route(struct http_request *request)
{
    const struct http_server_config *config =
        &request->listener->server->config;
    unsigned allowed = 0;

    for (size_t i = 0; i < config->routes_len; i++) {
        const struct http_route *row = &config->routes[i];
        unsigned takes = row->methods;

        if (!http_path_below(&request->path, row->prefix, &request->rest))
            continue;
        if ((takes & HTTP_GET) != 0)
            takes |= HTTP_HEAD;
        if ((takes & request->method) != 0) {
            row->handler(config->ctx, request);
            return;
        }
        allowed |= takes;
    }
    if (allowed != 0)
        answer_allowed(request, allowed);
    else
        http_answer_problem(request, HTTP_PROBLEM_NOT_FOUND, NULL);
}

/* What the guard found, if it was in this request or one before it. */
static const char *fault_of(const struct http_request *request)
{
    const struct http_conn *conn = request->conn;

    if (conn == NULL)
        return request->listener->tls == NULL ? NULL : "TLS is needed here";
    return http_conn_fault(conn);
}

static void serve(struct http_request *request)
{
    struct http_stats *stats = &request->listener->server->stats;
    const char *fault = fault_of(request);
    enum mu_err err;

    stats->requests++;
    if (fault != NULL) {
        stats->refused++;
        http_answer_problem(request, HTTP_PROBLEM_MALFORMED, fault);
        return;
    }
    err = http_path_read(
        &request->arena, http_request_target(request), &request->path);
    if (err == MU_E_NO_SPACE)
        http_answer_problem(request, HTTP_PROBLEM_URI_TOO_LONG, NULL);
    else if (err != MU_OK)
        http_answer_err(request, err, "request target");
    else
        route(request);
}

static void read_peer(struct http_request *request)
{
    char *address = NULL;
    ev_uint16_t port = 0;

    evhttp_connection_get_peer(
        evhttp_request_get_connection(request->ev), &address, &port);
    (void)snprintf(request->address, sizeof(request->address), "%s",
        address != NULL ? address : "");
}

static void read_body(struct http_request *request)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(request->ev);

    request->body.len = evbuffer_get_length(in);
    request->body.p = evbuffer_pullup(in, -1);
    if (request->body.p == NULL)
        request->body.len = 0;
}

void http_request_take(struct evhttp_request *ev, void *arg)
{
    struct http_listener *listener = arg;
    struct http_request *request = mu_alloc(sizeof(*request));
    struct http_request **bucket;

    if (request == NULL) {
        evhttp_send_error(ev, HTTP_SERVUNAVAIL, NULL);
        return;
    }
    request->id = ++listener->server->last_id;
    request->listener = listener;
    request->ev = ev;
    request->method = method_of(ev);
    mu_arena_init(&request->arena, HTTP_ARENA_MAX);
    bucket = bucket_of(listener->server, request->id);
    request->next = *bucket;
    *bucket = request;
    listener->server->stats.requests_open++;
    request->conn = http_conn_of(ev);
    if (request->conn != NULL)
        http_conn_handling(request->conn, request);
    read_peer(request);
    read_body(request);
    serve(request);
}
