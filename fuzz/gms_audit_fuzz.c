/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record of the audit log, as `gmsctl audit verify` reads it: what is
 * understood has to be written the same again.
 */
#include "fuzz/fuzz.h"
#include "gms/audit_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[MU_CHAIN_PAYLOAD_MAX];
    const struct span in = {data, size};
    struct gms_audit_record record;
    struct mu_arena arena;
    struct span written;
    struct wr w;

    if (size > sizeof(again))
        return 0;
    mu_arena_init(&arena, 1 << 20);
    if (gms_audit_record_read(in, &arena, &record) == MU_OK) {
        wr_init(&w, again, sizeof(again));
        fuzz_demand(gms_audit_record_write(&w, &record) == MU_OK);
        fuzz_demand(wr_close(&w, &written) == MU_OK);
        fuzz_demand(span_eq(written, in));
    }
    mu_arena_clear(&arena);
    return 0;
}
