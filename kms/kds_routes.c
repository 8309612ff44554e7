/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_routes.h"

#include <stdio.h>

#include "base/log.h"
#include "http/field.h"
#include "http/peer.h"

#define XML_TYPE "application/xml"
#define URL_MAX  2048

/* A device that shows its own certificate on the mutual listener, and nothing
 * else that says who it is. */
static bool is_bare_peer(const struct http_request *request)
{
    struct span asserted;

    return http_request_tag(request) == KDS_MUTUAL &&
           http_request_field(request, "Authorization").p == NULL &&
           http_request_asserted(request, &asserted) == MU_E_NOT_FOUND;
}

static bool identify_peer(
    struct http_request *request, struct mcptt_id *id, struct span *user)
{
    X509 *peer = http_request_peer(request);

    if (peer == NULL || http_peer_uri(peer, id) != MU_OK) {
        mu_log(MU_LOG_INFO, "kds.refused",
            mu_log_str("address", http_request_address(request)),
            mu_log_str("why", "certificate without a user"));
        http_answer_problem(request, HTTP_PROBLEM_FORBIDDEN, NULL);
        return false;
    }
    *user = mcptt_id_span(id);
    return true;
}

/* False when nobody may ask: the request is then answered and gone. */
static bool identify(struct kds_routes *routes, struct http_request *request,
    struct mcptt_id *id, struct span *user)
{
    enum http_token_fault fault = HTTP_TOKEN_GOOD;
    struct http_identity identity;
    char address[64];

    if (is_bare_peer(request))
        return identify_peer(request, id, user);
    (void)snprintf(
        address, sizeof(address), "%s", http_request_address(request));
    if (http_auth_admit(&routes->auth, request, &identity, &fault) !=
        HTTP_AUTH_ADMITTED) {
        mu_log(MU_LOG_INFO, "kds.refused", mu_log_str("address", address),
            mu_log_str("why", http_token_fault_name(fault)));
        return false;
    }
    *user = identity.uri;
    return true;
}

/* The URL of the POST as the client knows it (annex D.2.2, ClientReqUrl). */
static struct span make_url(const struct kds_routes *routes,
    const struct http_request *request, uint8_t *out)
{
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, out, URL_MAX);
    if (routes->conf->url[0] != '\0') {
        wr_span(&w, span_str(routes->conf->url));
    } else {
        wr_span(&w, span_str("https://"));
        wr_span(&w, http_request_host(request));
    }
    wr_span(&w, http_request_target(request));
    if (wr_close(&w, &done) != MU_OK)
        return (struct span){NULL, 0}; /* equals no URL */
    return done;
}

static void log_answer(
    const struct kds_ask *ask, unsigned status, const char *why)
{
    mu_log(MU_LOG_INFO, "kds.answered",
        mu_log_str("resource", kds_resource_name(ask->target.resource)),
        mu_log_octets("user", ask->user), mu_log_u64("status", status),
        mu_log_str("why", why));
}

static void answer(struct kds_routes *routes, struct http_request *request,
    const struct kds_ask *ask)
{
    MU_CLEANUP(kds_reply_clear) struct kds_reply reply = {0};
    enum mu_err err = kds_answer(&routes->service, ask, &reply);

    if (err != MU_OK) {
        log_answer(ask, 500, mu_err_name(err));
        http_answer_problem(request, HTTP_PROBLEM_INTERNAL, NULL);
        return;
    }
    log_answer(ask, reply.status, reply.why);
    http_answer(request, reply.status, XML_TYPE, buf_span(&reply.body));
}

static void on_kms(void *ctx, struct http_request *request)
{
    struct kds_routes *routes = ctx;
    uint8_t url[URL_MAX];
    struct kds_ask ask = {.body = http_request_body(request),
        .now_s = mu_clock_unix_ms(routes->clock) / 1000};
    struct mcptt_id id;
    enum mu_err err;

    if (!http_bucket_take(&routes->admit, mu_clock_mono_ms(routes->clock))) {
        http_answer_busy(request, http_field_retry_s(routes->rng,
                                      (unsigned)routes->conf->retry_least_s,
                                      (unsigned)routes->conf->retry_spread_s));
        return;
    }
    if (!identify(routes, request, &id, &ask.user))
        return;
    err = kds_target_read(http_request_arena(request),
        http_request_path(request), http_request_rest(request), &ask.target);
    if (err != MU_OK) {
        http_answer_err(request, err, NULL);
        return;
    }
    ask.url = make_url(routes, request, url);
    answer(routes, request, &ask);
}

static void on_healthz(void *ctx, struct http_request *request)
{
    (void)ctx;
    http_answer(request, 200, "text/plain", span_str("ok\n"));
}

/* Ready is who has something to give and keys to check tokens by. */
static const char *not_ready(
    struct kds_routes *routes, struct http_request *request)
{
    struct kds_certificate root;

    if (kds_store_root(
            routes->service.store, http_request_arena(request), &root) != MU_OK)
        return "no bundle was imported\n";
    if (routes->auth.keys != NULL && http_keys_now(routes->auth.keys) == NULL)
        return "no keys for tokens yet\n";
    return NULL;
}

static void on_readyz(void *ctx, struct http_request *request)
{
    const char *why = not_ready(ctx, request);

    if (why == NULL)
        http_answer(request, 200, "text/plain", span_str("ready\n"));
    else
        http_answer(request, 503, "text/plain", span_str(why));
}

const struct http_route kds_routes[] = {
    {HTTP_POST, KDS_ROOT, on_kms},
    {HTTP_GET, "/healthz", on_healthz},
    {HTTP_GET, "/readyz", on_readyz},
};

const size_t kds_routes_len = sizeof(kds_routes) / sizeof(kds_routes[0]);
