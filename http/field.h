/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field.h - values of header fields that several programs read or write.
 *
 * Pure; spans are borrowed from the value.
 */
#ifndef HTTP_FIELD_H
#define HTTP_FIELD_H

#include "base/bytes.h"
#include "base/rng.h"

/*
 * The token of "Authorization: Bearer TOKEN" (RFC 6750 clause 2.1); the scheme
 * in any case.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED for another scheme; MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err http_field_bearer(
    struct span value, struct span *token);

/*
 * X-3GPP-Asserted-Identity (TS 24.109) or its OMA alias: URIs with commas
 * between, each in double quotes or bare; at least one, at most cap. A URI
 * passes mcptt_id_check(), and has no quote or comma in it.
 *
 * For listeners marked trusted only (http/server.h looks after that).
 *
 * Returns MU_OK with *count set; MU_E_MALFORMED; MU_E_NO_SPACE beyond cap.
 */
MU_MUST_CHECK enum mu_err http_field_asserted(
    struct span value, struct span *uris, size_t cap, size_t *count);

/*
 * Whether a Content-Type names the media type; parameters and case are not
 * looked at (RFC 9110 clause 8.3.1). type is in lower case.
 */
bool http_field_is_type(struct span value, const char *type);

/*
 * The first media range of an Accept field that names a type of XML, "text/xml"
 * or "...+xml" (RFC 7303 clauses 4 and 9), whole and without its parameters; p
 * is NULL when there is none. Weights are not looked at: who names one type
 * knows what he wants, and who names several can read each.
 */
struct span http_field_accepted_xml(struct span value);

#define HTTP_CHALLENGE_MAX 256

/*
 * WWW-Authenticate of RFC 6750 clause 3: realm, and where not NULL error
 * ("invalid_token", "insufficient_scope") and scope. All are texts of our own
 * without quotes, short enough for out.
 */
void http_field_challenge(const char *realm, const char *error,
    const char *scope, char out[HTTP_CHALLENGE_MAX]);

/*
 * Seconds for Retry-After: least_s and up to spread_s more, drawn evenly, so
 * that those who are sent away together do not come back together. Without
 * randomness it is least_s + spread_s.
 */
unsigned http_field_retry_s(
    const struct mu_rng *rng, unsigned least_s, unsigned spread_s);

#endif
