/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_client.h - a member's key document at its GMS: where it is, and fetching
 * it over HTTPS (notes gms-protocol 2.3: the address is UNKNOWN in the
 * standard, and so a setting here as there).
 */
#ifndef UE_GMS_CLIENT_H
#define UE_GMS_CLIENT_H

#include "http/client.h"

/* As gmsd has it by default. */
#define UE_KEY_PATH "/xcap/org.3gpp.MCPTT-GKTP/users/{mcptt_id}/{gid_encoded}"
#define UE_URL_MAX  2048
#define UE_ETAG_MAX 128

/*
 * The address of a member's key document for a group: server, "https://" and
 * host and port, then the path with {mcptt_id} and {gid_encoded} replaced by
 * the two URIs, percent-encoded.
 *
 * Returns MU_OK, or MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err ue_key_url(const char *server, const char *path,
    struct span member, struct span group, char out[UE_URL_MAX]);

/* The ETag that If-None-Match will name, its quotes included. */
struct ue_etag {
    char text[UE_ETAG_MAX]; /* empty: none */
};

/* Whose document, and what of it is there. Borrowed for the call. */
struct ue_key_call {
    const char *url;
    const char *bearer; /* access token */
    const struct ue_etag *have;
};

/* Begins a GET. As http_client_start(). */
MU_MUST_CHECK enum mu_err ue_key_get(struct http_client *http,
    const struct ue_key_call *call, http_done *done, void *ctx, uint64_t *id);

/* Of an answer with a document; empty when it has none that we keep. */
void ue_etag_of(const struct http_reply *reply, struct ue_etag *out);

#define UE_RETRY_AFTER_MAX_S 3600 /* a longer one is cut */

/* How long a GMS that is busy (429, 503) wants to be left alone, as it says in
 * seconds; 0: it does not say, or there is no answer. */
uint64_t ue_retry_after_ms(const struct http_reply *reply);

#endif
