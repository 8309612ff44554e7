/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/open_store.h"

void open_store_clear(struct open_store *store)
{
    mu_keyring_clear(&store->ring);
}

static enum mu_err fail(
    struct open_store *store, enum mu_err err, const char *why)
{
    return cli_fail(store->cli, err, store->dir, "%s", why);
}

enum mu_err open_store_unlock(struct open_store *store)
{
    enum mu_err err = kms_store_read_key(store->dir, &store->ring);

    switch (err) {
    case MU_OK:
        return MU_OK;
    case MU_E_NOT_FOUND:
        return fail(store, err, "is no store: it has no device.key");
    case MU_E_MALFORMED:
        return fail(store, err, "device.key is not a key");
    default:
        return fail(store, err, "device.key cannot be read");
    }
}

enum mu_err open_store_load(struct open_store *store,
    const struct kms_store_name *name, struct kms_device *out)
{
    enum mu_err err = kms_store_load(store->dir, &store->ring, name, out);

    if (err == MU_OK || err == MU_E_NOT_FOUND)
        return err;
    if (err == MU_E_CRYPTO || err == MU_E_MALFORMED)
        return cli_fail(store->cli, err, store->dir,
            "%s is damaged or sealed by another device", name->text);
    return cli_fail(store->cli, err, store->dir, "%s cannot be read: %s",
        name->text, mu_err_name(err));
}

enum mu_err open_store_save(
    struct open_store *store, const struct kms_device *device)
{
    enum mu_err err =
        kms_store_save(store->dir, &store->ring, mu_rng_system(), device);

    return err == MU_OK ? MU_OK : fail(store, err, "cannot be written to");
}

/* A walk over the users. */
struct walk {
    struct open_store *store;
    open_store_each *each;
    void *ctx;
    unsigned found;
};

static enum mu_err visit(void *ctx, const struct kms_store_name *name)
{
    MU_CLEANUP(kms_device_clear) struct kms_device device = {.keys = NULL};
    struct walk *walk = ctx;
    struct open_store *store = walk->store;
    enum mu_err err = open_store_load(store, name, &device);

    if (err == MU_E_NOT_FOUND)
        return cli_fail(store->cli, err, store->dir,
            "%s is sealed under another key than device.key", name->text);
    TRY(err);
    if (store->user != NULL && !span_eq(span_str(store->user),
                                   mcptt_id_span(&device.enrolment.user_uri)))
        return MU_OK;
    walk->found++;
    return walk->each(store, &device, walk->ctx);
}

enum mu_err open_store_users(
    struct open_store *store, open_store_each *each, void *ctx)
{
    struct walk walk = {.store = store, .each = each, .ctx = ctx};
    enum mu_err err = kms_store_walk(store->dir, visit, &walk);

    if (err != MU_OK)
        return fail(store, err, "cannot be read");
    if (walk.found == 0)
        return fail(store, MU_E_NOT_FOUND, "has no such user");
    return MU_OK;
}
