/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_import.h - takes a bundle of the offline KMS (kms/bundle.h) into the
 * store: as a whole or not at all.
 *
 * Believed is what the pinned key signed, and only in order: no bundle twice,
 * none left out, none of another history. On top of that each item is checked
 * for what kdsd will do with it, so that a mistake of the KMS is found when the
 * bundle arrives and not when a user asks.
 */
#ifndef KMS_KDS_IMPORT_H
#define KMS_KDS_IMPORT_H

#include "base/keyring.h"
#include "base/sign.h"
#include "kms/import_key.h"
#include "kms/kds_store.h"

struct kds_import_config {
    struct mu_verify_key bundle_key; /* pinned */
    struct span kms_uri;             /* whose bundles; verbatim */
    /* To open the InKs; NULL leaves them out, and signed requests with them. */
    const struct kms_import_key *import_key;
    const struct mu_keyring *kek; /* not empty, with an import_key */
    const struct mu_rng *rng;
};

struct kds_import_result {
    uint64_t sequence;
    size_t certificates, users, revoked, key_sets;
    struct mu_chain_head log_head; /* the KMS's log: this is its witness */
};

/* Why not: one line for people, without LF. */
#define KDS_IMPORT_WHY_MAX 512

struct kds_import_why {
    char text[KDS_IMPORT_WHY_MAX];
};

/*
 * Imports one bundle; on failure the store is as before, also when the process
 * is killed on the way.
 *
 *   bundle  the whole file; borrowed for the call
 *   out     set on success
 *   why     set on failure
 *
 * Returns MU_OK; MU_E_CRYPTO for another signer, or an InK or key set that is
 * not what it should be; MU_E_MALFORMED, MU_E_UNSUPPORTED; MU_E_STATE for a
 * bundle imported before; MU_E_NOT_FOUND when one is missing in between;
 * MU_E_DENIED for a fork or a bundle of another KMS; MU_E_IO, MU_E_NO_MEMORY,
 * MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err kds_import(struct kds_store *store,
    const struct kds_import_config *config, struct span bundle,
    struct kds_import_result *out, struct kds_import_why *why);

#endif
