/* SPDX-License-Identifier: Apache-2.0 */
/* A fault that mcue is told of: what is read, written and read again is the
 * same. */
#include "fuzz/fuzz.h"
#include "ue/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct ue_order order, again;

    if (ue_order_read((struct span){data, size}, &order) != MU_OK)
        return 0;
    ue_order_write(&text, &order);
    fuzz_demand(text.err == MU_OK && text.p[text.len - 1] == '\n');
    fuzz_demand(
        ue_order_read((struct span){text.p, text.len - 1}, &again) == MU_OK);
    fuzz_demand(again.kind == order.kind && again.percent == order.percent);
    fuzz_demand(again.drift_s == order.drift_s);
    fuzz_demand(span_eq(again.path, order.path));
    fuzz_demand(span_eq(again.member, order.member));
    return 0;
}
