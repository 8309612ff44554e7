/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key document that was read is written, and what was written reads and
 * writes as itself.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "xml/gktp.h"
#include "xml/library.h"

#define TEXT_MAX (4u << 20)

static struct span write_again(
    const struct xml_gktp *keys, size_t count, uint8_t *room)
{
    struct span text = {NULL, 0};
    struct wr w;

    wr_init(&w, room, TEXT_MAX);
    fuzz_demand(xml_gktp_write(&w, keys, count) == MU_OK);
    fuzz_demand(wr_close(&w, &text) == MU_OK);
    return text;
}

static void check(const struct xml_gktp *keys, size_t count)
{
    static uint8_t first[TEXT_MAX], second[TEXT_MAX];
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span text = write_again(keys, count, first);
    const struct xml_gktp *again;
    struct xml_fault fault;
    size_t again_count;

    mu_arena_init(&arena, TEXT_MAX);
    fuzz_demand(
        xml_gktp_read(text, &arena, &fault, &again, &again_count) == MU_OK);
    fuzz_demand(again_count == count);
    fuzz_demand(span_eq(write_again(again, again_count, second), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct xml_gktp *keys;
    static bool started;
    struct xml_fault fault;
    size_t count;

    if (!started)
        fuzz_demand(xml_init() == MU_OK);
    started = true;
    mu_arena_init(&arena, TEXT_MAX);
    if (xml_gktp_read(
            (struct span){data, size}, &arena, &fault, &keys, &count) == MU_OK)
        check(keys, count);
    else
        fuzz_demand(fault.why != NULL);
    return 0;
}
