/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gms/api_inside.h"
#include "gms/api_once.h"
#include "http/server.h"

#define JSON_TYPE "application/json"

static const struct row {
    unsigned status;
    const char *code;
} rows[GMS_API_PROBLEMS] = {
    [GMS_API_MALFORMED] = {400, "malformed"},
    [GMS_API_KEY_NEEDED] = {400, "idempotency-key-required"},
    [GMS_API_FORBIDDEN] = {403, "forbidden"},
    [GMS_API_NO_SUCH_PATH] = {404, "not-found"},
    [GMS_API_NO_GROUP] = {404, "group-not-found"},
    [GMS_API_NO_MEMBER] = {404, "member-not-found"},
    [GMS_API_METHOD] = {405, "method-not-allowed"},
    [GMS_API_GROUP_EXISTS] = {409, "group-exists"},
    [GMS_API_UNKNOWN_MEMBER] = {409, "unknown-member"},
    [GMS_API_INVALID] = {409, "invalid-group"},
    [GMS_API_NOT_KEYED] = {409, "not-keyed"},
    [GMS_API_NOTHING_TO_UNDO] = {409, "nothing-to-undo"},
    [GMS_API_CHANGED] = {409, "changed-meanwhile"},
    [GMS_API_KEY_REUSED] = {409, "idempotency-key-reused"},
    [GMS_API_IN_PROGRESS] = {409, "in-progress"},
    [GMS_API_OUTCOME] = {409, "outcome-unknown"},
    [GMS_API_PRECONDITION] = {412, "precondition-failed"},
    [GMS_API_TOO_LARGE] = {413, "too-large"},
    [GMS_API_TYPE] = {415, "unsupported-media-type"},
    [GMS_API_TOO_MANY] = {429, "too-many-requests"},
    [GMS_API_INTERNAL] = {500, "internal"},
    [GMS_API_UNAVAILABLE] = {503, "unavailable"},
};

unsigned gms_api_problem_status(enum gms_api_problem problem)
{
    return rows[problem].status;
}

const char *gms_api_problem_code(enum gms_api_problem problem)
{
    return rows[problem].code;
}

void gms_api_field(
    struct gms_api_call *call, const char *name, struct span value)
{
    char *copy = mu_arena_text(&call->arena, value);

    if (copy == NULL || call->fields == GMS_API_FIELDS_MAX)
        return;
    call->field[call->fields].name = name;
    call->field[call->fields].value = copy;
    call->fields++;
}

void gms_api_etag(struct gms_api_call *call, struct span etag)
{
    char text[128];

    (void)snprintf(
        text, sizeof(text), "\"%.*s\"", (int)etag.len, (const char *)etag.p);
    gms_api_field(call, "ETag", span_str(text));
}

static void send(struct gms_api_call *call, unsigned status, const char *type,
    struct span text)
{
    struct http_request *request =
        http_server_find(gms_api_server(call->api), call->request_id);

    if (request == NULL)
        return; /* the client has gone, or its time was over */
    for (size_t i = 0; i < call->fields; i++)
        http_answer_field(request, call->field[i].name, call->field[i].value);
    http_answer_field(request, "Cache-Control", "no-store");
    http_answer(request, status, type, text);
}

void gms_api_answer_text(struct gms_api_call *call, unsigned status,
    const char *type, struct span text)
{
    gms_once_keep(call, status, text);
    send(call, status, type, text);
    gms_api_drop(call);
}

static json_t *now_of(const struct gms_api_call *call)
{
    char text[MU_TIME_TEXT];

    mu_time_write(mu_clock_unix_ms(call->parts->clock), text);
    return json_string(text);
}

/* Takes body; a problem's text for want of one. */
static void answer_json(
    struct gms_api_call *call, unsigned status, const char *type, json_t *body)
{
    char *text = NULL;

    if (json_object_set_new(body, "now", now_of(call)) == 0)
        text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (text == NULL) {
        call->forget = true;
        gms_api_answer_text(call, 500, HTTP_PROBLEM_TYPE,
            span_str("{\"status\":500,\"code\":\"internal\"}"));
        return;
    }
    gms_api_answer_text(call, status, type, span_str(text));
    free(text);
}

void gms_api_answer(struct gms_api_call *call, unsigned status, json_t *body)
{
    answer_json(call, status, JSON_TYPE, body);
}

void gms_api_fail(
    struct gms_api_call *call, enum gms_api_problem problem, const char *detail)
{
    const struct row *row = &rows[problem];

    /* What failed for now may go well the next time with the same key. */
    if (row->status >= 500 || problem == GMS_API_CHANGED ||
        problem == GMS_API_TOO_MANY)
        call->forget = true;
    if (row->status == 503 || row->status == 429)
        gms_api_field(call, "Retry-After", span_str("1"));
    answer_json(call, row->status, HTTP_PROBLEM_TYPE,
        json_pack("{s:s, s:i, s:s, s:s*}", "title",
            http_status_phrase(row->status), "status", (int)row->status, "code",
            row->code, "detail", detail));
}

/* No default: the compiler asks for each new code. */
static enum gms_api_problem problem_of(enum mu_err err)
{
    switch (err) {
    case MU_E_MALFORMED:
    case MU_E_UNSUPPORTED:
        return GMS_API_MALFORMED;
    case MU_E_DENIED:
        return GMS_API_FORBIDDEN;
    case MU_E_NOT_FOUND:
        return GMS_API_NO_GROUP;
    case MU_E_STATE:
        return GMS_API_NOT_KEYED;
    case MU_E_NO_SPACE:
        return GMS_API_TOO_LARGE;
    case MU_E_NO_MEMORY:
    case MU_E_EXPIRED:
        return GMS_API_UNAVAILABLE;
    case MU_OK:
    case MU_E_IO:
    case MU_E_CRYPTO:
        break;
    }
    return GMS_API_INTERNAL;
}

void gms_api_fail_err(struct gms_api_call *call, enum mu_err err)
{
    gms_api_fail(call, problem_of(err), NULL);
}

bool gms_api_may(
    const struct gms_api_call *call, enum gms_right right, struct span group)
{
    return gms_access_may(call->parts->access, &call->caller, right, group);
}

bool gms_api_number(struct gms_api_call *call, const char *name,
    uint64_t otherwise, uint64_t *out)
{
    char why[64];

    if (gms_query_number(call->query, name, otherwise, out) == MU_OK)
        return true;
    (void)snprintf(why, sizeof(why), "parameter \"%s\" is no number", name);
    gms_api_fail(call, GMS_API_MALFORMED, why);
    return false;
}

bool gms_api_text(struct gms_api_call *call, const char *name, struct span *out)
{
    char why[64];

    if (gms_query_text(call->query, name, &call->arena, out) == MU_OK)
        return true;
    (void)snprintf(why, sizeof(why), "parameter \"%s\" is no text", name);
    gms_api_fail(call, GMS_API_MALFORMED, why);
    return false;
}

bool gms_api_doc(struct gms_api_call *call, struct gms_doc *doc)
{
    enum mu_err err =
        gms_store_doc(call->parts->store, call->group, &call->arena, doc);

    if (err != MU_OK)
        gms_api_fail_err(call, err);
    return err == MU_OK;
}
