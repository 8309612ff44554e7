/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.h - one request, and the answer to it.
 *
 * A request lives until it is answered; each is answered exactly once, by one
 * of the functions below (or by http/stream.h), which end it. Whoever answers
 * later keeps its id, never the pointer, and asks http_server_find(): the
 * server itself answers one whose time is over. Spans, texts and the
 * certificate are borrowed from the request. Its arena is for whatever has to
 * live as long, no secrets.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <openssl/x509.h>

#include "base/arena.h"
#include "http/path.h"
#include "http/problem.h"

#define HTTP_ARENA_MAX (256U << 10) /* octets in a request's arena */

struct http_request;

uint64_t http_request_id(const struct http_request *request);

/* HTTP_GET, HTTP_PUT...; see http/server.h. */
unsigned http_request_method(const struct http_request *request);

/* As sent, undecoded. */
struct span http_request_target(const struct http_request *request);

/* Its path, and how many of the segments belong to the route's prefix. */
const struct http_path *http_request_path(const struct http_request *request);
size_t http_request_rest(const struct http_request *request);

struct span http_request_body(const struct http_request *request);

/*
 * A field's value by its name, in any case; p is NULL when there is none. Of
 * one that is repeated the first; those that decide who may do what never are.
 */
struct span http_request_field(
    const struct http_request *request, const char *name);

/* The value of Host, without which no request gets here; p NULL in HTTP/1.0. */
struct span http_request_host(const struct http_request *request);

/* The client's certificate, verified; NULL when it showed none. */
X509 *http_request_peer(const struct http_request *request);

/* The client's address in text, without port. */
const char *http_request_address(const struct http_request *request);

/* Of the listener that it came through. */
int http_request_tag(const struct http_request *request);

/*
 * What X-3GPP-Asserted-Identity or its OMA alias says, first identity only, if
 * it may be believed.
 *
 * Returns MU_OK; MU_E_NOT_FOUND when there is none; MU_E_DENIED when the
 * listener is not trusted or the peer not named for it (24.482 Annex A: 403);
 * MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err http_request_asserted(
    const struct http_request *request, struct span *identity);

struct mu_arena *http_request_arena(struct http_request *request);

/* What a handler keeps with a request until its answer; NULL at first. */
void http_request_set_state(struct http_request *request, void *state);
void *http_request_state(const struct http_request *request);

/*
 * Adds a field to the answer to come. The value is copied.
 *
 * A value with CR or LF would split the answer: such a field is left out.
 */
void http_answer_field(
    struct http_request *request, const char *name, const char *value);

/* Ends the request. type may be NULL when body is empty. */
void http_answer(struct http_request *request, unsigned status,
    const char *type, struct span body);

/* Ends the request with a problem (http/problem.h); detail may be NULL. */
void http_answer_problem(struct http_request *request,
    enum http_problem problem, const char *detail);

/* The same for an error (http_problem_of()). */
void http_answer_err(
    struct http_request *request, enum mu_err err, const char *detail);

/* 503 with Retry-After in seconds: to those beyond what we can take. */
void http_answer_busy(struct http_request *request, unsigned retry_after_s);

#endif
