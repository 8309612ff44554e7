/* SPDX-License-Identifier: Apache-2.0 */
#include "http/problem.h"

#include <jansson.h>

static const struct row {
    unsigned status;
    const char *code;
} rows[] = {
    [HTTP_PROBLEM_MALFORMED] = {400, "malformed"},
    [HTTP_PROBLEM_INVALID_TOKEN] = {401, "invalid-token"},
    [HTTP_PROBLEM_FORBIDDEN] = {403, "forbidden"},
    [HTTP_PROBLEM_INSUFFICIENT_SCOPE] = {403, "insufficient-scope"},
    [HTTP_PROBLEM_STALE] = {403, "stale"},
    [HTTP_PROBLEM_NOT_VERIFIED] = {403, "not-verified"},
    [HTTP_PROBLEM_NOT_FOUND] = {404, "not-found"},
    [HTTP_PROBLEM_METHOD_NOT_ALLOWED] = {405, "method-not-allowed"},
    [HTTP_PROBLEM_CONFLICT] = {409, "conflict"},
    [HTTP_PROBLEM_PRECONDITION_FAILED] = {412, "precondition-failed"},
    [HTTP_PROBLEM_TOO_LARGE] = {413, "too-large"},
    [HTTP_PROBLEM_URI_TOO_LONG] = {414, "uri-too-long"},
    [HTTP_PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {415, "unsupported-media-type"},
    [HTTP_PROBLEM_TOO_MANY_REQUESTS] = {429, "too-many-requests"},
    [HTTP_PROBLEM_INTERNAL] = {500, "internal"},
    [HTTP_PROBLEM_NOT_IMPLEMENTED] = {501, "not-implemented"},
    [HTTP_PROBLEM_UNAVAILABLE] = {503, "unavailable"},
};

static const struct phrase {
    unsigned status;
    const char *text;
} phrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

unsigned http_problem_status(enum http_problem problem)
{
    return rows[problem].status;
}

const char *http_problem_code(enum http_problem problem)
{
    return rows[problem].code;
}

const char *http_status_phrase(unsigned status)
{
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        if (phrases[i].status == status)
            return phrases[i].text;
    return "";
}

/* No default: the compiler asks for each new code. */
enum http_problem http_problem_of(enum mu_err err)
{
    switch (err) {
    case MU_E_MALFORMED:
        return HTTP_PROBLEM_MALFORMED;
    case MU_E_UNSUPPORTED:
        return HTTP_PROBLEM_NOT_IMPLEMENTED;
    case MU_E_DENIED:
        return HTTP_PROBLEM_FORBIDDEN;
    case MU_E_NOT_FOUND:
        return HTTP_PROBLEM_NOT_FOUND;
    case MU_E_EXPIRED:
        return HTTP_PROBLEM_STALE;
    case MU_E_STATE:
        return HTTP_PROBLEM_CONFLICT;
    case MU_E_NO_SPACE:
        return HTTP_PROBLEM_TOO_LARGE;
    case MU_E_NO_MEMORY:
        return HTTP_PROBLEM_UNAVAILABLE;
    case MU_E_CRYPTO:
        return HTTP_PROBLEM_NOT_VERIFIED;
    case MU_OK:
    case MU_E_IO:
        break;
    }
    return HTTP_PROBLEM_INTERNAL;
}

static size_t dump(enum http_problem problem, const char *detail, char *out)
{
    const struct row *row = &rows[problem];
    json_t *body = json_pack("{s:s, s:i, s:s, s:s*}", "title",
        http_status_phrase(row->status), "status", (int)row->status, "code",
        row->code, "detail", detail);
    size_t len = body == NULL ? 0
                              : json_dumpb(body, out, HTTP_PROBLEM_MAX,
                                    JSON_COMPACT | JSON_ENSURE_ASCII);

    json_decref(body);
    return len <= HTTP_PROBLEM_MAX ? len : 0;
}

enum mu_err http_problem_write(enum http_problem problem, const char *detail,
    char out[HTTP_PROBLEM_MAX], size_t *len)
{
    size_t n = dump(problem, detail, out);

    if (n == 0 && detail != NULL)
        n = dump(problem, NULL, out);
    if (n == 0)
        return MU_E_NO_MEMORY;
    *len = n;
    return MU_OK;
}
