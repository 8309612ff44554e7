/* SPDX-License-Identifier: Apache-2.0 */
/*
 * officers.h - who may approve monitoring: names and Ed25519 keys.
 *
 * The file D/officers is a text of lines (base/lines.h):
 *
 *     muster-officers = 1
 *     officer = NAME KEY        KEY in hex; once an officer
 *     seal = HEX                an empty sealed object (base/seal.h) under the
 *                               user-key key, the lines above bound to it
 *
 * so that officers are made where the shares are, and not by an editor. An
 * officer's own key is in a file of his:
 *
 *     muster-officer-key = 1
 *     name = NAME
 *     key = HEX
 */
#ifndef KMS_OFFICERS_H
#define KMS_OFFICERS_H

#include "base/keyring.h"
#include "base/rng.h"
#include "base/sign.h"
#include "kms/dir.h"

#define KMS_OFFICERS_MAX     16
#define KMS_OFFICER_NAME_MAX 32

struct kms_officer {
    char name[KMS_OFFICER_NAME_MAX + 1]; /* a-z, 0-9, '.' and '-' */
    struct mu_verify_key key;
};

struct kms_officers {
    struct kms_officer at[KMS_OFFICERS_MAX];
    size_t len;
};

/* 1..KMS_OFFICER_NAME_MAX of the characters above. MU_OK or MU_E_MALFORMED. */
MU_MUST_CHECK enum mu_err kms_officer_name_set(
    struct kms_officer *officer, struct span name);

/*
 * Reads the file; no file is no officers.
 *
 *   ring  holds the user-key key; NULL: the seal is not looked at, and the
 *         result is good for a first refusal only
 *
 * Returns MU_OK; MU_E_CRYPTO when the file was changed; MU_E_MALFORMED;
 * MU_E_UNSUPPORTED; errors of files.
 */
MU_MUST_CHECK enum mu_err kms_officers_load(const struct kms_dir *dir,
    const struct mu_keyring *ring, struct kms_officers *out);

/* Replaces the file. MU_OK; errors of mu_seal() and of files. */
MU_MUST_CHECK enum mu_err kms_officers_save(const struct kms_dir *dir,
    const struct mu_keyring *ring, const struct mu_rng *rng,
    const struct kms_officers *officers);

/* The officer of that name; NULL for none. */
const struct kms_officer *kms_officers_find(
    const struct kms_officers *officers, const char *name);

/*
 * Adds one. Returns MU_OK; MU_E_STATE when name or key is in already;
 * MU_E_NO_SPACE past KMS_OFFICERS_MAX.
 */
MU_MUST_CHECK enum mu_err kms_officers_add(
    struct kms_officers *officers, const struct kms_officer *officer);

/* An officer's own key file; the caller wipes the text. MU_OK, MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err kms_officer_key_write(struct wr *w,
    const struct kms_officer *officer, const struct mu_sign_key *key);

/*
 * Reads it; the public key is made of the secret one.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err kms_officer_key_read(
    struct span text, struct kms_officer *officer, struct mu_sign_key *key);

#endif
