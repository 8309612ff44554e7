/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer of the vault, read by the front: what can be read is
 * written again, octet for octet, for there is one way to write an answer.
 */
#include "fuzz/fuzz.h"
#include "gms/vault/proto.h"

#define ARENA_MAX (1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static uint8_t again[GMS_VAULT_FRAME_MAX];
    struct span in = {data, size}, out = {NULL, 0};
    struct gms_vault_answer answer;
    struct wr w;

    mu_arena_init(&arena, ARENA_MAX);
    if (gms_vault_answer_read(in, &arena, &answer) != MU_OK)
        return 0;
    wr_init(&w, again, sizeof(again));
    fuzz_demand(gms_vault_answer_write(&w, &answer) == MU_OK);
    fuzz_demand(wr_close(&w, &out) == MU_OK);
    fuzz_demand(span_eq(in, out));
    return 0;
}
