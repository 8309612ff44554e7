/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_route.h"

#include <string.h>

#include "http/server.h"

/* The next part of a pattern, its slash taken; empty at the end. */
static struct span next_part(const char **at)
{
    const char *from = *at;
    size_t len;

    if (*from == '/')
        from++;
    len = strcspn(from, "/");
    *at = from + len;
    return (struct span){(const uint8_t *)from, len};
}

static bool matches(const char *pattern, const struct http_path *path,
    size_t at, struct gms_api_params *params)
{
    params->len = 0;
    for (;; at++) {
        struct span part = next_part(&pattern);

        if (part.len == 0 || at == path->len)
            return part.len == 0 && at == path->len;
        if (part.p[0] == '{' && params->len < GMS_API_PARAMS_MAX)
            params->at[params->len++] = path->segment[at];
        else if (!span_eq(part, path->segment[at]))
            return false;
    }
}

const struct gms_api_route *gms_api_find(const struct gms_api_table *table,
    unsigned method, const struct http_path *path, size_t rest,
    struct gms_api_params *params, unsigned *allowed)
{
    if (method == HTTP_HEAD)
        method = HTTP_GET;
    *allowed = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct gms_api_route *row = &table->rows[i];

        if (!matches(row->pattern, path, rest, params))
            continue;
        if (row->method == method)
            return row;
        *allowed |= row->method;
    }
    return NULL;
}
