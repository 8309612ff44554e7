/* SPDX-License-Identifier: Apache-2.0 */
/*
 * master.h - the master secrets of a KMS, and how they are sealed.
 *
 * At rest they are one sealed object (base/seal.h) under the sealing key, which
 * itself is kept in shares alone (kms/shares.h). The text of kms.conf is bound
 * to it: with another configuration it does not open. The object is
 *
 *     | version = 1 (8) | z_T (1024) | KSAK (256) | cert (256) |
 *     | bundle (256) | users (256) |
 *
 * The v of an ECCSI extraction needs no key here: mikey_eccsi_extract() makes
 * it of KSAK, identity and fresh randomness.
 */
#ifndef KMS_MASTER_H
#define KMS_MASTER_H

#include "base/keyring.h"
#include "base/seal.h"
#include "kms/facts.h"
#include "kms/shares.h"
#include "xml/cert_key.h"

struct kms_master {
    struct mikey_sakke_secret z;
    struct mikey_eccsi_secret ksak;
    struct xml_cert_key cert;  /* signs certificates (ECDSA, P-256) */
    struct mu_sign_key bundle; /* signs bundles */
    struct mu_kek users;       /* seals users' TrK and InK */
};

#define KMS_MASTER_PLAIN_LEN  (1 + MIKEY_MOD_LEN + 4 * 32)
#define KMS_MASTER_SEALED_LEN MU_SEAL_LEN(KMS_MASTER_PLAIN_LEN)

/* Wipes it; for MU_CLEANUP. */
void kms_master_clear(struct kms_master *master);

/* New secrets, all in range. Returns MU_OK, what rng returns, MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err kms_master_make(
    const struct mu_rng *rng, struct kms_master *out);

/* The public halves. MU_OK; MU_E_MALFORMED for a secret out of range. */
MU_MUST_CHECK enum mu_err kms_master_public(
    const struct kms_master *master, struct kms_public *out);

/* A new sealing key. MU_OK or what rng returns. */
MU_MUST_CHECK enum mu_err kms_sealing_key_make(
    const struct mu_rng *rng, struct kms_sealing_key *out);

/*
 * The sealing key of --insecure-test-key: the same for everybody, for tests and
 * demonstrations. Returns MU_OK or MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err kms_sealing_key_test(struct kms_sealing_key *out);

/*
 * Writes kms.conf and master.sealed into a new directory.
 *
 *   facts  their keys are those of master
 *
 * Returns MU_OK; MU_E_STATE when there is one already; errors of mu_seal() and
 * of files.
 */
MU_MUST_CHECK enum mu_err kms_master_store(const struct kms_dir *dir,
    const struct kms_facts *facts, const struct kms_master *master,
    const struct kms_sealing_key *key, const struct mu_rng *rng);

/*
 * Opens the master secrets of a directory, and checks that they belong to the
 * public keys of its facts.
 *
 * Returns MU_OK; MU_E_NOT_FOUND when the key is that of another KMS, or a file
 * is missing; MU_E_CRYPTO when a file was changed; MU_E_MALFORMED;
 * MU_E_UNSUPPORTED.
 */
MU_MUST_CHECK enum mu_err kms_master_load(const struct kms_dir *dir,
    const struct kms_sealing_key *key, struct kms_facts *facts,
    struct kms_master *out);

#endif
