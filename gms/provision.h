/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision.h - our own keys: from the KMS into the store, and from there to
 * the vault.
 *
 * The group management server is a user of a KMS as others are. What the KMS
 * sends it comes here (kms-client/session.h, unopened): certificates, and keys
 * wrapped under the TrK, which the vault alone has. All of it lies in the
 * store, so that a start needs no KMS. Each new vault is told all of it again.
 *
 * It is asked for at the start, every kds.refresh_s, and ahead of the end of a
 * key period for whose successor there are no keys.
 *
 * One loop, one thread. It opens transactions of its own, from the loop.
 */
#ifndef GMS_PROVISION_H
#define GMS_PROVISION_H

#include "base/clock.h"
#include "base/rng.h"
#include "gms/conf.h"
#include "gms/store.h"
#include "gms/vault_link.h"
#include "kms-client/keyset.h"

struct gms_provision;

/* Borrowed until gms_provision_free(). */
struct gms_provision_config {
    struct event_base *base;
    const struct mu_clock *clock;
    const struct mu_rng *rng;
    struct gms_store *store;
    struct gms_vault_link *vault;
    const struct gms_conf_kds *kds;
    const char *enrolment_file; /* its TrK is zeros */
    /* The vault has taken all that we have, the keys of the present period
     * among it. After each new vault and each change. */
    void (*on_ready)(void *ctx);
    void *ctx;
};

/*
 * Reads enrolment and store, and asks the KMS from the loop's next turn on.
 *
 * Returns MU_OK; errors of gms_key_file_read() and kms_enrolment_read() for the
 * enrolment, MU_E_DENIED when it has a TrK; MU_E_IO or MU_E_MALFORMED for the
 * store; MU_E_NO_MEMORY. What the store has and does not verify is left out: it
 * will be fetched again.
 */
MU_MUST_CHECK enum mu_err gms_provision_new(
    const struct gms_provision_config *config, struct gms_provision **out);
void gms_provision_free(struct gms_provision *provision); /* NULL is fine */

/* What came so far. The same set until the end, its contents change. */
const struct kms_keyset *gms_provision_keys(
    const struct gms_provision *provision);

/* Our URI as a user of the KMS, of the enrolment; borrowed. */
struct span gms_provision_identity(const struct gms_provision *provision);

/* A vault is there that knows nothing yet: called on its on_up. */
void gms_provision_vault_up(struct gms_provision *provision);

/* Asks the KMS now, if it is not being asked. */
void gms_provision_refresh(struct gms_provision *provision);

struct gms_provision_status {
    bool has_now, has_next;   /* keys of this period and the next */
    uint64_t next_s;          /* when that one begins; 0: unknown */
    bool told;                /* the vault has all of it */
    uint64_t fetched, failed; /* sessions with the KMS */
    uint64_t certificates;    /* home and others */
};
struct gms_provision_status gms_provision_status(
    const struct gms_provision *provision);

#endif
