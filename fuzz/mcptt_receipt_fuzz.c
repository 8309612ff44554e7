/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A member's receipt: what was read is in the octets, in the order of its
 * layout, and what each proof covers is what stands before it.
 */
#include "fuzz/fuzz.h"
#include "mcptt/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span octets = {data, size};
    struct mcptt_receipt r;

    if (mcptt_receipt_read(octets, &r, NULL) != MU_OK)
        return 0;
    fuzz_demand(size <= MCPTT_RECEIPT_MAX);
    fuzz_demand(mcptt_id_check(r.group) == MU_OK);
    fuzz_demand(mcptt_id_check(r.member) == MU_OK);
    fuzz_demand(mcptt_id_check(r.kms) == MU_OK);
    fuzz_demand(r.before_hmac.p == data && r.before_signature.p == data);
    fuzz_demand(r.before_hmac.len + r.hmac.len == r.before_signature.len);
    fuzz_demand(r.before_signature.len + r.signature.len == size);
    return 0;
}
