/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/front_routes.h"

/* Nothing that has to be authenticated is served in clear. */
static bool is_in_clear(struct http_request *request)
{
    if (http_request_tag(request) != GMS_ON_HEALTH)
        return false;
    http_answer_problem(request, HTTP_PROBLEM_NOT_FOUND, NULL);
    return true;
}

static void on_xcap(void *ctx, struct http_request *request)
{
    struct gms_front_routes *routes = ctx;

    if (!is_in_clear(request))
        gms_xcap_request(routes->xcap, request);
}

static void on_api(void *ctx, struct http_request *request)
{
    struct gms_front_routes *routes = ctx;

    if (!is_in_clear(request))
        gms_api_request(routes->api, request);
}

/* Loopback is trusted to look, others must be allowed to. */
static bool may_look(
    const struct gms_front_routes *routes, struct http_request *request)
{
    const struct span any = {NULL, 0};
    struct gms_caller caller;

    if (http_request_tag(request) == GMS_ON_HEALTH)
        return true;
    if (!gms_caller_admit(routes->auth, request, &caller))
        return false;
    if (gms_access_may(routes->access, &caller, GMS_MAY_VIEW, any))
        return true;
    http_answer_problem(request, HTTP_PROBLEM_FORBIDDEN, NULL);
    return false;
}

static void say(struct http_request *request, unsigned status, const char *text)
{
    http_answer_field(request, "Cache-Control", "no-store");
    http_answer(request, status, "text/plain", span_str(text));
}

static void on_healthz(void *ctx, struct http_request *request)
{
    if (may_look(ctx, request))
        say(request, 200, "ok\n");
}

/* Ready is who can do all that may be asked: without the vault, documents are
 * still served and changed, but no key is made. */
static const char *not_ready(const struct gms_front_routes *routes)
{
    struct gms_keeper_stats stats = gms_keeper_stats(routes->keeper);

    if (!stats.vault_up)
        return "no vault\n";
    if (!stats.vault_ready)
        return "the vault has no keys of ours yet\n";
    if (routes->auth->keys != NULL && http_keys_now(routes->auth->keys) == NULL)
        return "no keys for tokens yet\n";
    return NULL;
}

static void on_readyz(void *ctx, struct http_request *request)
{
    const char *why;

    if (!may_look(ctx, request))
        return;
    why = not_ready(ctx);
    say(request, why == NULL ? 200 : 503, why == NULL ? "ready\n" : why);
}

static void on_metrics(void *ctx, struct http_request *request)
{
    const struct gms_front_routes *routes = ctx;
    MU_CLEANUP(buf_clear) struct buf text = {0};
    enum mu_err err;

    if (!may_look(ctx, request))
        return;
    err = gms_metrics_text(routes->metrics, not_ready(routes) == NULL, &text);
    if (err == MU_OK)
        http_answer(request, 200, GMS_METRICS_TYPE, buf_span(&text));
    else
        http_answer_err(request, err, NULL);
}

void gms_front_routes_init(
    struct gms_front_routes *routes, const char *xcap_root)
{
    const struct http_route table[GMS_FRONT_ROUTES] = {
        {GMS_XCAP_METHODS, xcap_root, on_xcap},
        {GMS_API_METHODS, GMS_API_ROOT, on_api},
        {HTTP_GET, "/healthz", on_healthz},
        {HTTP_GET, "/readyz", on_readyz},
        {HTTP_GET, "/metrics", on_metrics},
    };

    for (size_t i = 0; i < GMS_FRONT_ROUTES; i++)
        routes->at[i] = table[i];
}
