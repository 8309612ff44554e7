/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open_store.h - the store that a command works on, and the users in it.
 *
 * Whatever fails is told by cli_fail().
 */
#ifndef KMS_CLIENT_OPEN_STORE_H
#define KMS_CLIENT_OPEN_STORE_H

#include "cli/command.h"
#include "kms-client/store.h"

struct open_store {
    struct cli *cli;
    const char *dir;
    const char *user; /* this one alone; NULL: all */
    uint64_t now_s;   /* Unix time */
    struct mu_keyring ring;
};

void open_store_clear(struct open_store *store);

/* Reads the device's key; the other members are set. */
MU_MUST_CHECK enum mu_err open_store_unlock(struct open_store *store);

/* One user's state. MU_E_NOT_FOUND is returned silently. */
MU_MUST_CHECK enum mu_err open_store_load(struct open_store *store,
    const struct kms_store_name *name, struct kms_device *out);
MU_MUST_CHECK enum mu_err open_store_save(
    struct open_store *store, const struct kms_device *device);

/*
 * Calls each for the user chosen, or for every one, until it fails. To have
 * none is a failure.
 */
typedef enum mu_err open_store_each(
    struct open_store *store, struct kms_device *device, void *ctx);
MU_MUST_CHECK enum mu_err open_store_users(
    struct open_store *store, open_store_each *each, void *ctx);

#endif
