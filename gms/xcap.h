/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xcap.h - the group management server as XCAP clients see it (TS 24.481
 * clause 6; RFC 4825; notes gms-protocol 1 and 2.3), below the XCAP root:
 *
 *     org.openmobilealliance.groups/users/XUI/NAME     GET PUT DELETE
 *     org.openmobilealliance.groups/global/byGroupID/URI   GET POST
 *     org.openmobilealliance.groups/global/byGroup/URI     the same
 *     ... /~~/ and a node in them                      GET PUT DELETE, GET
 *     xcap-caps/global/index                           GET
 *     gktp.auid and gktp.path                          GET, by the member
 *
 * docs/xcap.md shows each with its answers. A request is judged in the order of
 * notes 1.4: address, identity, authority, precondition, type, text. Whoever
 * may not have a group's list is served from the reduced text and its ETag,
 * whatever he asks for.
 *
 * One loop, one thread; large texts are a worker's.
 */
#ifndef GMS_XCAP_H
#define GMS_XCAP_H

#include "gms/audit.h"
#include "gms/caller.h"
#include "gms/conf.h"
#include "gms/group.h"
#include "http/server.h"

#define GMS_XCAP_METHODS                                                       \
    (HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_PUT | HTTP_DELETE)

struct gms_xcap;

/* All outlive it. */
struct gms_xcap_parts {
    const struct gms_conf_xcap *xcap;
    const struct gms_conf_gktp *gktp;
    const struct http_auth *auth;
    struct gms_store *store;
    struct gms_groups *groups;
    struct gms_keeper *keeper;
    struct gms_domains *domains;
    struct gms_audit *audit;
    struct mu_pool *pool;     /* NULL: everything inline */
    const struct mu_rng *rng; /* Retry-After */
};

MU_MUST_CHECK enum mu_err gms_xcap_new(
    const struct gms_xcap_parts *parts, struct gms_xcap **out);

/* After the pool and the server. NULL is fine. */
void gms_xcap_free(struct gms_xcap *xcap);

/* The server of the requests to come; made later, as it needs the routes. */
void gms_xcap_set_server(struct gms_xcap *xcap, struct http_server *server);

/* Answers a request, now or later: the handler of the row {GMS_XCAP_METHODS,
 * xcap.root, ...}. */
void gms_xcap_request(struct gms_xcap *xcap, struct http_request *request);

#endif
