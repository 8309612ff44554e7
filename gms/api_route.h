/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_route.h - what a route of the JSON API is, and which one a request means.
 *
 * Everything that differs between routes but their handlers stands in a row of
 * the table: method, path, the right it needs, parameters, body. The table is
 * what the tests of the role matrix and of the OpenAPI document go through.
 *
 * Pure.
 */
#ifndef GMS_API_ROUTE_H
#define GMS_API_ROUTE_H

#include "gms/access.h"
#include "gms/api_json.h"
#include "http/path.h"

struct gms_api_call;

/* Answers the call now, or keeps it and answers later. */
typedef void gms_api_handler(struct gms_api_call *call);

enum gms_api_flag {
    GMS_API_ANY = 1 << 0,    /* no right: whoever has proved who he is */
    GMS_API_KEYED = 1 << 1,  /* Idempotency-Key must be there */
    GMS_API_REPEAT = 1 << 2, /* done twice is as done once: after a crash in its
                                midst it may be begun again */
    GMS_API_EACH = 1 << 3    /* concerns many groups, and the handler asks for
                                the right for each; here: for any */
};

#define GMS_API_PARAMS_MAX 2

struct gms_api_route {
    unsigned method;      /* one HTTP_...; HEAD goes with GET */
    const char *pattern;  /* behind GMS_API_ROOT: "/groups/{group}/keys"; a part
                             in braces takes one segment, {group} the first */
    enum gms_right right; /* for {group}, or for any where there is none */
    unsigned flags;       /* GMS_API_... */
    const char *query;    /* names that may be there, blanks between, or "" */
    const struct gms_json_field *body; /* NULL: none is read */
    size_t body_len;
    gms_api_handler *handler;
};

/* Texts borrowed from the path. */
struct gms_api_params {
    struct span at[GMS_API_PARAMS_MAX];
    size_t len;
};

struct gms_api_table {
    const struct gms_api_route *rows;
    size_t count;
};

/*
 * The row for a method and the segments from rest on. NULL when there is none;
 * *allowed then has the bits of the methods of the rows whose path fits, 0:
 * there is no such path.
 */
const struct gms_api_route *gms_api_find(const struct gms_api_table *table,
    unsigned method, const struct http_path *path, size_t rest,
    struct gms_api_params *params, unsigned *allowed);

/* All of them, gms/api_routes.c. */
extern const struct gms_api_table gms_api_routes;

#endif
