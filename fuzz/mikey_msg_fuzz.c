/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an I_MESSAGE strictly and with every tolerance. What is read has to be
 * written with the same length, and then read and written without a change.
 */
#include "fuzz/fuzz.h"
#include "mikey/msg.h"

#define EVERYTHING (MIKEY_RFC6509 | MIKEY_LEGACY)

static struct span write_msg(
    uint8_t *buf, size_t cap, const struct mikey_msg *m)
{
    struct span out = {0};
    struct wr w;

    wr_init(&w, buf, cap);
    mikey_msg_write(&w, m);
    fuzz_demand(wr_close(&w, &out) == MU_OK);
    return out;
}

static void check_round_trip(const struct mikey_msg *m, size_t size)
{
    uint8_t *first = malloc(size), *second = malloc(size);
    struct span one, two;
    struct mikey_msg n;

    fuzz_demand(first != NULL && second != NULL);
    one = write_msg(first, size, m);
    fuzz_demand(one.len == size);
    fuzz_demand(mikey_msg_read(one, EVERYTHING, &n, NULL) == MU_OK);
    fuzz_demand(n.allowed == m->allowed);
    two = write_msg(second, size, &n);
    fuzz_demand(span_eq(one, two));
    free(first);
    free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    struct mikey_msg strict, wide;
    struct mikey_fault fault;
    bool strictly = mikey_msg_read(in, MIKEY_STRICT, &strict, &fault) == MU_OK;

    if (!strictly)
        fuzz_demand(fault.rd.at <= size && fault.rd.why != NULL);
    if (mikey_msg_read(in, EVERYTHING, &wide, &fault) == MU_OK) {
        fuzz_demand(strictly == (wide.allowed == 0));
        check_round_trip(&wide, size);
    } else {
        fuzz_demand(!strictly && fault.rd.at <= size);
    }
    return 0;
}
