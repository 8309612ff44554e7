/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warrant.h - the result of an approved case: one user's key of one period, for
 * one investigator. A text of lines (base/lines.h):
 *
 *     muster-monitor = 1
 *     number = of the case
 *     kms_uri = ...
 *     user_uri = ...
 *     period = ...
 *     ephemeral = X25519 key in hex
 *     sealed = HEX
 *
 * sealed is the RSK (base/seal.h, label "kms monitor") with all lines above
 * bound to it, under
 *
 *     KEK = HKDF-SHA256(X25519(ephemeral, investigator),
 *         salt = ephemeral | investigator, info = "muster monitor 1", 32)
 *
 * The RSK decrypts what was sent to the user in that period. It does not sign:
 * an SSK would let its holder speak as the user, and is not handed out.
 */
#ifndef KMS_WARRANT_H
#define KMS_WARRANT_H

#include "kms/case.h"
#include "mikey/sakke.h"

#define KMS_WARRANT_TEXT_MAX 4096

/* Writes it. MU_OK; MU_E_CRYPTO; MU_E_NO_SPACE; what rng returns. */
MU_MUST_CHECK enum mu_err kms_warrant_write(struct wr *w,
    const struct kms_case *c, const struct mikey_rsk *rsk,
    const struct mu_rng *rng);

/*
 * Opens it with the investigator's key.
 *
 *   c  set: number, URIs and period
 *
 * Returns MU_OK; MU_E_NOT_FOUND when it is for somebody else; MU_E_CRYPTO when
 * it was changed; MU_E_MALFORMED; MU_E_UNSUPPORTED.
 */
MU_MUST_CHECK enum mu_err kms_warrant_open(struct span text,
    const struct kms_import_key *key, struct kms_case *c,
    struct mikey_rsk *rsk);

#endif
