/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport.h - a session with a KMS over HTTPS, on the program's event loop.
 *
 * It sends what the session (kms-client/session.h) wants sent, waits when it
 * wants to wait, and says once how it ended. An access token, or a client
 * certificate of the HTTPS client's, tells the KMS who asks.
 */
#ifndef KMS_CLIENT_TRANSPORT_H
#define KMS_CLIENT_TRANSPORT_H

#include "base/clock.h"
#include "kms-client/session.h"

struct event_base;
struct http_client;
struct kms_transport;

/*
 * The session is over: end->what is KMS_DO_DONE or KMS_DO_FAIL. Called once,
 * from the loop, and the transport's last act: it may be freed in here.
 */
typedef void kms_transport_done(void *ctx, const struct kms_next *end);

/* Borrowed until kms_transport_free(), but for the token, which is copied. */
struct kms_transport_config {
    struct event_base *base;
    struct http_client *http;
    const struct mu_clock *clock;
    struct kms_session *session; /* not started yet */
    const char *bearer;          /* access token; NULL: none */
    kms_transport_done *done;
    void *ctx;
};

/*
 * Starts the session, at the loop's next turn.
 *
 * Returns MU_OK or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kms_transport_new(
    const struct kms_transport_config *config, struct kms_transport **out);

/* Ends what is under way without done being called. NULL is fine. */
void kms_transport_free(struct kms_transport *transport);

#endif
