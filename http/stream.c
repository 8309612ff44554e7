/* SPDX-License-Identifier: Apache-2.0 */
#include "http/stream.h"

#include <assert.h>
#include <event2/buffer.h>

#include "base/alloc.h"
#include "http/conn.h"

struct http_stream {
    struct http_conn *conn;
    struct evhttp_request *ev;
    size_t waiting;
    void (*on_room)(void *ctx);
    void (*on_end)(void *ctx); /* NULL once its owner has let go */
    void *ctx;
    bool ending; /* the end follows when all that was given is taken */
};

static struct evbuffer *output_of(const struct http_stream *stream)
{
    return bufferevent_get_output(stream->conn->bev);
}

size_t http_stream_room(const struct http_stream *stream)
{
    size_t waits = evbuffer_get_length(output_of(stream));

    return waits < stream->waiting ? stream->waiting - waits : 0;
}

static void on_sent(struct evhttp_request *ev, void *ctx)
{
    (void)ev;
    http_conn_sent(ctx);
}

static void end_now(struct http_stream *stream)
{
    struct http_conn *conn = stream->conn;

    http_conn_streaming(conn, NULL);
    evhttp_request_set_on_complete_cb(stream->ev, on_sent, conn);
    http_conn_sending(conn, false);
    evhttp_send_reply_end(stream->ev);
    mu_free(stream);
}

/* evhttp says it late, of octets that were there before the last ones, and
 * says it again each time when nothing waits. */
static void on_taken(struct evhttp_connection *evcon, void *ctx)
{
    struct http_conn *conn = ctx;
    struct http_stream *stream = conn->stream;

    (void)evcon;
    if (stream == NULL || evbuffer_get_length(output_of(stream)) > 0)
        return;
    if (stream->ending) {
        end_now(stream);
        return;
    }
    http_conn_taken(conn);
    if (stream->on_room != NULL)
        stream->on_room(stream->ctx);
}

static void evbuffer_drop(struct evbuffer **buf)
{
    if (*buf != NULL)
        evbuffer_free(*buf);
}

static enum mu_err copy(struct span octets, struct evbuffer **out)
{
    *out = evbuffer_new();
    if (*out == NULL || evbuffer_add(*out, octets.p, octets.len) != 0)
        return MU_E_NO_MEMORY;
    return MU_OK;
}

static void give(struct http_stream *stream, struct evbuffer *octets)
{
    http_conn_giving(stream->conn);
    evhttp_send_reply_chunk_with_cb(stream->ev, octets, on_taken, stream->conn);
}

/* The request's own answer is a stream from here on; nothing can fail now. */
static void begin(struct http_stream *stream, struct http_request *request,
    unsigned status, struct evbuffer *first)
{
    struct http_conn *conn = stream->conn;

    http_answer_field(request, "Connection", "close");
    stream->ev = http_request_yield(request, status);
    /* evhttp's own clock would end a stream whose client says nothing more. */
    (void)bufferevent_set_timeouts(conn->bev, NULL, NULL);
    http_conn_streaming(conn, stream);
    evhttp_send_reply_start(
        stream->ev, (int)status, http_status_phrase(status));
    give(stream, first);
}

enum mu_err http_stream_begin(struct http_request *request,
    const struct http_stream_config *config, struct http_stream **out)
{
    struct http_conn *conn = http_request_conn(request);
    MU_CLEANUP(evbuffer_drop) struct evbuffer *first = NULL;
    struct http_stream *stream;

    assert(config->first.len > 0 && config->first.len <= config->waiting);
    if (conn == NULL || http_request_method(request) == HTTP_HEAD)
        return MU_E_UNSUPPORTED;
    TRY(copy(config->first, &first));
    stream = mu_alloc(sizeof(*stream));
    if (stream == NULL)
        return MU_E_NO_MEMORY;
    stream->conn = conn;
    stream->waiting = config->waiting;
    stream->on_room = config->on_room;
    stream->on_end = config->on_end;
    stream->ctx = config->ctx;
    http_answer_field(request, "Content-Type", config->type);
    begin(stream, request, config->status, first);
    *out = stream;
    return MU_OK;
}

enum mu_err http_stream_send(struct http_stream *stream, struct span octets)
{
    MU_CLEANUP(evbuffer_drop) struct evbuffer *buf = NULL;
    struct http_conn *conn = stream->conn;
    enum mu_err err;

    if (conn->cut)
        return MU_E_STATE;
    if (octets.len == 0)
        return MU_OK;
    if (octets.len > http_stream_room(stream)) {
        http_conn_cut_sending(conn);
        return MU_E_NO_SPACE;
    }
    err = copy(octets, &buf);
    if (err == MU_OK)
        give(stream, buf);
    else
        http_conn_cut(conn);
    return err;
}

/*
 * While octets are given evhttp may owe its word that some were taken; it would
 * give that word to what the end asks it for, and close on octets still here.
 */
void http_stream_end(struct http_stream *stream)
{
    if (stream == NULL || stream->ending)
        return;
    stream->on_end = NULL;
    if (stream->conn->giving)
        stream->ending = true;
    else
        end_now(stream);
}

static void tell_end(void (*on_end)(void *ctx), void *ctx)
{
    if (on_end != NULL)
        on_end(ctx);
}

void http_stream_finish(struct http_stream *stream)
{
    void (*on_end)(void *ctx) = stream->on_end;
    void *ctx = stream->ctx;

    http_stream_end(stream);
    tell_end(on_end, ctx);
}

void http_stream_orphan(struct http_stream *stream)
{
    void (*on_end)(void *ctx) = stream->on_end;
    void *ctx = stream->ctx;

    /* evhttp has let go of the request: this frees it. */
    evhttp_send_reply_end(stream->ev);
    mu_free(stream);
    tell_end(on_end, ctx);
}

void http_stream_forget(struct http_stream *stream)
{
    void (*on_end)(void *ctx) = stream->on_end;
    void *ctx = stream->ctx;

    stream->conn->stream = NULL;
    mu_free(stream);
    tell_end(on_end, ctx);
}
