/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip.h - members who are told of their keys: each has a subscription of its
 * own to the event package xcap-diff, all over one user agent (TS 24.481
 * clause 6.3.13.2; RFC 5875; notes gms-protocol 2.1 to 2.3).
 *
 * A member asks for the keys of each of its groups, as content that the NOTIFY
 * brings along or as documents that it fetches then. What comes without its
 * content is fetched, too. Nothing is polled. Messages that come beside a
 * NOTIFY's xcap-diff, or as a SIP MESSAGE, are taken as well (ue/sip_keys.h);
 * to one for a user of another KMS the answer is 488 with a redirect to the
 * member's own.
 *
 * One loop, one thread.
 */
#ifndef UE_SIP_H
#define UE_SIP_H

#include "ue/member.h"

struct ue_sip;

/* All borrowed as long. */
struct ue_sip_config {
    struct ue_env *env;
    const char *server;  /* where requests go: "sip:gms@127.0.0.1:5060" */
    const char *address; /* numeric, where NOTIFYs are to come */
    /* A folder with agent.pem, certificate and key, and cafile.pem: requests
     * and NOTIFYs by TLS alone (sip/agent.h); NULL: by TCP. */
    const char *tls_dir;
    uint32_t expires_s;
    unsigned answer_ms; /* to a request of ours; 0: 32 s */
    bool documents;     /* be told that a document changed, and fetch it */
    bool messages;      /* subscribe to group documents: keys by MESSAGE */
    size_t members;     /* at most */
    /* Send a CSK with each SUBSCRIBE, and the token encrypted under it. */
    bool csk;
    struct span gms_kms; /* KmsUri of the group server's; empty: their own */
};

/* Starts the user agent. Errors of sip_agent_start(). */
MU_MUST_CHECK enum mu_err ue_sip_new(
    const struct ue_sip_config *config, struct ue_sip **out);
/* Without good-bye, as a device that loses its network. NULL is fine. */
void ue_sip_free(struct ue_sip *sip);

/*
 * Subscribes the member, and again whenever that has ended but by the server's
 * will. The member outlives it.
 *
 * Returns MU_OK; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_sip_subscribe(
    struct ue_sip *sip, struct ue_member *member);

/* The member was switched off and on: it knows nothing of its subscription, to
 * which it does not say good-bye, and makes another one. */
void ue_sip_restart(struct ue_sip *sip, const struct ue_member *member);

#endif
