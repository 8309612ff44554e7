/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed object: opens what a stranger put in the store, which must fail or
 * seal again to the same plaintext; then seals the input itself, which must
 * open to the same octets, and not when one of them was changed.
 */
#include "base/alloc.h"
#include "base/seal.h"
#include "fuzz/fuzz.h"

#include <string.h>

static const struct mu_seal_use use = {"fuzz", {(const uint8_t *)"id", 2}};

/* The salt need not be random here: a run has to be repeatable. */
static enum mu_err fill(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
    return MU_OK;
}

static const struct mu_rng rng = {fill, NULL};

static void open_stranger(const struct mu_keyring *ring, struct span in)
{
    struct mu_kek_id id;
    size_t len = 0;
    uint8_t *plain;

    if (mu_seal_plain_len(in, &len) != MU_OK) {
        fuzz_demand(mu_seal_kek_id(in, &id) == MU_E_MALFORMED);
        return;
    }
    plain = mu_alloc(len);
    fuzz_demand(plain != NULL);
    /* The key is in this file, so that the corpus can hold good objects. */
    if (mu_unseal(ring, &use, in, plain, len) == MU_OK)
        fuzz_demand(mu_seal_kek_id(in, &id) == MU_OK &&
                    mu_keyring_find(ring, &id) != NULL);
    mu_free(plain);
}

static void seal_and_change(const struct mu_keyring *ring, struct span in)
{
    size_t len = MU_SEAL_LEN(in.len);
    uint8_t *sealed = mu_alloc(len), *plain = mu_alloc(in.len);
    struct span object = {sealed, len};

    fuzz_demand(sealed != NULL && plain != NULL);
    fuzz_demand(mu_seal(ring, &use, in, &rng, sealed) == MU_OK);
    fuzz_demand(mu_unseal(ring, &use, object, plain, in.len) == MU_OK);
    fuzz_demand(span_eq(in, (struct span){plain, in.len}));
    sealed[in.len * 31 % len] ^= 0x10;
    fuzz_demand(mu_unseal(ring, &use, object, plain, in.len) != MU_OK);
    mu_free(sealed);
    mu_free(plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    static const struct mu_kek keks[] = {{{1}}, {{2}}};
    struct span in = {data, size};

    for (size_t i = 0; i < sizeof(keks) / sizeof(keks[0]); i++)
        fuzz_demand(mu_keyring_add(&ring, &keks[i]) == MU_OK);
    open_stranger(&ring, in);
    seal_and_change(&ring, in);
    return 0;
}
