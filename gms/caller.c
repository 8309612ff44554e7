/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/caller.h"

#include <stdio.h>

#include "base/log.h"
#include "http/peer.h"

#define ADDRESS_MAX 64

static void log_refused(const char *address, const char *why)
{
    mu_log(MU_LOG_INFO, "gms.refused", mu_log_str("address", address),
        mu_log_str("why", why));
}

/* Nothing but the certificate says who it is. */
static bool is_bare_peer(const struct http_request *request)
{
    struct span asserted;

    return http_request_tag(request) == GMS_ON_MUTUAL &&
           http_request_field(request, "Authorization").p == NULL &&
           http_request_asserted(request, &asserted) == MU_E_NOT_FOUND;
}

static bool admit_peer(struct http_request *request, struct gms_caller *out)
{
    X509 *peer = http_request_peer(request);
    struct mcptt_id id = {.len = 0};
    struct span uri;

    if (peer == NULL || http_peer_uri(peer, &id) != MU_OK) {
        log_refused(
            http_request_address(request), "certificate without a user");
        http_answer_problem(request, HTTP_PROBLEM_FORBIDDEN, "no identity");
        return false;
    }
    uri = mu_arena_copy(http_request_arena(request), mcptt_id_span(&id));
    if (uri.p == NULL) {
        http_answer_err(request, MU_E_NO_MEMORY, NULL);
        return false;
    }
    *out = (struct gms_caller){.uri = uri};
    return true;
}

/* Who is refused too often is counted (gms/metrics.h), no more logged. */
static bool admit_identity(const struct http_auth *auth,
    struct http_request *request, struct gms_caller *out)
{
    enum http_token_fault fault = HTTP_TOKEN_GOOD;
    struct http_identity identity;
    char address[ADDRESS_MAX];
    enum http_auth_end end;

    (void)snprintf(
        address, sizeof(address), "%s", http_request_address(request));
    end = http_auth_admit(auth, request, &identity, &fault);
    if (end == HTTP_AUTH_REFUSED)
        log_refused(address, fault == HTTP_TOKEN_GOOD
                                 ? "no identity"
                                 : http_token_fault_name(fault));
    if (end != HTTP_AUTH_ADMITTED)
        return false;
    *out = (struct gms_caller){.uri = identity.uri,
        .asserted = identity.asserted,
        .expires_s = identity.claims.expires_s};
    return true;
}

bool gms_caller_admit(const struct http_auth *auth,
    struct http_request *request, struct gms_caller *out)
{
    bool known = is_bare_peer(request) ? admit_peer(request, out)
                                       : admit_identity(auth, request, out);

    return known && http_auth_let_in(auth, request, out->uri);
}
