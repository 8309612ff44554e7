/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front_parts.h - the parts of the front, made in their order and ended in the
 * other one; for gms/front_loop.c, which holds the one of its process.
 */
#ifndef GMS_FRONT_PARTS_H
#define GMS_FRONT_PARTS_H

#include "gms/api.h"
#include "gms/front_loop.h"
#include "gms/metrics.h"
#include "gms/provision.h"
#include "gms/xcap.h"

struct gms_reseal;    /* gms/reseal.h */
struct gms_front_sip; /* gms/front_sip.h */

struct gms_front {
    const struct gms_conf *conf;
    struct event_base *base;
    struct gms_failure *failure;
    SSL_CTX *tls, *mutual_tls;
    struct http_client *client; /* for token keys alone */
    struct http_keys *keys;
    struct http_admit *callers, *failures; /* of auth */
    struct http_auth auth;
    struct gms_access *access;
    struct mu_pool *pool;
    struct event *on_pool, *on_tick;
    struct gms_store *store;
    struct mu_sign_key audit_key; /* audit signs by it till its end */
    struct gms_audit *audit;
    struct gms_vault_link *vault;
    struct gms_reseal *reseal;
    bool met_vault;      /* one was there since the start */
    enum mu_err refused; /* why the loop was ended, where that is a fault */
    struct gms_provision *provision;
    struct gms_domains *domains;
    struct gms_keeper *keeper;
    struct gms_groups *groups;
    struct gms_xcap *xcap;
    struct gms_api *api;
    struct gms_metrics *metrics;
    struct gms_front_sip *sip; /* NULL: none */
};

/* Keeps what failed and why, for the caller of gms_front_run(); why NULL: as
 * the error says. Returns err. */
enum mu_err gms_front_failed(struct gms_front *front, enum mu_err err,
    const char *what, const char *why);

/* The same for a step that may have gone well. */
enum mu_err gms_front_step(
    struct gms_front *front, enum mu_err err, const char *what);

/*
 * Makes all parts; conf, base and failure are set, the rest is zero. On failure
 * what was made stays, for the two below.
 */
MU_MUST_CHECK enum mu_err gms_front_parts_make(struct gms_front *front);

/* Reads certificates and their key again; what cannot be read stays. */
MU_MUST_CHECK enum mu_err gms_front_read_tls(struct gms_front *front);

/* Before the server goes: what workers do still answers requests. */
void gms_front_pool_end(struct gms_front *front);

/* After the server. */
void gms_front_parts_clear(struct gms_front *front);

#endif
