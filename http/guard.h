/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.h - watches the octets of a connection for requests that two readers
 * could take apart differently (RFC 9112 clauses 2.2, 5, 6, 7 and 11.2).
 *
 * evhttp is lenient: it takes bare LF, folded fields, blanks before a colon,
 * two Content-Lengths, a request without Host, and a body behind GET as the
 * next request. The guard sees the same octets first and knows the strict
 * grammar only. It finds where each request begins and ends, too, which is
 * what deadlines are counted by.
 *
 * Pure: fed with octets as they come, in pieces of any size; no allocation.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "base/bytes.h"

#define HTTP_GUARD_WORD 28 /* octets of a name or value that matters; ours */

enum http_guard_state {
    HTTP_GUARD_START, /* between requests: nothing of the next one seen */
    HTTP_GUARD_METHOD,
    HTTP_GUARD_TARGET,
    HTTP_GUARD_VERSION,
    HTTP_GUARD_LINE_LF,
    HTTP_GUARD_FIELD,
    HTTP_GUARD_NAME,
    HTTP_GUARD_VALUE,
    HTTP_GUARD_HEAD_LF,
    HTTP_GUARD_BODY,
    HTTP_GUARD_CHUNK_SIZE,
    HTTP_GUARD_CHUNK_LF,
    HTTP_GUARD_CHUNK_DATA,
    HTTP_GUARD_CHUNK_CR,
    HTTP_GUARD_CHUNK_END,
    HTTP_GUARD_LAST_CR,
    HTTP_GUARD_LAST_LF,
    HTTP_GUARD_REFUSED /* for good: fault says why */
};

/* Starts as {0}. Members up to begun are for the reader's eye. */
struct http_guard {
    enum http_guard_state state;
    const char *fault;         /* NULL, or the rule broken; static storage */
    uint64_t begun;            /* requests of which an octet was seen */
    uint64_t left;             /* octets of the body or chunk still to come */
    unsigned fields;           /* bits of the named fields seen in this head */
    bool chunked, bodied, old; /* old: HTTP/1.0 */
    size_t len;                /* octets of word, or more: it did not fit */
    size_t field;              /* the named field whose value is being read */
    char word[HTTP_GUARD_WORD];
};

/*
 * Sees the next octets of the connection. After a fault nothing is looked at
 * any more, and the request numbered begun is not to be served.
 */
void http_guard_feed(struct http_guard *g, struct span octets);

/* Whether a head or a body is on its way. */
bool http_guard_in_head(const struct http_guard *g);
bool http_guard_in_body(const struct http_guard *g);

#endif
