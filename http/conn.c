/* SPDX-License-Identifier: Apache-2.0 */
#include "http/conn.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "http/linger.h"

#define NEVER UINT64_MAX

static uint64_t now_of(const struct http_conn *conn)
{
    return mu_clock_mono_ms(conn->listener->server->config.clock);
}

static struct http_stats *stats_of(const struct http_conn *conn)
{
    return &conn->listener->server->stats;
}

static enum http_wait waits_for(const struct http_conn *conn)
{
    if (conn->request != NULL)
        return HTTP_WAIT_ANSWER;
    if (conn->stream != NULL)
        return conn->giving ? HTTP_WAIT_TAKE : HTTP_WAIT_STREAM;
    if (conn->sending)
        return HTTP_WAIT_SEND;
    if (http_guard_in_body(&conn->guard))
        return HTTP_WAIT_BODY;
    /* Before the first request, and after a refused one: no time to lose. */
    if (http_guard_in_head(&conn->guard) || conn->guard.begun == 0 ||
        conn->guard.fault != NULL)
        return HTTP_WAIT_HEAD;
    return HTTP_WAIT_IDLE;
}

static uint64_t due_at(const struct http_conn *conn)
{
    const struct http_limits *limits = &conn->listener->server->config.limits;
    uint64_t due = 0, end = conn->born + limits->life_ms;

    if (conn->cut)
        return NEVER;
    switch (waits_for(conn)) {
    case HTTP_WAIT_HEAD:
        due = conn->since + limits->head_ms;
        break;
    case HTTP_WAIT_BODY:
        due = conn->since + limits->request_ms;
        break;
    case HTTP_WAIT_ANSWER:
        due = conn->since + limits->answer_ms;
        break;
    case HTTP_WAIT_SEND:
    case HTTP_WAIT_TAKE:
        due = conn->since + limits->send_ms;
        break;
    case HTTP_WAIT_STREAM:
        due = end;
        break;
    case HTTP_WAIT_IDLE:
        due = conn->since + limits->idle_ms;
        due = due < end ? due : end;
        break;
    }
    return due;
}

/* A timer that is set too early costs one look; one too late is never set. So
 * most requests set none. */
static void arm(struct http_conn *conn)
{
    uint64_t due = due_at(conn), now;
    struct timeval wait;

    if (due >= conn->armed)
        return;
    now = now_of(conn);
    now = due > now ? due - now : 0;
    wait.tv_sec = (time_t)(now / 1000);
    wait.tv_usec = (suseconds_t)(now % 1000 * 1000);
    if (evtimer_add(conn->timer, &wait) == 0)
        conn->armed = due;
    else
        http_conn_cut(conn); /* no memory: no connection without a deadline */
}

static void wait_anew(struct http_conn *conn)
{
    conn->since = now_of(conn);
    arm(conn);
}

void http_conn_cut(struct http_conn *conn)
{
    conn->cut = true;
    (void)shutdown(bufferevent_getfd(conn->bev), SHUT_RDWR);
}

void http_conn_cut_sending(struct http_conn *conn)
{
    stats_of(conn)->cut_send++;
    http_conn_cut(conn);
}

static void expire(struct http_conn *conn)
{
    struct http_stats *stats = stats_of(conn);

    switch (waits_for(conn)) {
    case HTTP_WAIT_ANSWER:
        stats->late++;
        http_answer_busy(conn->request, 1);
        return;
    case HTTP_WAIT_HEAD:
        stats->cut_head++;
        break;
    case HTTP_WAIT_BODY:
        stats->cut_body++;
        break;
    case HTTP_WAIT_STREAM:
        http_stream_finish(conn->stream);
        return;
    case HTTP_WAIT_TAKE:
    case HTTP_WAIT_SEND:
        stats->cut_send++;
        break;
    case HTTP_WAIT_IDLE:
        stats->cut_idle++;
        break;
    }
    http_conn_cut(conn);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct http_conn *conn = ctx;

    (void)fd;
    (void)what;
    conn->armed = NEVER;
    if (conn->listener == NULL)
        return;
    if (now_of(conn) >= due_at(conn))
        expire(conn);
    else
        arm(conn);
}

/* The octets added last to the input, piece by piece, before evhttp looks. */
static void feed(struct http_conn *conn, struct evbuffer *in, size_t added)
{
    struct evbuffer_ptr at;
    struct evbuffer_iovec piece;

    while (
        added > 0 && evbuffer_ptr_set(in, &at, evbuffer_get_length(in) - added,
                         EVBUFFER_PTR_SET) == 0) {
        size_t len;

        if (evbuffer_peek(in, (ev_ssize_t)added, &at, &piece, 1) < 1)
            break;
        len = piece.iov_len < added ? piece.iov_len : added;
        http_guard_feed(&conn->guard, (struct span){piece.iov_base, len});
        added -= len;
    }
}

static void on_input(
    struct evbuffer *in, const struct evbuffer_cb_info *info, void *ctx)
{
    struct http_conn *conn = ctx;
    uint64_t begun = conn->guard.begun;

    if (info->n_added == 0 || conn->listener == NULL)
        return;
    /* Who listens to a stream has nothing more to say; what he says would
     * pile up here. */
    if (conn->stream != NULL) {
        http_conn_cut(conn);
        return;
    }
    feed(conn, in, info->n_added);
    if (conn->guard.begun != begun)
        conn->since = now_of(conn);
    arm(conn);
}

/* Whether the octets behind the first `at` begin an answer that is final, and
 * not "100 Continue". */
static bool is_final_answer(struct evbuffer *out, size_t at)
{
    static const char version[] = "HTTP/1.1 ";
    char text[sizeof(version)];
    struct evbuffer_ptr from;

    return evbuffer_ptr_set(out, &from, at, EVBUFFER_PTR_SET) == 0 &&
           evbuffer_copyout_from(out, &from, text, sizeof(text)) ==
               (ev_ssize_t)sizeof(text) &&
           memcmp(text, version, strlen("HTTP/1.")) == 0 &&
           text[sizeof(text) - 1] > '1';
}

/* evhttp itself refuses what is too long or does not read: with an answer that
 * no handler knows of, and then it closes. */
static bool is_refusal(
    const struct http_conn *conn, struct evbuffer *out, size_t at)
{
    return conn->request == NULL && conn->stream == NULL && !conn->sending &&
           is_final_answer(out, at);
}

/* Its last answer has gone while its client may still send: what he asked was
 * not read to its end. */
static void linger(struct http_conn *conn)
{
    if (conn->cut || conn->guard.state == HTTP_GUARD_START)
        return;
    conn->lingers = http_linger_begin(
        conn->listener->server, bufferevent_openssl_get_ssl(conn->bev));
}

static void on_output(
    struct evbuffer *out, const struct evbuffer_cb_info *info, void *ctx)
{
    struct http_conn *conn = ctx;

    if (conn->listener == NULL || conn->lingers)
        return;
    if (info->n_added > 0 && is_refusal(conn, out, info->orig_size))
        conn->closing = true;
    if (info->n_deleted > 0 && conn->closing && evbuffer_get_length(out) == 0)
        linger(conn);
}

void http_conn_handling(struct http_conn *conn, struct http_request *request)
{
    conn->handled++;
    conn->request = request;
    wait_anew(conn);
}

void http_conn_sending(struct http_conn *conn, bool last)
{
    conn->request = NULL;
    if (conn->listener == NULL)
        return;
    conn->sending = true;
    conn->closing = last;
    wait_anew(conn);
}

void http_conn_sent(struct http_conn *conn)
{
    conn->sending = false;
    if (conn->listener != NULL)
        wait_anew(conn);
}

void http_conn_streaming(struct http_conn *conn, struct http_stream *stream)
{
    conn->stream = stream;
    conn->request = NULL;
    conn->giving = false;
    wait_anew(conn);
}

/* The time runs from the first octet that waits. */
void http_conn_giving(struct http_conn *conn)
{
    if (conn->giving)
        return;
    conn->giving = true;
    wait_anew(conn);
}

void http_conn_taken(struct http_conn *conn)
{
    conn->giving = false;
    wait_anew(conn);
}

const char *http_conn_fault(const struct http_conn *conn)
{
    return conn->handled >= conn->guard.begun ? conn->guard.fault : NULL;
}

bool http_conn_is_last(const struct http_conn *conn)
{
    const struct http_server *server = conn->listener->server;

    return http_conn_fault(conn) != NULL || server->done != NULL ||
           now_of(conn) >= conn->born + server->config.limits.life_ms;
}

bool http_conn_is_idle(const struct http_conn *conn)
{
    return conn->request == NULL && conn->stream == NULL && !conn->sending &&
           conn->guard.state == HTTP_GUARD_START;
}

static void forget(struct http_conn *conn)
{
    struct http_server *server = conn->listener->server;

    *conn->link = conn->next;
    if (conn->next != NULL)
        conn->next->link = conn->link;
    if (conn->lingers)
        return; /* and is counted so */
    server->stats.connections--;
    http_server_admit(server);
}

static void conn_free(struct http_conn *conn)
{
    if (conn == NULL)
        return;
    if (conn->listener != NULL && conn->link != NULL)
        forget(conn);
    if (conn->request != NULL)
        http_request_orphan(conn->request);
    if (conn->stream != NULL)
        http_stream_orphan(conn->stream);
    if (conn->timer != NULL)
        event_free(conn->timer);
    mu_free(conn);
}

/* The bufferevent goes, its SSL object with it, and ours with that. */
static void on_ssl_free(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int index,
    long argl, void *argp)
{
    (void)parent;
    (void)ad;
    (void)index;
    (void)argl;
    (void)argp;
    conn_free(ptr);
}

/* One index for the program: OpenSSL hands them out for good. */
static int conn_index = -1;

static void make_index(void)
{
    conn_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_ssl_free);
}

static bool have_index(void)
{
    static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

    return CRYPTO_THREAD_run_once(&once, make_index) == 1 && conn_index >= 0;
}

struct http_conn *http_conn_of(struct evhttp_request *request)
{
    struct evhttp_connection *evcon = evhttp_request_get_connection(request);
    SSL *ssl =
        bufferevent_openssl_get_ssl(evhttp_connection_get_bufferevent(evcon));

    return ssl == NULL ? NULL : SSL_get_ex_data(ssl, conn_index);
}

/* From here on the SSL object owns the connection. */
static SSL *make_ssl(struct http_conn *conn)
{
    SSL *ssl = have_index() ? SSL_new(conn->listener->tls) : NULL;

    if (ssl == NULL || SSL_set_ex_data(ssl, conn_index, conn) != 1) {
        SSL_free(ssl);
        conn_free(conn);
        return NULL;
    }
    return ssl;
}

static void join(struct http_conn *conn)
{
    struct http_server *server = conn->listener->server;

    conn->link = &server->conns;
    conn->next = server->conns;
    if (conn->next != NULL)
        conn->next->link = &conn->next;
    server->conns = conn;
    server->stats.connections++;
    server->stats.accepted++;
    http_server_admit(server);
}

/*
 * On NULL evhttp would go on in plain text; http_request_take() refuses
 * whatever arrives so on a TLS port.
 */
struct bufferevent *http_conn_make(struct event_base *base, void *arg)
{
    struct http_conn *conn = mu_alloc(sizeof(*conn));
    SSL *ssl;

    if (conn == NULL)
        return NULL;
    conn->listener = arg;
    conn->armed = NEVER;
    conn->timer = evtimer_new(base, on_timer, conn);
    if (conn->timer == NULL) {
        conn_free(conn);
        return NULL;
    }
    ssl = make_ssl(conn);
    if (ssl == NULL)
        return NULL;
    conn->bev = bufferevent_openssl_socket_new(
        base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (conn->bev == NULL)
        return NULL; /* the SSL object is freed by now */
    bufferevent_openssl_set_allow_dirty_shutdown(conn->bev, 1);
    join(conn);
    conn->born = now_of(conn);
    if (evbuffer_add_cb(bufferevent_get_input(conn->bev), on_input, conn) ==
            NULL ||
        evbuffer_add_cb(bufferevent_get_output(conn->bev), on_output, conn) ==
            NULL)
        conn->guard.fault = "no memory";
    wait_anew(conn);
    return conn->bev;
}
