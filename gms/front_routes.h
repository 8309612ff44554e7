/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front_routes.h - what the front serves, and on which listener: XCAP and the
 * JSON API over TLS; health and metrics over plain HTTP on loopback and, for
 * those who may view some group, over TLS as well.
 */
#ifndef GMS_FRONT_ROUTES_H
#define GMS_FRONT_ROUTES_H

#include "gms/api.h"
#include "gms/metrics.h"
#include "gms/xcap.h"

#define GMS_FRONT_ROUTES 5

/* The context of the routes; set by gms/front_loop.c. */
struct gms_front_routes {
    struct http_route at[GMS_FRONT_ROUTES];
    struct gms_xcap *xcap;
    struct gms_api *api;
    const struct http_auth *auth;
    const struct gms_access *access;
    struct gms_keeper *keeper;
    struct gms_metrics *metrics;
};

/* The table itself; xcap_root is borrowed. */
void gms_front_routes_init(
    struct gms_front_routes *routes, const char *xcap_root);

#endif
