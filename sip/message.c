/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/message.h"

const struct sip_part *sip_request_part(
    const struct sip_request *request, const char *type)
{
    for (size_t i = 0; i < request->part_count; i++)
        if (span_eq(request->parts[i].type, span_str(type)))
            return &request->parts[i];
    return NULL;
}

static bool is_any(struct span type)
{
    return span_eq(type, span_str("*/*")) ||
           span_eq(type, span_str("application/*"));
}

bool sip_request_accepts(const struct sip_request *request, const char *type)
{
    if (!request->has_accept)
        return true;
    for (size_t i = 0; i < request->accept_count; i++)
        if (span_eq(request->accepts[i], span_str(type)) ||
            is_any(request->accepts[i]))
            return true;
    return false;
}

/* The route set of a server is the Record-Route in its order (RFC 3261 clause
 * 12.1.1). */
enum mu_err sip_request_dialog(const struct sip_request *request,
    struct span to_tag, struct sip_dialog *out)
{
    struct sip_dialog d = {.call_id = request->call_id,
        .local_uri = request->to_uri,
        .local_tag = to_tag,
        .remote_uri = request->from_uri,
        .remote_tag = request->from_tag,
        .target = request->contact,
        .route_count = request->route_count,
        .remote_cseq = request->cseq};

    if (request->contact.len == 0 || request->from_tag.len == 0)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < request->route_count; i++)
        d.routes[i] = request->routes[i];
    *out = d;
    return MU_OK;
}
