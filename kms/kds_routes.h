/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_routes.h - kdsd's HTTP side: who may ask, how many at once, and the
 * routes into kms/kds_answer.h.
 */
#ifndef KMS_KDS_ROUTES_H
#define KMS_KDS_ROUTES_H

#include "base/clock.h"
#include "base/rng.h"
#include "http/auth.h"
#include "http/bucket.h"
#include "http/server.h"
#include "kms/kds_answer.h"

/* Tags of the listeners. */
enum kds_listener {
    KDS_TOKENS, /* each request carries a token */
    KDS_MUTUAL, /* a token, an asserted identity, or the certificate's user */
    KDS_HEALTH  /* plain */
};

/* The context of the routes; members are set by kms/kds_serve.c. */
struct kds_routes {
    struct kds_service service;
    struct http_auth auth;
    struct http_bucket admit;
    const struct kds_conf *conf;
    const struct mu_clock *clock;
    const struct mu_rng *rng;
};

extern const struct http_route kds_routes[];
extern const size_t kds_routes_len;

#endif
