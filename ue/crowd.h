/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd.h - all members of one process, and the loop they live on.
 */
#ifndef UE_CROWD_H
#define UE_CROWD_H

#include "ue/member.h"
#include "ue/order.h"

#define UE_MEMBERS_MAX 5000

struct ue_crowd;

/* All borrowed as long as the crowd. */
struct ue_crowd_config {
    const char *gms_url, *key_path; /* ue/env.h */
    struct span gms_id;
    const char *kds_url; /* NULL: what each enrolment says */
    const char *ca_file; /* NULL: the system's */
    const struct span *groups;
    size_t group_count;
    uint64_t poll_ms, spread_ms; /* ue/env.h */
    bool receipts;               /* are sent, spread over so long */
    uint64_t receipt_spread_ms;
    /* Be told of keys instead of looking (ue/sip.h); NULL: look. */
    const char *sip_server, *sip_address;
    const char *sip_tls_dir; /* NULL: by TCP */
    uint32_t sip_expires_s;
    unsigned sip_answer_ms; /* ue/sip.h */
    bool sip_documents;
    bool sip_csk;
    struct span sip_kms;
    bool sip_messages;    /* the same there */
    unsigned threads;     /* 0: one for each processor */
    unsigned connections; /* to all servers together; 0: 64 */
    struct ue_report *report;
    bool watch;
    void (*on_ready)(void *ctx, struct ue_member *member);
    void (*on_settled)(void *ctx); /* may be NULL */
    void *ctx;
};

/* Returns MU_OK; MU_E_NO_MEMORY; MU_E_IO. */
MU_MUST_CHECK enum mu_err ue_crowd_new(
    const struct ue_crowd_config *config, struct ue_crowd **out);
void ue_crowd_free(struct ue_crowd *crowd); /* NULL is fine */

/* One more member, by its files. As ue_member_new(); MU_E_NO_SPACE beyond
 * UE_MEMBERS_MAX. */
MU_MUST_CHECK enum mu_err ue_crowd_add(
    struct ue_crowd *crowd, const char *enrolment_file, const char *token_file);

size_t ue_crowd_count(const struct ue_crowd *crowd);
struct ue_member *ue_crowd_member(const struct ue_crowd *crowd, size_t i);
struct event_base *ue_crowd_base(const struct ue_crowd *crowd);

/*
 * Starts the members, some at a time, and turns the loop until ue_crowd_stop(),
 * SIGTERM or SIGINT. Returns MU_OK or MU_E_IO.
 */
MU_MUST_CHECK enum mu_err ue_crowd_run(struct ue_crowd *crowd);
void ue_crowd_stop(struct ue_crowd *crowd);

/*
 * Does to its members what an order says, and reports it as an event, "fault".
 *
 * Returns MU_OK; MU_E_NOT_FOUND when there is no such member; errors of
 * ue_capture().
 */
MU_MUST_CHECK enum mu_err ue_crowd_order(
    struct ue_crowd *crowd, const struct ue_order *order);

#endif
