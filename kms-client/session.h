/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - getting a user's keys from his KMS (TS 33.180 clause 5.3 and
 * annex D): which request comes next, and what to make of the answer.
 *
 * A state machine without input or output. Each call takes an event and the
 * time and yields what to do: send a request, wait, or stop. The steps are
 *
 *     init        the root certificate
 *     keyprov     the user's keys of this key period
 *     keyprov     and of the next, which the KMS may not have yet
 *     certcache   certificates of other security domains, newer than ours
 *     cert        those that the caller asks for by name, if still missing
 *
 * What an answer brings is in the key set (kms-client/keyset.h) as soon as it
 * has been checked, so a session that fails half way has spoilt nothing. An
 * answer that is busy or lost is asked for again, later; one that is wrong
 * ends the session: the same server would send it again.
 */
#ifndef KMS_CLIENT_SESSION_H
#define KMS_CLIENT_SESSION_H

#include "base/rng.h"
#include "kms-client/keyset.h"

#define KMS_SESSION_TRIES     5    /* of one request */
#define KMS_SESSION_REDIRECTS 3    /* in a session */
#define KMS_SESSION_PAUSE_MAX 3600 /* seconds; a longer Retry-After is cut */
#define KMS_SESSION_WHY_MAX   192
/* Keys of past periods stay that long: for what was sent and not yet read. */
#define KMS_SESSION_KEEP_S UINT64_C(172800)

/* A KMS that the home KMS may send us to, and where it is reached. */
struct kms_peer {
    struct span kms_uri;
    const char *url; /* "https://kms.example.net:8444" */
};

/* All borrowed as long as the session. */
struct kms_session_config {
    const struct kms_enrolment *enrolment; /* TrK unused when unopened */
    struct kms_keyset *keys;               /* of the enrolment's user */
    const struct mu_rng *rng;              /* names requests */
    const struct kms_peer *peers;
    size_t peers_len;
    const struct span *wanted; /* KMS URIs whose certificates to ask for */
    size_t wanted_len;
    uint64_t cache_num;      /* of the last certcache; 0 at first */
    uint64_t skew_s;         /* between our clock and an answer's; 0: 300 */
    bool unsigned_requests;  /* Release 13: POST without a body */
    bool unsigned_responses; /* accepted when the envelope has no signature */
    bool unopened;           /* hold the keys closed */
    /* For who runs many sessions with one KMS: a certificate of its, whose
     * object is taken when the KMS gives the very same; NULL: none. */
    struct kms_cert *known;
};

struct kms_request {
    const char *method; /* always "POST" */
    const char *url;
    const char *type; /* of the body; NULL without one */
    struct span body;
};

enum kms_do {
    KMS_DO_SEND, /* request, then kms_session_answer() */
    KMS_DO_WAIT, /* until at_s, then kms_session_wake() */
    KMS_DO_DONE,
    KMS_DO_FAIL /* err and why */
};

/* What to do next; borrowed from the session until its next call. */
struct kms_next {
    enum kms_do what;
    struct kms_request request;
    uint64_t at_s;
    enum mu_err err;
    const char *why; /* one line for people */
};

/* How a request ended. Borrowed for the call. */
struct kms_answer {
    enum mu_err err; /* MU_OK: there is a status */
    const char *why; /* of an err */
    unsigned status;
    struct span retry_after; /* the field's value; empty when absent */
    struct span body;
};

struct kms_session;

/* Returns MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err kms_session_new(
    const struct kms_session_config *config, struct kms_session **out);
void kms_session_free(struct kms_session *session);

/*
 * The three events; now_s is Unix time. *next is set in every case.
 *
 * Return MU_OK, or MU_E_STATE for an event that is not awaited, and then
 * nothing changes. That a session fails is in *next.
 */
MU_MUST_CHECK enum mu_err kms_session_start(
    struct kms_session *session, uint64_t now_s, struct kms_next *next);
MU_MUST_CHECK enum mu_err kms_session_answer(struct kms_session *session,
    const struct kms_answer *answer, uint64_t now_s, struct kms_next *next);
MU_MUST_CHECK enum mu_err kms_session_wake(
    struct kms_session *session, uint64_t now_s, struct kms_next *next);

/* What it learnt besides the keys. */
struct kms_session_facts {
    uint64_t cache_num; /* for the next session */
    bool signed_seen;   /* an envelope had a signature, and it was good */
    bool lacks_next;    /* the KMS has no keys for the next period yet */
};

struct kms_session_facts kms_session_facts(const struct kms_session *session);

#endif
