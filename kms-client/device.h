/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h - what a device knows of one user, and its form in octets:
 *
 *     | version = 1 (8) | signed seen (8) | cache number (64) |
 *     | length (16) | enrolment, as in its file |
 *     | key set (kms-client/keyset_octets.h) |
 *
 * It holds TrK and InK, so it is written to a sealed file only
 * (kms-client/store.h). Who reads it checks everything again: it is believed
 * no more than a server.
 */
#ifndef KMS_CLIENT_DEVICE_H
#define KMS_CLIENT_DEVICE_H

#include "base/buf.h"
#include "kms-client/keyset.h"

struct kms_device {
    struct kms_enrolment enrolment;
    struct kms_keyset *keys;
    uint64_t cache_num; /* kms-client/session.h */
    bool signed_seen;   /* its KMS signs envelopes: none without from now on */
};

void kms_device_clear(struct kms_device *device); /* wipes; for MU_CLEANUP */

/*
 * A user enrolled, without keys as yet.
 * Returns MU_OK or MU_E_NO_MEMORY; *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err kms_device_init(
    struct kms_device *out, const struct kms_enrolment *enrolment);

/* Adds its octets to out. Returns MU_OK; MU_E_NO_MEMORY; MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err kms_device_write(
    const struct kms_device *device, struct buf *out);

/*
 * Reads and checks.
 *
 *   out  set on success, untouched on failure; the caller's to clear
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version; what
 * kms_cert_new() and kms_keyset_add() refuse; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kms_device_read(
    struct span octets, struct kms_device *out);

#endif
