/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h - the JSON API of gmsd, under /v1 (docs/api.md; the document served at
 * /v1/openapi.json is the reference).
 *
 * The front makes it of its parts and gives it every request below GMS_API_ROOT
 * of its listeners with TLS. What each route is, who may call it and which
 * parameters it has is one table, gms/api_routes.c.
 *
 * Answers are JSON with the server's time in "now", problems are
 * application/problem+json with a stable "code" (gms/api_call.h).
 *
 * One loop, one thread.
 */
#ifndef GMS_API_H
#define GMS_API_H

#include "gms/caller.h"
#include "gms/group.h"

#define GMS_API_ROOT "/v1"
#define GMS_API_METHODS                                                        \
    (HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_PATCH | HTTP_DELETE)

struct event_base;
struct gms_api;
struct gms_reseal; /* gms/reseal.h */
struct http_server;

/* All outlive the API. */
struct gms_api_parts {
    struct event_base *base;
    const struct mu_clock *clock;
    const struct mu_rng *rng; /* Retry-After */
    const struct http_auth *auth;
    const struct gms_access *access;
    struct gms_store *store;
    struct gms_groups *groups;
    struct gms_keeper *keeper;
    struct gms_audit *audit;
    struct gms_vault_link *vault;
    struct gms_reseal *reseal;
    const struct gms_policy *policy; /* the defaults of the configuration */
};

MU_MUST_CHECK enum mu_err gms_api_new(
    const struct gms_api_parts *parts, struct gms_api **out);

/* After http_server_free(): streams end by the server. NULL is fine. */
void gms_api_free(struct gms_api *api);

/* The server of the requests to come: made after the API, as it needs the
 * routes. */
void gms_api_set_server(struct gms_api *api, struct http_server *server);

/* Answers a request, now or later: the handler of the row {GMS_API_METHODS,
 * GMS_API_ROOT, ...} of the front's route table. */
void gms_api_request(struct gms_api *api, struct http_request *request);

/* Something of a group was committed (gms_keeper_config.on_changed): events go
 * out, and questions for its key are looked at again. */
void gms_api_changed(struct gms_api *api, struct span group);

#endif
