/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller.h - who sends a request to gmsd (DESIGN section 6; gms-protocol notes
 * 3.2): by token, by asserted identity, or by the certificate alone.
 *
 * The order is http/auth.h's; beside it, on the mutual listener, a certificate
 * whose subjectAltName has a URI speaks for its holder when the request carries
 * neither token nor asserted identity. An identity in any other place (From,
 * a query, a body) counts for nothing.
 */
#ifndef GMS_CALLER_H
#define GMS_CALLER_H

#include "gms/access.h"

/* Tags of the front's listeners (http/server.h). */
enum gms_listener {
    GMS_ON_TOKENS, /* each request carries a token */
    GMS_ON_MUTUAL, /* a token, an asserted identity, or the certificate's URI */
    GMS_ON_HEALTH  /* plain, loopback */
};

/*
 * Finds out who asks; texts lie in the request or its arena. False when nobody
 * may, or he asks too often (limits.requests_per_s, limits.failures_per_s;
 * 429): then the request is answered and gone, and a refusal's reason was
 * logged.
 */
bool gms_caller_admit(const struct http_auth *auth,
    struct http_request *request, struct gms_caller *out);

#endif
