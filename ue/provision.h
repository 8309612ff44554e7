/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision.h - a member's own keys: a session with its KMS, then each period's
 * keys opened and checked by the workers.
 *
 * The session holds keys closed (kms-client/session.h): to check one takes a
 * pairing's time, and thousands of members share one loop.
 */
#ifndef UE_PROVISION_H
#define UE_PROVISION_H

#include "kms-client/enrol.h"
#include "ue/env.h"
#include "ue/open.h"

struct ue_provision;

/* Called at the end of each attempt, from the loop; why is one line. */
typedef void ue_provisioned(void *ctx, enum mu_err err, const char *why);

struct ue_provision_config {
    struct ue_env *env;
    const struct kms_enrolment *enrolment; /* borrowed, as long */
    const char *bearer;                    /* access token; borrowed, too */
    const struct mu_clock *clock;          /* the member's; borrowed, too */
    ue_provisioned *done;
    void *ctx;
};

/* Returns MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err ue_provision_new(
    const struct ue_provision_config *config, struct ue_provision **out);
/* After the pool. NULL is fine. */
void ue_provision_free(struct ue_provision *provision);

/*
 * Begins an attempt: done() is called at its end. What earlier ones brought
 * stays.
 *
 * Returns MU_OK; MU_E_STATE while one is under way; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_provision_start(struct ue_provision *provision);

/* The member as messages see it, but for the GMS; borrowed until the next
 * attempt. */
void ue_provision_identity(
    const struct ue_provision *provision, struct ue_identity *out);

/* The key period of that moment, and whether keys for the next are there. */
struct ue_provision_status {
    uint64_t period;
    bool has_next;
};
MU_MUST_CHECK enum mu_err ue_provision_status(
    const struct ue_provision *provision, uint64_t now_s,
    struct ue_provision_status *out);

#endif
