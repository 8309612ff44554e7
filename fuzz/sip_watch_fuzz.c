/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a subscriber was told, from the store: octets that are read are written
 * back the same.
 */
#include "fuzz/fuzz.h"
#include "sip/watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(buf_clear) struct buf again = {0};
    struct sip_watch *watch = NULL;

    if (sip_watch_read((struct span){data, size}, 5000, &watch) != MU_OK)
        return 0;
    sip_watch_write(watch, &again);
    fuzz_demand(again.err == MU_OK);
    fuzz_demand(span_eq(buf_span(&again), (struct span){data, size}));
    sip_watch_free(watch);
    return 0;
}
