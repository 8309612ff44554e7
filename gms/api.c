/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "gms/api_inside.h"
#include "gms/api_once.h"
#include "http/field.h"
#include "http/server.h"
#include "mcptt/ident.h"

struct http_server *gms_api_server(const struct gms_api *api)
{
    return api->server;
}

void gms_api_set_server(struct gms_api *api, struct http_server *server)
{
    api->server = server;
}

void gms_api_changed(struct gms_api *api, struct span group)
{
    gms_api_asks_changed(api->asks, group);
    gms_api_streams_changed(api->streams);
}

enum mu_err gms_api_new(const struct gms_api_parts *parts, struct gms_api **out)
{
    struct gms_api *api = mu_alloc(sizeof(*api));
    enum mu_err err;

    if (api == NULL)
        return MU_E_NO_MEMORY;
    api->parts = *parts;
    err = gms_api_asks_new(api, &api->asks);
    if (err == MU_OK)
        err = gms_api_streams_new(api, &api->streams);
    if (err != MU_OK) {
        gms_api_free(api);
        return err;
    }
    *out = api;
    return MU_OK;
}

static void call_free(struct gms_api_call *call)
{
    json_decref(call->body);
    mu_arena_clear(&call->arena);
    mu_free(call);
}

void gms_api_free(struct gms_api *api)
{
    if (api == NULL)
        return;
    gms_api_asks_free(api->asks);
    gms_api_streams_free(api->streams);
    while (api->calls != NULL) {
        struct gms_api_call *call = api->calls;

        api->calls = call->next;
        gms_vault_link_forget(api->parts.vault, call);
        call_free(call);
    }
    mu_free(api);
}

void gms_api_drop(struct gms_api_call *call)
{
    struct gms_api_call **at = &call->api->calls;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    call_free(call);
}

/* What the handler may need after the request is gone. */
static enum mu_err keep_request(struct gms_api_call *call)
{
    struct span query = http_request_path(call->request)->query;
    struct span tag = http_request_field(call->request, "If-Match");
    struct gms_api_params *params = &call->params;

    for (size_t i = 0; i < params->len; i++)
        params->at[i] = mu_arena_copy(&call->arena, params->at[i]);
    if (params->len > 0)
        call->group = params->at[0];
    if (query.p != NULL)
        call->query = mu_arena_copy(&call->arena, query);
    if (tag.p != NULL)
        call->if_match = mu_arena_copy(&call->arena, tag);
    call->caller.uri = mu_arena_copy(&call->arena, call->caller.uri);
    return mu_arena_err(&call->arena);
}

static void answer_method(struct gms_api_call *call, unsigned allowed)
{
    static const struct {
        unsigned method;
        const char *name;
    } names[] = {{HTTP_GET, "GET, HEAD"}, {HTTP_POST, "POST"},
        {HTTP_PUT, "PUT"}, {HTTP_DELETE, "DELETE"}, {HTTP_PATCH, "PATCH"}};
    char text[64] = "";
    size_t len = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((allowed & names[i].method) != 0)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
                len > 0 ? ", " : "", names[i].name);
    gms_api_field(call, "Allow", span_str(text));
    gms_api_fail(call, GMS_API_METHOD, NULL);
}

static bool find_route(struct gms_api_call *call)
{
    unsigned allowed = 0;

    call->route = gms_api_find(&gms_api_routes,
        http_request_method(call->request), http_request_path(call->request),
        http_request_rest(call->request), &call->params, &allowed);
    if (call->route != NULL)
        return true;
    if (allowed != 0)
        answer_method(call, allowed);
    else
        gms_api_fail(call, GMS_API_NO_SUCH_PATH, NULL);
    return false;
}

static bool check_params(struct gms_api_call *call)
{
    for (size_t i = 0; i < call->params.len; i++)
        if (mcptt_id_check(call->params.at[i]) != MU_OK) {
            gms_api_fail(call, GMS_API_MALFORMED,
                "a segment of the path is no URI; percent-encode it whole");
            return false;
        }
    if (gms_query_is_known(call->query, call->route->query))
        return true;
    gms_api_fail(
        call, GMS_API_MALFORMED, "a parameter of the query is not known here");
    return false;
}

static bool check_right(struct gms_api_call *call)
{
    const struct gms_api_route *route = call->route;
    char why[64];

    if ((route->flags & GMS_API_ANY) != 0 ||
        gms_api_may(call, route->right, call->group))
        return true;
    (void)snprintf(why, sizeof(why), "the right \"%s\" is needed",
        gms_right_name(route->right));
    mu_log(MU_LOG_INFO, "api.forbidden",
        mu_log_octets("user", call->caller.uri),
        mu_log_str("route", route->pattern),
        mu_log_octets("group", call->group));
    gms_api_fail(call, GMS_API_FORBIDDEN, why);
    return false;
}

static bool is_json(struct span type)
{
    return http_field_is_type(type, "application/json") ||
           http_field_is_type(type, "application/merge-patch+json");
}

static bool read_body(struct gms_api_call *call)
{
    struct span body = http_request_body(call->request);
    struct span type = http_request_field(call->request, "Content-Type");
    char why[GMS_JSON_WHY_MAX];

    if (call->route->body == NULL)
        return true;
    if (body.len > 0 && !is_json(type)) {
        gms_api_fail(call, GMS_API_TYPE, "application/json, please");
        return false;
    }
    if (gms_json_read(body, call->route->body, call->route->body_len, why,
            &call->body) == MU_OK)
        return true;
    gms_api_fail(call, GMS_API_MALFORMED, why);
    return false;
}

static bool begin_once(struct gms_api_call *call)
{
    struct span key = http_request_field(call->request, "Idempotency-Key");
    struct span what[3] = {span_str("POST"), http_request_target(call->request),
        http_request_body(call->request)};

    if (call->route->method != HTTP_POST)
        return true;
    if (key.p == NULL && (call->route->flags & GMS_API_KEYED) != 0) {
        gms_api_fail(call, GMS_API_KEY_NEEDED,
            "name this request by a field Idempotency-Key of your choice");
        return false;
    }
    return gms_once_begin(call, key, what);
}

/* Each check answers the call when it fails, which is then no more. */
static void serve(struct gms_api_call *call)
{
    enum mu_err err;

    if (!find_route(call))
        return;
    err = keep_request(call);
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    if (!check_params(call) || !check_right(call) || !read_body(call) ||
        !begin_once(call))
        return;
    call->route->handler(call);
}

void gms_api_request(struct gms_api *api, struct http_request *request)
{
    struct gms_api_call *call = mu_alloc(sizeof(*call));

    if (call == NULL) {
        http_answer_busy(request, http_field_retry_s(api->parts.rng, 1, 2));
        return;
    }
    mu_arena_init(&call->arena, GMS_API_ARENA_MAX);
    if (!gms_caller_admit(api->parts.auth, request, &call->caller)) {
        call_free(call);
        return;
    }
    call->api = api;
    call->parts = &api->parts;
    call->request = request;
    call->request_id = http_request_id(request);
    call->next = api->calls;
    api->calls = call;
    serve(call);
}
