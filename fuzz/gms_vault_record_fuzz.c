/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record of the vault's log, as an auditor reads it: what can be read and
 * fits one payload is written, and reads as the same again.
 */
#include "fuzz/fuzz.h"
#include "gms/vault/record.h"

#define ARENA_MAX (1 << 20)

static void compare(
    const struct gms_vault_record *a, const struct gms_vault_record *b)
{
    fuzz_demand(a->op == b->op && a->epoch == b->epoch);
    fuzz_demand(span_eq(a->group, b->group));
    fuzz_demand(a->key_id.v == b->key_id.v && a->count == b->count);
    fuzz_demand(span_eq(a->period.kms, b->period.kms));
    fuzz_demand(a->period.number == b->period.number);
    fuzz_demand(a->revocation == b->revocation);
    fuzz_demand(a->activation_s == b->activation_s);
    fuzz_demand(a->expiry_s == b->expiry_s);
    fuzz_demand(span_eq(a->kms, b->kms) && a->time_s == b->time_s);
    fuzz_demand(span_eq(SPAN_OF(a->sha256), SPAN_OF(b->sha256)));
    fuzz_demand(span_eq(SPAN_OF(a->kek.b), SPAN_OF(b->kek.b)));
    fuzz_demand(a->keys == b->keys && a->envelopes == b->envelopes);
    for (size_t i = 0; i < a->count; i++)
        fuzz_demand(span_eq(a->uris[i], b->uris[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static uint8_t room[MU_CHAIN_PAYLOAD_MAX];
    struct gms_vault_record record, again;
    struct span out = {NULL, 0};
    size_t taken = 0;
    struct wr w;

    mu_arena_init(&arena, ARENA_MAX);
    if (gms_vault_record_read((struct span){data, size}, &arena, &record) !=
        MU_OK)
        return 0;
    wr_init(&w, room, sizeof(room));
    fuzz_demand(gms_vault_record_write(&w, &record, &taken) == MU_OK);
    if (taken < record.count)
        return 0;
    fuzz_demand(wr_close(&w, &out) == MU_OK);
    fuzz_demand(gms_vault_record_read(out, &arena, &again) == MU_OK);
    compare(&record, &again);
    return 0;
}
