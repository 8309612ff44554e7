/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/xcap_ask.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "http/field.h"

#define ERROR_MAX  6144 /* octets of an xcap-error */
#define FIELD_MAX  256
#define RETRY_S    1
#define RETRY_MORE 4

struct gms_ask *gms_ask_of(struct mu_job *job)
{
    return (
        struct gms_ask *)(void *)((char *)job - offsetof(struct gms_ask, job));
}

static void ask_free(struct gms_ask *ask)
{
    gms_document_unref(ask->document);
    mu_arena_clear(&ask->arena);
    mu_free(ask);
}

static const char *method_name(const struct gms_ask *ask)
{
    if (ask->head)
        return "HEAD";
    switch (ask->method) {
    case HTTP_PUT:
        return "PUT";
    case HTTP_DELETE:
        return "DELETE";
    case HTTP_POST:
        return "POST";
    default:
        return "GET";
    }
}

static void log_answer(const struct gms_ask *ask, unsigned status)
{
    mu_log(MU_LOG_INFO, "gms.xcap", mu_log_str("method", method_name(ask)),
        mu_log_octets("target", ask->uri.target),
        mu_log_octets("user", ask->caller.uri), mu_log_u64("status", status));
}

/* The request, if it still waits for this answer. */
static struct http_request *request_of(
    const struct gms_ask *ask, unsigned status)
{
    log_answer(ask, status);
    return http_server_find(ask->xcap->server, ask->id);
}

/* RFC 4825 clause 9: no cache between us and the client answers in our place.
 * The tag stands in quotes here, and nowhere else. */
static void add_etag(struct http_request *request, struct span etag)
{
    char text[FIELD_MAX];

    http_answer_field(request, "Cache-Control", "no-cache");
    if (etag.len == 0 || etag.len > FIELD_MAX - 3)
        return;
    (void)snprintf(
        text, sizeof(text), "\"%.*s\"", (int)etag.len, (const char *)etag.p);
    http_answer_field(request, "ETag", text);
}

static void answer(struct gms_ask *ask, unsigned status, struct span etag,
    const char *type, struct span body)
{
    struct http_request *request = request_of(ask, status);

    if (request != NULL) {
        add_etag(request, etag);
        http_answer(request, status, type, body);
    }
    ask_free(ask);
}

static const struct span nothing = {NULL, 0};

void gms_ask_end_done(struct gms_ask *ask, unsigned status, struct span etag)
{
    answer(ask, status, etag, NULL, nothing);
}

void gms_ask_end_failed(struct gms_ask *ask, struct span etag)
{
    answer(ask, 412, etag, NULL, nothing);
}

void gms_ask_end_problem(
    struct gms_ask *ask, enum http_problem problem, const char *detail)
{
    struct http_request *request =
        request_of(ask, http_problem_status(problem));

    if (request != NULL)
        http_answer_problem(request, problem, detail);
    ask_free(ask);
}

void gms_ask_end_busy(struct gms_ask *ask)
{
    struct http_request *request = request_of(ask, 503);

    if (request != NULL)
        http_answer_busy(request,
            http_field_retry_s(ask->xcap->parts.rng, RETRY_S, RETRY_MORE));
    ask_free(ask);
}

void gms_ask_end_err(struct gms_ask *ask, enum mu_err err)
{
    if (err == MU_E_STATE)
        gms_ask_end_busy(ask);
    else
        gms_ask_end_problem(ask, http_problem_of(err), NULL);
}

void gms_ask_end_method(struct gms_ask *ask, const char *allow)
{
    struct http_request *request = request_of(ask, 405);

    if (request != NULL) {
        http_answer_field(request, "Allow", allow);
        http_answer_problem(request, HTTP_PROBLEM_METHOD_NOT_ALLOWED, NULL);
    }
    ask_free(ask);
}

void gms_ask_end_refused(
    struct gms_ask *ask, const struct xml_xcap_error *error)
{
    uint8_t text[ERROR_MAX];
    struct span body = {NULL, 0};
    struct wr w;
    enum mu_err err;

    wr_init(&w, text, sizeof(text));
    err = xml_xcap_error_write(&w, error);
    if (err == MU_OK)
        err = wr_close(&w, &body);
    if (err != MU_OK)
        gms_ask_end_problem(ask, HTTP_PROBLEM_CONFLICT, NULL);
    else
        answer(ask, 409, nothing, XML_XCAP_ERROR_TYPE, body);
}

void gms_ask_end_text(
    struct gms_ask *ask, const char *type, struct span text, struct span etag)
{
    switch (gms_match_judge(&ask->match, etag, ask->method == HTTP_GET)) {
    case GMS_MATCH_GO:
        answer(ask, 200, etag, type, text);
        break;
    case GMS_MATCH_NOT_MODIFIED:
        answer(ask, 304, etag, NULL, nothing);
        break;
    case GMS_MATCH_FAILED:
        gms_ask_end_failed(ask, etag);
        break;
    }
}

/* ------------------------------------------------------------------- a node */

static void run_get(struct mu_job *job)
{
    struct gms_ask *ask = gms_ask_of(job);

    ask->err = xml_xcap_get(
        ask->text, &ask->uri, &ask->arena, &ask->fault, &ask->result);
}

static const char *node_type(const struct gms_ask *ask)
{
    switch (ask->uri.kind) {
    case XML_XCAP_AT_ATTRIBUTE:
        return XML_XCAP_TYPE_ATTRIBUTE;
    case XML_XCAP_AT_NAMESPACES:
        return XML_XCAP_TYPE_NAMESPACES;
    case XML_XCAP_AT_DOCUMENT:
    case XML_XCAP_AT_ELEMENT:
        break;
    }
    return XML_XCAP_TYPE_ELEMENT;
}

static void done_get(struct mu_job *job, enum mu_err err)
{
    struct gms_ask *ask = gms_ask_of(job);

    if (err == MU_OK)
        err = ask->err;
    if (err != MU_OK)
        gms_ask_end_err(ask, err);
    else
        gms_ask_end_text(ask, node_type(ask), ask->result, ask->etag);
}

static const struct mu_job_kind getting = {run_get, done_get};

void gms_ask_end_get(
    struct gms_ask *ask, const char *type, struct span text, struct span etag)
{
    if (ask->uri.kind == XML_XCAP_AT_DOCUMENT) {
        gms_ask_end_text(ask, type, text, etag);
        return;
    }
    ask->text = text;
    ask->etag = etag;
    ask->job.kind = &getting;
    gms_work(ask->xcap->parts.pool, &ask->job, text.len);
}
