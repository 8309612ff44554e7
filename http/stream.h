/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - an answer whose end is not known yet: server-sent events.
 *
 * It takes the place of http_answer(): the request is gone, the stream lives
 * until its owner ends it or the server does, and is its connection's last
 * answer. The server ends a stream when the client has gone or says anything
 * more, has not taken what waits for it within limits.send_ms, at the end of
 * the connection's life (limits.life_ms: clients come back), and on draining.
 *
 * What waits is bounded: who sends beyond it finds the stream cut. So send
 * what there is up to http_stream_room(), and go on in on_room.
 */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include "http/request.h"

struct http_stream;

struct http_stream_config {
    unsigned status;
    const char *type;  /* borrowed for the call */
    size_t waiting;    /* octets that may wait for the client; > 0 */
    struct span first; /* goes out with the head; 1..waiting octets, copied */
    /* All that was sent has been taken by the client. May be NULL. */
    void (*on_room)(void *ctx);
    /* Over, and not by http_stream_end(): the stream is no more. Once. */
    void (*on_end)(void *ctx);
    void *ctx;
};

/*
 * Begins the answer: status, fields and the first octets go out at once.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED, the request being as it was, for HEAD and
 * on plain listeners; MU_E_NO_MEMORY likewise.
 */
MU_MUST_CHECK enum mu_err http_stream_begin(struct http_request *request,
    const struct http_stream_config *config, struct http_stream **out);

/* Octets that may be sent now. */
size_t http_stream_room(const struct http_stream *stream);

/*
 * Sends octets, copied.
 *
 * Returns MU_OK; MU_E_NO_SPACE when there is no room for them, and then the
 * client is cut off: on_end follows from the loop; MU_E_STATE after that;
 * MU_E_NO_MEMORY, likewise cut. Nobody has to look: on_end tells it, too.
 */
enum mu_err http_stream_send(struct http_stream *stream, struct span octets);

/* Ends it well: the last octets go out, then the connection closes. Without
 * on_end. NULL is fine. Not from on_end. */
void http_stream_end(struct http_stream *stream);

#endif
