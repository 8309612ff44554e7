/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyset_octets.h - a key set (kms-client/keyset.h) in octets, for who keeps
 * it:
 *
 *     | length (16) | root certificate; 0: none |
 *     | count (16) | count x ( length (16) | external certificate ) |
 *     | count (16) | count x ( period (64) | UID (256) |
 *                              3 x ( length (16) | wrapped key ) ) |
 *
 * Keys are in it as they came, wrapped under the user's TrK. Who reads it
 * checks everything again: it is believed no more than a server.
 */
#ifndef KMS_CLIENT_KEYSET_OCTETS_H
#define KMS_CLIENT_KEYSET_OCTETS_H

#include "kms-client/keyset.h"

void kms_keyset_write(struct wr *w, const struct kms_keyset *keys);

/*
 * Reads and checks.
 *
 *   trust  whom to believe about certificates
 *   trk    opens the keys; NULL: they stay closed
 *   keys   new and empty; on failure some may be in it
 *
 * Returns MU_OK; MU_E_MALFORMED; what kms_cert_new() and kms_keyset_add()
 * refuse; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kms_keyset_read(struct rd *r,
    const struct kms_trust *trust, const struct mcptt_trk *trk,
    struct kms_keyset *keys);

#endif
