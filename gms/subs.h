/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subs.h - subscriptions: members and servers who want to know at once (TS
 * 24.481 clause 6.3.13; RFC 6665; RFC 5875; notes gms-protocol 2.1, 2.2, 2.4).
 *
 * A SUBSCRIBE says who (the token in its mcptt-info body, in clear or encrypted
 * under a CSK that came with it or before, or the identity that a trusted core
 * asserts; never From) and what (a flat list of XCAP URIs). It
 * is answered when it is on disk. From then on each thing is looked at whenever
 * the keeper says that it changed, with the eyes of that subscriber: what he
 * may not read is not there for him. What differs from what he was told last
 * goes out, one NOTIFY at a time, keys first, within the network's budgets
 * (sip/watch.h, sip/schedule.h).
 *
 * After kill -9 nobody has to subscribe again and nothing is lost: the dialogs
 * and what was told are in the store.
 *
 *     AUID/global/byGroupID/URI, AUID/users/XUI/NAME    the group's document
 *     AUID/global/byGroupID/                            every readable one
 *     the key document's address (gktp.path)            his own keys
 *     GKTP-AUID/users/URI/                              of all his groups
 *     any of these /~~/ and a node                      its content inline
 *
 * One loop, one thread.
 */
#ifndef GMS_SUBS_H
#define GMS_SUBS_H

#include "gms/conf.h"
#include "gms/group.h"
#include "gms/vault_link.h"
#include "sip/agent.h"

struct event_base;
struct gms_subs;

#define GMS_EVENT_PACKAGE "xcap-diff"

/* All outlive it. */
struct gms_subs_parts {
    struct event_base *base;
    const struct mu_clock *clock;
    const struct mu_rng *rng;
    const struct gms_conf_sip *conf;
    const struct gms_conf_gktp *gktp;
    const struct gms_conf_csk *csk;
    const struct http_auth *auth; /* keys and policy of tokens */
    const struct gms_access *access;
    struct gms_store *store;
    struct gms_groups *groups;
    struct gms_keeper *keeper;
    struct gms_audit *audit;
    struct sip_agent *agent;
    struct gms_vault_link *vault; /* opens CSKs */
    struct span identity; /* our URI, for From where no dialog has one */
};

/*
 * Reads the subscriptions from the store, and tells each what changed in the
 * meantime.
 *
 * Returns MU_OK; errors of the store; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_subs_new(
    const struct gms_subs_parts *parts, struct gms_subs **out);
/* What is in the store stays there. NULL is fine. */
void gms_subs_free(struct gms_subs *subs);

/* gms_keeper_config.on_changed: member empty: for all of them. */
void gms_subs_changed(
    struct gms_subs *subs, struct span group, struct span member);

/* Answers what the agent has. The loop watches sip_agent_fd(). */
void gms_subs_agent_ready(struct gms_subs *subs);

/*
 * Tells everybody to subscribe anew, somewhere else: terminated with reason
 * deactivated (RFC 6665 clause 4.1.3); the store forgets them. For good-bye,
 * not for a restart.
 */
void gms_subs_deactivate(struct gms_subs *subs);

struct gms_subs_stats {
    uint64_t active, waiting;
    uint64_t subscribed, refreshed, refused, notified, failed, expired;
    /* CSKs that came: opened, refused by the vault, not even shown to it or
     * not in time; keys that are there; tokens decrypted, and not. */
    uint64_t csk_opened, csk_refused, csk_limited, csks, unsealed, unread;
    uint64_t messages, deferred; /* SIP MESSAGEs sent; whose receiver was not
                                    there */
    struct sip_agent_stats agent;
};
/* NULL: zeros. */
struct gms_subs_stats gms_subs_stats(const struct gms_subs *subs);

#endif
