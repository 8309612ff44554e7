/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reseal.h - the rotation of the key that seals the store: what an older KEK
 * seals is sealed under the newest one, until the older one can be destroyed
 * (gmsd(8), "Another KEK").
 *
 * The vault does it, a batch at a time and behind whatever else it is asked;
 * the front never sees what is inside. What is left to do is what the store
 * says, so that a rotation that is killed goes on where it was; that one was
 * ordered is in the store, too. An object is replaced only if nobody has
 * changed it meanwhile. An envelope that does not open is dropped, as the vault
 * would sign nothing from it, and made again when it is needed; a key that does
 * not open stays and is counted.
 *
 * One loop, one thread. Callers hold no transaction.
 */
#ifndef GMS_RESEAL_H
#define GMS_RESEAL_H

#include "gms/audit.h"
#include "gms/store.h"
#include "gms/vault_link.h"

struct event_base;
struct gms_reseal;

struct gms_reseal_config {
    struct event_base *base;
    struct gms_store *store;
    struct gms_vault_link *vault;
    struct gms_audit *audit;
};
MU_MUST_CHECK enum mu_err gms_reseal_new(
    const struct gms_reseal_config *config, struct gms_reseal **out);
void gms_reseal_free(struct gms_reseal *reseal); /* NULL is fine */

/* A vault is there, and which KEKs it has. */
void gms_reseal_vault_up(
    struct gms_reseal *reseal, const struct gms_vault_hello *hello);

/* It has its certificates: a rotation that was ordered goes on. */
void gms_reseal_vault_ready(struct gms_reseal *reseal);
void gms_reseal_vault_down(struct gms_reseal *reseal);

/*
 * The first KEK that something is sealed under and that the vault has not.
 *
 * Returns MU_OK with *out set; MU_E_NOT_FOUND: there is none; errors of the
 * store.
 */
MU_MUST_CHECK enum mu_err gms_reseal_missing(
    struct gms_reseal *reseal, struct gms_store_kek *out);

/*
 * Orders a rotation to the KEK that seals. One that is under way goes on.
 *
 * Returns MU_OK when it is ordered, in the store and the audit log; MU_E_STATE
 * without a vault that is ready; errors of the store.
 */
MU_MUST_CHECK enum mu_err gms_reseal_order(
    struct gms_reseal *reseal, struct span actor);

struct gms_reseal_status {
    bool known; /* a vault has been there; otherwise the next three are zero */
    struct mu_kek_id keks[MU_KEYRING_MAX]; /* of the vault, the last seals */
    size_t kek_count;
    struct mu_kek_id identity; /* the identity file is sealed under */
    bool running;
    /* Of the rotation that runs, or ran last since this process began. */
    uint64_t keys, envelopes; /* sealed anew */
    uint64_t dropped;         /* envelopes that did not open */
    uint64_t unreadable;      /* keys that did not open; they stay */
};
struct gms_reseal_status gms_reseal_status(const struct gms_reseal *reseal);

#endif
