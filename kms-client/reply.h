/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reply.h - one answer of a KMS, checked, and what it brings put into the key
 * set (TS 33.180 annex D.2.3 and D.3).
 *
 * An answer that fails half way may have added what stood before; all of that
 * was checked for itself.
 */
#ifndef KMS_CLIENT_REPLY_H
#define KMS_CLIENT_REPLY_H

#include "kms-client/keyset.h"

#define KMS_REPLY_WHY_MAX 192

enum kms_reply_kind {
    KMS_REPLY_INIT,      /* the root certificate */
    KMS_REPLY_KEYPROV,   /* key sets */
    KMS_REPLY_CERTCACHE, /* external certificates */
    KMS_REPLY_CERT       /* one of them */
};

/* What an answer has to be. Borrowed. */
struct kms_expected {
    enum kms_reply_kind kind;
    const struct kms_enrolment *enrolment;
    struct span url;        /* that was asked, and is to be in ClientReqUrl */
    struct span wanted;     /* KMS URI, of KMS_REPLY_CERT */
    uint64_t now_s;         /* Unix time */
    uint64_t skew_s;        /* how far Time may be from it */
    bool unsigned_ok;       /* the envelope needs no signature */
    bool unopened;          /* do not unwrap keys */
    struct kms_cert *known; /* as in kms-client/session.h */
};

struct kms_brought {
    bool is_signed;     /* by the user's InK */
    uint64_t cache_num; /* of a KMS_REPLY_CERTCACHE */
    unsigned key_sets, certs;
    char why[KMS_REPLY_WHY_MAX]; /* of a failure, for people */
};

/*
 * out is set in every case.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED; MU_E_EXPIRED when Time is
 * not now, a certificate's time is over or has not come; MU_E_DENIED for
 * another user, KMS or request, an unsigned envelope or certificate, an older
 * certificate, keys in clear, or a KmsError; MU_E_CRYPTO for a false signature
 * or keys that are not the user's; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kms_reply_take(const struct kms_expected *expected,
    struct span body, struct kms_keyset *keys, struct kms_brought *out);

/*
 * Whether body is a KmsRedirectResponse, and whither: the first of its KMS URIs
 * for which permitted(ctx, uri) is true.
 *
 * Returns MU_OK; MU_E_DENIED when none is; MU_E_MALFORMED for anything else.
 */
typedef bool kms_permitted(void *ctx, struct span kms_uri);
MU_MUST_CHECK enum mu_err kms_reply_redirect(
    struct span body, kms_permitted *permitted, void *ctx);

#endif
