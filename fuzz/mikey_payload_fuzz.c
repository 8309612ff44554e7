/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one payload: the first octet is its number, the rest its octets. What
 * is read has to be written as it was.
 */
#include "fuzz/fuzz.h"
#include "mikey/payload.h"

static void check_written(const struct mikey_payload *p, struct span wire)
{
    uint8_t *buf = malloc(wire.len);
    struct span out = {0};
    struct wr w;

    fuzz_demand(buf != NULL);
    wr_init(&w, buf, wire.len);
    mikey_payload_write(&w, p);
    fuzz_demand(wr_close(&w, &out) == MU_OK && span_eq(out, wire));
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mikey_payload p;
    struct rd r;

    if (size == 0 || mikey_payload_name(data[0]) == NULL)
        return 0;
    rd_init(&r, (struct span){data + 1, size - 1});
    mikey_payload_read(&r, data[0], &p);
    if (rd_close(&r) == MU_OK)
        check_written(&p, (struct span){data + 1, size - 1});
    else
        fuzz_demand(r.fault.at < size && r.fault.why != NULL);
    return 0;
}
