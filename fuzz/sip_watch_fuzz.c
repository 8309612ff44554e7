/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a subscriber was told, from the store: what was written is read, and
 * written the same again. (Octets of version 1 are written as version 2.)
 */
#include "fuzz/fuzz.h"
#include "sip/watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(buf_clear) struct buf first = {0};
    MU_CLEANUP(buf_clear) struct buf again = {0};
    struct sip_watch *watch = NULL;

    if (sip_watch_read((struct span){data, size}, 5000, &watch) != MU_OK)
        return 0;
    sip_watch_write(watch, &first);
    sip_watch_free(watch);
    fuzz_demand(first.err == MU_OK);
    fuzz_demand(
        data[0] == 1 || span_eq(buf_span(&first), (struct span){data, size}));
    fuzz_demand(sip_watch_read(buf_span(&first), 5000, &watch) == MU_OK);
    sip_watch_write(watch, &again);
    sip_watch_free(watch);
    fuzz_demand(span_eq(buf_span(&again), buf_span(&first)));
    return 0;
}
