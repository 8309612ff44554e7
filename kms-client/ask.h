/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.h - one request to a KMS: its URL and its body (TS 33.180 annexes D.1
 * and D.2.2).
 *
 * The URL is the server's, the root path and the resource:
 *
 *     /init                      the root certificate
 *     /keyprov/URI/TIME          keys; TIME is 64 bits of NTP in hex
 *     /certcache/NUMBER          external certificates newer than NUMBER
 *     /cert/KMS-URI              one of them
 *
 * A URI is percent-encoded. The body is a KmsRequest signed with the user's InK
 * (clause 9.3.5); Release 13 has none.
 */
#ifndef KMS_CLIENT_ASK_H
#define KMS_CLIENT_ASK_H

#include "base/rng.h"
#include "kms-client/reply.h"
#include "xml/dsig.h"
#include "xml/kms_message.h"

#define KMS_ASK_URL_MAX     (XML_KMS_URL_MAX + 1) /* with its NUL */
#define KMS_ASK_ELEMENT_MAX 16384 /* a URL and two URIs, escaped */
#define KMS_ASK_BODY_MAX    (KMS_ASK_ELEMENT_MAX + XML_SIGN_OVERHEAD)

struct kms_ask {
    enum kms_reply_kind kind;
    struct span uri;    /* of KEYPROV the user's, of CERT a KMS's */
    uint64_t time_s;    /* of KEYPROV, Unix: the period of that time */
    uint64_t cache_num; /* of CERTCACHE */
};

/*
 * server is the URL without a path, "https://kds.example.org:8444".
 * Returns MU_OK or MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err kms_ask_url(
    const char *server, const struct kms_ask *ask, char out[KMS_ASK_URL_MAX]);

/*
 * The signed request to that URL, made at now_s.
 *
 * Returns MU_OK; what rng returned; MU_E_NO_SPACE; MU_E_NO_MEMORY; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err kms_ask_body(const struct kms_enrolment *enrolment,
    const char *url, uint64_t now_s, const struct mu_rng *rng, struct wr *out);

#endif
