/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer.h - whose a client certificate is: the URI among its subject
 * alternative names (RFC 5280 clause 4.2.1.6), which is a user's MC service ID
 * or an operator's, octet for octet.
 */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include <openssl/x509.h>

#include "mcptt/ident.h"

/*
 * The certificate was verified before.
 *
 * Returns MU_OK; MU_E_NOT_FOUND when it has no URI, MU_E_MALFORMED when it has
 * several or one that is no identity; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err http_peer_uri(X509 *peer, struct mcptt_id *out);

#endif
