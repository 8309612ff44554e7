/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/extract.h"

#include <assert.h>

#define PAIRING_EVERY 100

_Static_assert(KMS_EXTRACT_MAX <= MIKEY_SAKKE_CHECK_MAX, "checked at once");

void kms_extracted_clear(struct kms_extracted *keys)
{
    mu_wipe(keys, sizeof(*keys));
}

static enum mu_err derive_uids(const struct kms_extractor *e, uint64_t period,
    const struct span *users, size_t n, struct kms_extracted *out)
{
    struct mcptt_uid_source source = {
        .kms = e->kms_uri, .rule = e->rule, .number = period};

    for (size_t i = 0; i < n; i++) {
        source.identity = users[i];
        TRY(mcptt_uid_derive(&source, &out[i].uid));
    }
    return MU_OK;
}

/* Extracted, and checked before they leave as the KMS can: all at once. */
static enum mu_err extract_rsks(
    const struct kms_extractor *e, size_t n, struct kms_extracted *out)
{
    struct span ids[KMS_EXTRACT_MAX] = {{NULL, 0}};
    struct mikey_rsk keys[KMS_EXTRACT_MAX];
    enum mu_err err;

    for (size_t i = 0; i < n; i++)
        ids[i] = SPAN_OF(out[i].uid.b);
    err = mikey_sakke_extract_many(e->z, ids, n, e->rng, keys);
    if (err == MU_OK)
        err = mikey_sakke_check_many(e->z, ids, keys, n, e->rng);
    for (size_t i = 0; i < n && err == MU_OK; i++)
        out[i].rsk = keys[i];
    mu_wipe(keys, sizeof(keys));
    return err;
}

/* Now and then as the user will. */
static enum mu_err check_pairing(const struct kms_extractor *e, uint64_t number,
    const struct kms_extracted *keys)
{
    if (!e->pair_all && number % PAIRING_EVERY != 0)
        return MU_OK;
    return mikey_sakke_validate_rsk(e->sakke, SPAN_OF(keys->uid.b), &keys->rsk);
}

static enum mu_err extract_all(const struct kms_extractor *e, uint64_t period,
    const struct span *users, size_t n, struct kms_extracted *out)
{
    TRY(derive_uids(e, period, users, n, out));
    TRY(extract_rsks(e, n, out));
    for (size_t i = 0; i < n; i++)
        TRY(mikey_eccsi_extract(e->eccsi, e->ksak, SPAN_OF(out[i].uid.b),
            e->rng, &out[i].pair)); /* validates it, too */
    return MU_OK;
}

enum mu_err kms_extract(const struct kms_extractor *extractor, uint64_t period,
    const struct span *users, size_t n, uint64_t first,
    struct kms_extracted *out)
{
    enum mu_err err;

    assert(n > 0 && n <= KMS_EXTRACT_MAX);
    err = extract_all(extractor, period, users, n, out);
    for (size_t i = 0; i < n && err == MU_OK; i++)
        err = check_pairing(extractor, first + i, &out[i]);
    if (err != MU_OK)
        mu_wipe(out, n * sizeof(*out));
    return err;
}
