/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - what a device keeps of its users: a folder, in it a file a user,
 * sealed (base/seal.h) under the device's key, which is a file beside them or
 * comes from elsewhere.
 *
 *     DIR/device.key             32 octets
 *     DIR/0123456789abcdef.user  the name is from the user's URI
 *
 * A file is replaced as a whole, on disk before its old one goes. Keys are in
 * it as they came, wrapped under the TrK: reading checks everything again, so
 * that a store is believed no more than a server.
 */
#ifndef KMS_CLIENT_STORE_H
#define KMS_CLIENT_STORE_H

#include "base/keyring.h"
#include "base/rng.h"
#include "kms-client/device.h"

/* The file name of a user: 16 hex digits and ".user". */
#define KMS_STORE_NAME_LEN 21

struct kms_store_name {
    char text[KMS_STORE_NAME_LEN + 1];
};

/* Returns MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err kms_store_name(
    const struct mcptt_id *user, struct kms_store_name *out);

/*
 * Seals and writes a user's file.
 *
 * Returns MU_OK; MU_E_IO; MU_E_NO_SPACE; MU_E_NO_MEMORY; MU_E_CRYPTO. On
 * failure the file is as it was.
 */
MU_MUST_CHECK enum mu_err kms_store_save(const char *dir,
    const struct mu_keyring *ring, const struct mu_rng *rng,
    const struct kms_device *device);

/*
 * Reads a user's file. *out is set on success; the caller's to clear.
 *
 * Returns MU_OK; MU_E_NOT_FOUND for no such file, or when the ring has not the
 * key that sealed it; MU_E_CRYPTO when an octet was changed, the file is
 * another user's, or its contents do not verify; MU_E_MALFORMED;
 * MU_E_UNSUPPORTED for a file of a later release; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kms_store_load(const char *dir,
    const struct mu_keyring *ring, const struct kms_store_name *name,
    struct kms_device *out);

/* Makes the folder where there is none, and the device's key where there is
 * none. Returns MU_OK; MU_E_IO; MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err kms_store_make(
    const char *dir, const struct mu_rng *rng);

/* Adds the device's key to a ring. Returns MU_OK; MU_E_NOT_FOUND without such
 * a file; MU_E_MALFORMED for one of another length; MU_E_IO; and as
 * mu_keyring_add(). */
MU_MUST_CHECK enum mu_err kms_store_read_key(
    const char *dir, struct mu_keyring *ring);

/*
 * Calls each for the files of users, in order of their names, as long as it
 * returns MU_OK, and returns what it returned last. MU_E_NOT_FOUND when there
 * is no such folder; MU_E_NO_MEMORY.
 */
typedef enum mu_err kms_store_each(
    void *ctx, const struct kms_store_name *name);
MU_MUST_CHECK enum mu_err kms_store_walk(
    const char *dir, kms_store_each *each, void *ctx);

#endif
