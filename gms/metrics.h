/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - what /metrics says: text of the Prometheus exposition format,
 * version 0.0.4. What there is, is one table in metrics.c; docs of it are its
 * HELP lines.
 *
 * No label names a group, a member or anybody else: their number is that of
 * the states, not of the users.
 */
#ifndef GMS_METRICS_H
#define GMS_METRICS_H

#include "base/buf.h"
#include "gms/keeper.h"
#include "gms/subs.h"
#include "http/admit.h"
#include "http/server.h"

#define GMS_METRICS_TYPE     "text/plain; version=0.0.4; charset=utf-8"
#define GMS_METRICS_TALLY_MS 10000 /* counts of rows are at most so old */

/* All that is said, at one moment. */
struct gms_metrics_values {
    const char *version;
    bool ready;
    uint64_t uptime_ms;
    struct gms_keeper_stats keeper;
    struct gms_audit_stats audit;
    struct gms_store_tally tally;
    struct gms_store_times commits;
    struct http_stats http;
    uint64_t limited[2]; /* answers 429: to a caller, to an address */
    struct gms_subs_stats sip;
};

/* Pure. A buffer without memory says so itself (base/buf.h). */
void gms_metrics_print(const struct gms_metrics_values *v, struct buf *out);

/* Where the values come from; all outlive the metrics. */
struct gms_metrics_parts {
    const struct mu_clock *clock;
    struct gms_store *store;
    struct gms_keeper *keeper;
    struct gms_audit *audit;
    const struct http_admit *callers, *failures; /* NULL: zeros */
    const struct http_server *server; /* may be set later; NULL: zeros */
    const struct gms_subs *subs;      /* NULL: no SIP; zeros */
};

struct gms_metrics;

/* The process's uptime counts from here. MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err gms_metrics_new(
    const struct gms_metrics_parts *parts, struct gms_metrics **out);
void gms_metrics_free(struct gms_metrics *metrics); /* NULL is fine */

/* The server is made after its routes, which need the metrics. */
void gms_metrics_set_server(
    struct gms_metrics *metrics, const struct http_server *server);

/*
 * The whole text.
 *
 *   ready  as /readyz has it
 *
 * Returns MU_OK; MU_E_NO_MEMORY; errors of the store.
 */
MU_MUST_CHECK enum mu_err gms_metrics_text(
    struct gms_metrics *metrics, bool ready, struct buf *out);

#endif
