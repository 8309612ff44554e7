/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_inside.h - the API's own state, for gms/api.c, gms/api_call.c and those
 * topics that keep something from call to call.
 */
#ifndef GMS_API_INSIDE_H
#define GMS_API_INSIDE_H

#include "gms/api_call.h"

struct gms_api_asks;    /* gms/api_ask.c: questions for keys that wait */
struct gms_api_streams; /* gms/api_events.c */

struct gms_api {
    struct gms_api_parts parts;
    struct http_server *server;
    struct gms_api_call *calls; /* those not yet answered */
    struct gms_api_asks *asks;
    struct gms_api_streams *streams;
};

struct http_server *gms_api_server(const struct gms_api *api);

MU_MUST_CHECK enum mu_err gms_api_asks_new(
    struct gms_api *api, struct gms_api_asks **out);
void gms_api_asks_free(struct gms_api_asks *asks);
void gms_api_asks_changed(struct gms_api_asks *asks, struct span group);

MU_MUST_CHECK enum mu_err gms_api_streams_new(
    struct gms_api *api, struct gms_api_streams **out);
void gms_api_streams_free(struct gms_api_streams *streams);
void gms_api_streams_changed(struct gms_api_streams *streams);

#endif
