/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problem.h - what went wrong, as HTTP tells it: a status and a body of type
 * application/problem+json (RFC 9457).
 *
 *     {"title":"Not Found","status":404,"code":"not-found","detail":"..."}
 *
 * The type is about:blank, so the title is the status's phrase; "code" is an
 * extension for programs, stable from one release to the next. Details are for
 * people.
 */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "base/bytes.h"

#define HTTP_PROBLEM_TYPE "application/problem+json"
#define HTTP_PROBLEM_MAX  1024 /* octets of a body */

enum http_problem {
    HTTP_PROBLEM_MALFORMED,              /* 400 malformed */
    HTTP_PROBLEM_INVALID_TOKEN,          /* 401 invalid-token */
    HTTP_PROBLEM_FORBIDDEN,              /* 403 forbidden */
    HTTP_PROBLEM_INSUFFICIENT_SCOPE,     /* 403 insufficient-scope */
    HTTP_PROBLEM_STALE,                  /* 403 stale */
    HTTP_PROBLEM_NOT_VERIFIED,           /* 403 not-verified */
    HTTP_PROBLEM_NOT_FOUND,              /* 404 not-found */
    HTTP_PROBLEM_METHOD_NOT_ALLOWED,     /* 405 method-not-allowed */
    HTTP_PROBLEM_CONFLICT,               /* 409 conflict */
    HTTP_PROBLEM_PRECONDITION_FAILED,    /* 412 precondition-failed */
    HTTP_PROBLEM_TOO_LARGE,              /* 413 too-large */
    HTTP_PROBLEM_URI_TOO_LONG,           /* 414 uri-too-long */
    HTTP_PROBLEM_UNSUPPORTED_MEDIA_TYPE, /* 415 unsupported-media-type */
    HTTP_PROBLEM_TOO_MANY_REQUESTS,      /* 429 too-many-requests */
    HTTP_PROBLEM_INTERNAL,               /* 500 internal */
    HTTP_PROBLEM_NOT_IMPLEMENTED,        /* 501 not-implemented */
    HTTP_PROBLEM_UNAVAILABLE,            /* 503 unavailable */
};

unsigned http_problem_status(enum http_problem problem);
const char *http_problem_code(enum http_problem problem);

/* The phrase of a status (RFC 9110 clause 15); "" for one we never send. */
const char *http_status_phrase(unsigned status);

/* The one place that turns an error into a problem; not for MU_OK. */
enum http_problem http_problem_of(enum mu_err err);

/*
 * Writes the body. detail may be NULL; it is left out when it is not UTF-8 or
 * the body would exceed HTTP_PROBLEM_MAX.
 *
 * Returns MU_OK with *len set, or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_problem_write(enum http_problem problem,
    const char *detail, char out[HTTP_PROBLEM_MAX], size_t *len);

#endif
