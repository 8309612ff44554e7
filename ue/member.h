/* SPDX-License-Identifier: Apache-2.0 */
/*
 * member.h - one simulated member: enrolment and token, its keys from the KMS,
 * its groups.
 *
 * A state from beginning to end; the table is in member.c. Its enrolment file
 * is read and left where it is, as no device would: it is for tests.
 */
#ifndef UE_MEMBER_H
#define UE_MEMBER_H

#include "ue/csk.h"
#include "ue/group.h"

enum ue_member_state {
    UE_MEMBER_NEW,
    UE_MEMBER_PROVISIONING, /* no keys of its own yet */
    UE_MEMBER_READY,        /* watches its groups */
    UE_MEMBER_RENEWING,     /* does, and asks the KMS again */
    UE_MEMBER_FAILED,       /* the KMS gave it nothing */
    UE_MEMBER_STATES
};
const char *ue_member_state_name(enum ue_member_state state);

struct ue_member;

struct ue_member_config {
    struct ue_env *env;
    const char *enrolment_file, *token_file;
    const char *kds_url;       /* instead of the enrolment's; NULL: that */
    const struct span *groups; /* URIs */
    size_t group_count;
    bool watch; /* its groups, as soon as it is ready */
    /* When it has become ready, or has failed; not when it was renewed. */
    void (*on_ready)(void *ctx, struct ue_member *member);
    void (*on_settled)(void *ctx); /* as in ue/group.h; may be NULL */
    void *ctx;
};

/*
 * Reads its files. Returns MU_OK; MU_E_NOT_FOUND, MU_E_IO, MU_E_MALFORMED for
 * these; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_member_new(
    const struct ue_member_config *config, struct ue_member **out);
void ue_member_free(struct ue_member *member); /* after the pool */

/* Asks the KMS. Returns MU_OK; MU_E_STATE when it does already;
 * MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err ue_member_start(struct ue_member *member);

enum ue_member_state ue_member_state(const struct ue_member *member);
struct span ue_member_uri(const struct ue_member *member);
const struct kms_enrolment *ue_member_enrolment(const struct ue_member *member);
/* As messages see it, but for the GMS (ue/provision.h). */
void ue_member_identity(
    const struct ue_member *member, struct ue_identity *out);
/* A CSK for its group server, as ue_csk_make(). */
MU_MUST_CHECK enum mu_err ue_member_csk(
    const struct ue_member *member, struct span kms, struct ue_csk *out);
/* Its access token; borrowed as long as the member. */
const char *ue_member_bearer(const struct ue_member *member);
size_t ue_member_group_count(const struct ue_member *member);
/* What goes wrong with it; set the percentage as you like. */
struct ue_faults *ue_member_faults(struct ue_member *member);
/* Sets its clock off by so much, and looks which keys count by it. */
void ue_member_drift(struct ue_member *member, int64_t seconds);
/* As a device that is switched off and on: keeps what lies in its secure
 * storage, own keys, groups' keys and the messages it has had, and forgets
 * everything else. Its subscription is ue/sip.h's. */
void ue_member_restart(struct ue_member *member);
struct ue_group *ue_member_group(const struct ue_member *member, size_t i);

#endif
