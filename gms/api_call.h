/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_call.h - one call of the JSON API, from its request to its answer; for
 * the files gms/api_*.c.
 *
 * A handler answers by one of the functions below, which end the call, at once
 * or later. Whoever answers later keeps the call, not the request: the client
 * may be gone by then; what was done is done, and the answer is kept for him
 * where he named a key for it.
 */
#ifndef GMS_API_CALL_H
#define GMS_API_CALL_H

#include "gms/api.h"
#include "gms/api_route.h"

/* What went wrong; the code is stable, for programs, and docs/api.md explains
 * each. */
enum gms_api_problem {
    GMS_API_MALFORMED,
    GMS_API_KEY_NEEDED, /* Idempotency-Key */
    GMS_API_FORBIDDEN,
    GMS_API_NO_SUCH_PATH,
    GMS_API_NO_GROUP,
    GMS_API_NO_MEMBER,
    GMS_API_METHOD,
    GMS_API_GROUP_EXISTS,
    GMS_API_UNKNOWN_MEMBER, /* no such user in the system */
    GMS_API_INVALID,        /* the document would break a rule */
    GMS_API_NOT_KEYED,      /* the group is off or protects nothing */
    GMS_API_NOTHING_TO_UNDO,
    GMS_API_CHANGED,      /* others changed the group meanwhile: again */
    GMS_API_KEY_REUSED,   /* Idempotency-Key of another request */
    GMS_API_IN_PROGRESS,  /* the first request of that key is not done */
    GMS_API_OUTCOME,      /* nobody knows whether it was done: a crash */
    GMS_API_PRECONDITION, /* If-Match */
    GMS_API_TOO_LARGE,
    GMS_API_TYPE,     /* Content-Type */
    GMS_API_TOO_MANY, /* of that kind at present */
    GMS_API_INTERNAL,
    GMS_API_UNAVAILABLE,
    GMS_API_PROBLEMS
};
unsigned gms_api_problem_status(enum gms_api_problem problem);
const char *gms_api_problem_code(enum gms_api_problem problem);

#define GMS_API_FIELDS_MAX 4
#define GMS_API_ARENA_MAX  ((size_t)320 << 20)

struct gms_api_call {
    struct gms_api *api;
    const struct gms_api_parts *parts;
    const struct gms_api_route *route;
    struct http_request *request; /* while the handler runs; then NULL */
    uint64_t request_id;
    struct gms_caller caller;
    struct gms_api_params params;
    struct span group; /* the first parameter; empty where there is none */
    struct span query; /* p NULL: none */
    struct span if_match;
    json_t *body;          /* as the route's table says; NULL without one */
    struct mu_arena arena; /* all texts here, and the handler's */
    struct {
        const char *name;
        char *value;
    } field[GMS_API_FIELDS_MAX];
    size_t fields;
    /* Idempotency-Key (gms/api_once.h). */
    struct span once_key; /* empty: none */
    uint8_t once_request[32];
    bool forget;               /* the answer is not final: not to be kept */
    struct gms_api_call *next; /* of the API's calls */
    void *state;               /* the handler's, in the arena */
};

/* The name of a key of a field is static, its value copied. */
void gms_api_field(
    struct gms_api_call *call, const char *name, struct span value);

/* ETag with its quotes, of a tag without. */
void gms_api_etag(struct gms_api_call *call, struct span etag);

/* Ends the call with an object, taken; "now" is added. NULL: memory failed,
 * 500. */
void gms_api_answer(struct gms_api_call *call, unsigned status, json_t *body);

/* Ends it with a problem; detail, for people, may be NULL. */
void gms_api_fail(struct gms_api_call *call, enum gms_api_problem problem,
    const char *detail);

/* The same for an error that has no meaning of its own here. */
void gms_api_fail_err(struct gms_api_call *call, enum mu_err err);

/* Ends it with a text that is JSON or a problem already, as it is. */
void gms_api_answer_text(struct gms_api_call *call, unsigned status,
    const char *type, struct span text);

/* Ends it without an answer: its request was answered otherwise. */
void gms_api_drop(struct gms_api_call *call);

/* Whether the caller has the right for a group. */
bool gms_api_may(
    const struct gms_api_call *call, enum gms_right right, struct span group);

/* A number of the query; false: it is none, and the call is answered. */
bool gms_api_number(struct gms_api_call *call, const char *name,
    uint64_t otherwise, uint64_t *out);

/* A text of the query; p NULL when it is not there. False as above. */
bool gms_api_text(
    struct gms_api_call *call, const char *name, struct span *out);

/* The document of the call's group; false: the call is answered. */
bool gms_api_doc(struct gms_api_call *call, struct gms_doc *doc);

#endif
