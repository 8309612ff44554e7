/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/metrics.h"

#include "base/alloc.h"
#include "config.h"

struct gms_metrics {
    struct gms_metrics_parts parts;
    uint64_t started_ms, tallied_ms; /* monotonic */
    bool tallied;
    struct gms_store_tally tally;
};

enum mu_err gms_metrics_new(
    const struct gms_metrics_parts *parts, struct gms_metrics **out)
{
    struct gms_metrics *metrics = mu_alloc(sizeof(*metrics));

    if (metrics == NULL)
        return MU_E_NO_MEMORY;
    metrics->parts = *parts;
    metrics->started_ms = mu_clock_mono_ms(parts->clock);
    *out = metrics;
    return MU_OK;
}

void gms_metrics_free(struct gms_metrics *metrics)
{
    mu_free(metrics);
}

void gms_metrics_set_server(
    struct gms_metrics *metrics, const struct http_server *server)
{
    metrics->parts.server = server;
}

/* Whoever asks often gets the counts of before: they go through all rows. */
static enum mu_err tally(struct gms_metrics *metrics, uint64_t now_ms)
{
    if (metrics->tallied && now_ms - metrics->tallied_ms < GMS_METRICS_TALLY_MS)
        return MU_OK;
    TRY(gms_store_tally(metrics->parts.store, &metrics->tally));
    metrics->tallied = true;
    metrics->tallied_ms = now_ms;
    return MU_OK;
}

enum mu_err gms_metrics_text(
    struct gms_metrics *metrics, bool ready, struct buf *out)
{
    const struct gms_metrics_parts *parts = &metrics->parts;
    uint64_t now_ms = mu_clock_mono_ms(parts->clock);
    struct gms_metrics_values v = {
        .version = PACKAGE_VERSION,
        .ready = ready,
        .uptime_ms = now_ms - metrics->started_ms,
        .keeper = gms_keeper_stats(parts->keeper),
        .audit = gms_audit_stats(parts->audit),
        .commits = gms_store_times(parts->store),
        .sip = gms_subs_stats(parts->subs),
    };

    TRY(tally(metrics, now_ms));
    v.tally = metrics->tally;
    if (parts->callers != NULL)
        v.limited[0] = http_admit_refused(parts->callers);
    if (parts->failures != NULL)
        v.limited[1] = http_admit_refused(parts->failures);
    if (parts->server != NULL)
        v.http = http_server_stats(parts->server);
    gms_metrics_print(&v, out);
    return out->err;
}
