/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap_ask.h - the inside of XCAP: one request on its way, shared by the files
 * xcap*.c and by nobody else.
 *
 * An ask holds copies of all that it needs of its request, which the server may
 * answer first (503, out of time) or lose. It ends with its answer, by one of
 * the functions below that say so; then it is gone.
 */
#ifndef GMS_XCAP_ASK_H
#define GMS_XCAP_ASK_H

#include "gms/work.h"
#include "gms/xcap.h"
#include "gms/xcap_match.h"
#include "xml/gmop.h"
#include "xml/xcap_edit.h"

enum gms_usage {
    GMS_USAGE_GROUPS,
    GMS_USAGE_CAPS,
    GMS_USAGE_KEYS,
    GMS_USAGES
};

struct gms_xcap {
    struct gms_xcap_parts parts;
    struct http_server *server;
    struct xml_xcap_usage usages[GMS_USAGES];
};

struct gms_ask {
    struct gms_xcap *xcap;
    uint64_t id; /* of the request */
    struct mu_arena arena;
    unsigned method; /* HTTP_GET for HEAD, too; then head is set */
    bool head;
    struct gms_caller caller;
    struct xml_xcap_uri uri;
    struct span host, type, accept, body;
    struct gms_match_fields match;

    /* Of a group's document. */
    struct gms_group_at at;
    struct span by_id; /* the group's URI that the address names; or empty */
    struct gms_document *document; /* referenced; NULL: there is none */
    unsigned tries;
    bool node_created;

    /* While a worker reads or edits a text, or reads the body of a POST. */
    struct mu_job job;
    struct span text, etag, result; /* what it works on, what comes out */
    enum mu_err err;
    struct xml_fault fault;
    struct xml_xcap_refusal refusal;
    enum xml_gmop operation;
};

/* The ask that a job is in. */
struct gms_ask *gms_ask_of(struct mu_job *job);

/* The segments of its address from one on with slashes between: a name may have
 * some, and so may a group's URI that came unencoded. Empty without memory. */
struct span gms_ask_join(struct gms_ask *ask, size_t from);

/* What a request is about, by its address. Each ends the ask, now or later. */
void gms_ask_caps(struct gms_ask *ask);
void gms_ask_groups(struct gms_ask *ask);
void gms_ask_keys(struct gms_ask *ask);

/* Changes of group documents: PUT and DELETE. */
void gms_ask_write(struct gms_ask *ask);

/* Whether the address is a group's by its ID, in the global tree. */
bool gms_ask_is_by_group_id(const struct gms_ask *ask);

/* ------------------------------------------------------------------ answers */

/* Each ends the ask. */
void gms_ask_end_problem(
    struct gms_ask *ask, enum http_problem problem, const char *detail);
void gms_ask_end_err(struct gms_ask *ask, enum mu_err err);
void gms_ask_end_busy(struct gms_ask *ask);
/* 405 with what is allowed. */
void gms_ask_end_method(struct gms_ask *ask, const char *allow);
/* 412 with the present ETag, if there is one. */
void gms_ask_end_failed(struct gms_ask *ask, struct span etag);
/* No body; etag may be empty. */
void gms_ask_end_done(struct gms_ask *ask, unsigned status, struct span etag);
/* 409 with the body of RFC 4825 clause 11. */
void gms_ask_end_refused(
    struct gms_ask *ask, const struct xml_xcap_error *error);
/* 200 with text, or 304 or 412 by the request's conditions: a GET's end. */
void gms_ask_end_text(
    struct gms_ask *ask, const char *type, struct span text, struct span etag);

/*
 * A GET of a node of text, or of all of it, whatever the address says: 200 or
 * 304 with the document's etag, or 404. type is the document's. text and etag
 * are the ask's or the document's that it holds.
 */
void gms_ask_end_get(
    struct gms_ask *ask, const char *type, struct span text, struct span etag);

#endif
