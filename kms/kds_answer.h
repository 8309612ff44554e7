/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_answer.h - what kdsd answers (TS 33.180 annex D): from who asks for what,
 * to a status and the XML of a KmsResponse. No network here.
 *
 * Key sets and certificates go out as the offline KMS made them, octet for
 * octet. With online signing the envelope around them is signed with the user's
 * InK (clause 9.3.5).
 *
 * Refusals are KmsErrors; their codes are those of HTTP, since the standard's
 * list is not known:
 *
 *     400  not a request, or one that contradicts itself
 *     403  another user's keys, a revoked user, a signature or Time that is
 *          not good, no signature where one is required
 *     404  no such user, key set or certificate
 *     500  the store or a key failed
 */
#ifndef KMS_KDS_ANSWER_H
#define KMS_KDS_ANSWER_H

#include "base/buf.h"
#include "base/keyring.h"
#include "kms/kds_conf.h"
#include "kms/kds_store.h"
#include "kms/kds_target.h"

/* What answers are made from. */
struct kds_service {
    struct kds_store *store;
    const struct mu_keyring *kek; /* empty: no InK opens */
    struct span kms_uri;
    bool online_signing;
    enum kds_signed signed_requests;
    uint64_t request_age_s;
    uint64_t next_periods;
};

struct kds_ask {
    struct span user; /* as authenticated, octet for octet */
    struct kds_target target;
    struct span url;  /* that was posted to */
    struct span body; /* empty: the request of Release 13 */
    uint64_t now_s;   /* Unix time */
};

struct kds_reply {
    unsigned status;
    const char *why; /* of a refusal, for the log: static storage; or "" */
    struct buf body;
};

/* For MU_CLEANUP. */
void kds_reply_clear(struct kds_reply *reply);

/*
 * Answers. Whatever is wrong becomes a reply; what is left is MU_E_NO_MEMORY
 * and the like, for which there is no body.
 */
MU_MUST_CHECK enum mu_err kds_answer(const struct kds_service *service,
    const struct kds_ask *ask, struct kds_reply *out);

#endif
