/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redirect.h - whether a KMS redirect response is followed (TS 33.180 clauses
 * 5.2.8 and D.4; notes 33180 clause 5.1 and gms-protocol 2.5).
 *
 * Somebody on the path, most often the member, says by SIP 488 that a message
 * was made for the wrong KMS, and which one he takes. That is a hint by anybody
 * who can answer a request. It is followed to a KMS alone that the operator
 * allows (sip.redirect_kmss) and whose certificate our own KMS has given us, so
 * a false one can keep a key from a member and never give it to somebody else.
 * It is for that reason that its signature, by X.509 keys that no KMS hands
 * out, is not looked at. Three redirects of one key are one too many for
 * anything but a loop.
 *
 * Pure, but for the certificates that it is asked about.
 */
#ifndef GMS_REDIRECT_H
#define GMS_REDIRECT_H

#include "base/arena.h"
#include "base/conf.h"
#include "gms/domains.h"

#define GMS_REDIRECTS_MAX 3 /* of one key on its way to one member */

enum gms_redirect {
    GMS_REDIRECT_FOLLOW,
    GMS_REDIRECT_NO_CERTIFICATE, /* allowed, and we cannot wrap for it */
    GMS_REDIRECT_NOT_ALLOWED,
    GMS_REDIRECT_SAME, /* the KMS that the message was for */
    GMS_REDIRECT_LOOP, /* too often, by our count or by its nesting: what is
                          beyond the limits of xml/kms_krr.h is, too */
    GMS_REDIRECT_MALFORMED,
    GMS_REDIRECT_VERDICTS
};
/* A few words, for logs and people. */
const char *gms_redirect_name(enum gms_redirect verdict);

struct gms_redirect_terms {
    const struct mu_conf_strs *allowed; /* URIs of KMSs */
    const struct gms_domains *domains;
    uint64_t now_s;      /* Unix */
    struct span present; /* the KMS that the message was for */
    unsigned hops;       /* redirects of this key to this member so far */
};

struct gms_redirect_found {
    struct span kms; /* in the arena */
    unsigned hops;   /* with this one */
};

/*
 * Judges one. Of several KMSs in it the first good one is taken, of those that
 * its outermost layer names: earlier layers are what was said before.
 *
 *   out  set for GMS_REDIRECT_FOLLOW
 */
enum gms_redirect gms_redirect_judge(struct span krr,
    const struct gms_redirect_terms *terms, struct mu_arena *arena,
    struct gms_redirect_found *out);

#endif
