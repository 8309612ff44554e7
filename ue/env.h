/* SPDX-License-Identifier: Apache-2.0 */
/*
 * env.h - what all members of one process share. Made by the command, borrowed
 * by everybody else; of the loop's thread.
 */
#ifndef UE_ENV_H
#define UE_ENV_H

#include "base/clock.h"
#include "base/pool.h"
#include "base/rng.h"
#include "http/client.h"
#include "kms-client/cert.h"
#include "ue/report.h"

struct ue_receipts;

struct ue_env {
    struct event_base *base;
    struct http_client *http;
    struct mu_pool *pool; /* the first to be freed: jobs know members */
    const struct mu_clock *clock;
    const struct mu_rng *rng;
    struct ue_report *report;
    struct kms_cert *known; /* the certificate of the first member's KMS */
    struct ue_receipts *receipts; /* ue/receipt.h; NULL: none are sent */
    const char *gms_url;          /* scheme, host and port */
    const char *key_path;         /* ue/gms_client.h */
    struct span gms_id;           /* whose messages are taken */
    uint64_t poll_ms;   /* between two looks at a key document; 0: one */
    uint64_t spread_ms; /* over which the first looks are spread */
};

#endif
