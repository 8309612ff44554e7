/* SPDX-License-Identifier: Apache-2.0 */
/*
 * users.h - the users of a KMS, and the keys between it and each of them.
 *
 * The file D/users is a text: a line "muster-users 1", then one user a line in
 * the order of the URIs' octets, blanks between the fields:
 *
 *     active|revoked SERIAL SINCE URI SEALED
 *
 * SERIAL numbers the user's enrolments from 1: a new TrK and InK have a higher
 * one. SINCE is the Unix time of the state. SEALED, in hex, is TrK and InK
 * under the KMS's user-key key (base/seal.h, label "kms user"), with state,
 * serial and URI bound to it: whoever edits the file finds that the keys of
 * that user no longer open, and nobody is un-revoked by an editor.
 */
#ifndef KMS_USERS_H
#define KMS_USERS_H

#include "base/keyring.h"
#include "base/seal.h"
#include "kms/dir.h"
#include "mcptt/ident.h"
#include "mcptt/transport.h"

#define KMS_USERS_MAX       1000000
#define KMS_USER_SEALED_LEN MU_SEAL_LEN(MCPTT_TRK_LEN + MCPTT_INK_LEN)

enum kms_user_state {
    KMS_USER_ACTIVE,
    KMS_USER_REVOKED /* gets no keys */
};

struct kms_user {
    struct mcptt_id uri;
    enum kms_user_state state;
    uint64_t serial, since_s;
    uint8_t sealed[KMS_USER_SEALED_LEN];
};

/* The keys of one enrolment. */
struct kms_user_keys {
    struct mcptt_trk trk;
    struct mcptt_ink ink;
};

/* Wipes them; for MU_CLEANUP. */
void kms_user_keys_clear(struct kms_user_keys *keys);

/* In the order of the URIs; starts as {0}, given back by its _clear. */
struct kms_users {
    struct kms_user **at;
    size_t len, cap;
};

void kms_users_clear(struct kms_users *users);

/*
 * Reads the file; no file is no users.
 *
 *   line  set on MU_E_MALFORMED: the line, from 1; may be NULL
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version;
 * MU_E_NO_MEMORY; MU_E_IO. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err kms_users_load(
    const struct kms_dir *dir, struct kms_users *out, size_t *line);

/* Replaces the file. MU_OK; MU_E_NO_MEMORY; MU_E_IO. */
MU_MUST_CHECK enum mu_err kms_users_save(
    const struct kms_dir *dir, const struct kms_users *users);

/* The user of that URI, octet for octet; NULL for none. */
struct kms_user *kms_users_find(const struct kms_users *users, struct span uri);

/* Who is enrolled, when, and where the randomness of his keys comes from. */
struct kms_enrolling {
    struct span uri;
    uint64_t now_s; /* Unix time */
    const struct mu_rng *rng;
};

/*
 * Enrols a user: a new one, or a known one again with new keys, be he active or
 * revoked. ring holds the user-key key.
 *
 *   out   set to him, good until users is cleared
 *   keys  set to his new keys; the caller wipes them
 *
 * Returns MU_OK; MU_E_MALFORMED for a URI that mcptt_id_check() refuses;
 * MU_E_NO_SPACE past KMS_USERS_MAX; MU_E_NO_MEMORY; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err kms_users_enrol(struct kms_users *users,
    const struct mu_keyring *ring, const struct kms_enrolling *who,
    struct kms_user **out, struct kms_user_keys *keys);

/*
 * Marks a user as revoked; his keys stay sealed.
 *
 * Returns MU_OK; MU_E_STATE when he is already; MU_E_CRYPTO when his record was
 * changed.
 */
MU_MUST_CHECK enum mu_err kms_user_revoke(struct kms_user *user,
    const struct mu_keyring *ring, uint64_t now_s, const struct mu_rng *rng);

/* His keys. Returns MU_OK; MU_E_CRYPTO when his record was changed. */
MU_MUST_CHECK enum mu_err kms_user_open(const struct kms_user *user,
    const struct mu_keyring *ring, struct kms_user_keys *out);

#endif
