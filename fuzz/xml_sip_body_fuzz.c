/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XML bodies of SIP requests: xcap-diff, resource-lists, mcptt-info. What
 * was read from an xcap-diff, written again, reads as the same; the others have
 * to keep what their headers promise.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "xml/library.h"
#include "xml/mcptt_info.h"
#include "xml/resource_lists.h"
#include "xml/xcap_diff.h"

#define ROOM (8U << 20)

static void again(const struct xml_xcap_diff *diff)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    uint8_t *room = malloc(ROOM);
    struct xml_xcap_diff second;
    struct span text = {NULL, 0};
    struct xml_fault fault;
    struct wr w;

    fuzz_demand(room != NULL);
    mu_arena_init(&arena, ROOM);
    wr_init(&w, room, ROOM);
    fuzz_demand(xml_xcap_diff_write(&w, diff) == MU_OK);
    fuzz_demand(wr_close(&w, &text) == MU_OK);
    if (xml_xcap_diff_read(text, &arena, &fault, &second) == MU_OK) {
        fuzz_demand(second.count == diff->count);
        fuzz_demand(span_eq(second.root, diff->root));
        for (size_t i = 0; i < diff->count; i++)
            fuzz_demand(span_eq(second.items[i].sel, diff->items[i].sel));
    } else {
        /* Escapes made it longer than the limit. */
        fuzz_demand(fault.err == MU_E_NO_SPACE);
    }
    free(room);
}

static void try_diff(struct span text)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_diff diff;
    struct xml_fault fault;
    enum mu_err err;

    mu_arena_init(&arena, ROOM);
    err = xml_xcap_diff_read(text, &arena, &fault, &diff);
    fuzz_demand(err == fault.err);
    if (err != MU_OK)
        return;
    fuzz_demand(diff.root.len > 0);
    for (size_t i = 0; i < diff.count; i++)
        fuzz_demand(diff.items[i].sel.len > 0);
    again(&diff);
}

static void try_lists(struct span text)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_resource_lists lists;
    struct xml_fault fault;

    mu_arena_init(&arena, ROOM);
    if (xml_resource_lists_read(text, &arena, &fault, &lists) != MU_OK)
        return;
    fuzz_demand(lists.count <= XML_RESOURCE_URIS_MAX);
    for (size_t i = 0; i < lists.count; i++)
        fuzz_demand(lists.uris[i].len > 0);
}

static void try_info(struct span text)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_mcptt_info info;
    struct xml_fault fault;

    mu_arena_init(&arena, ROOM);
    if (xml_mcptt_info_read(text, &arena, &fault, &info) != MU_OK)
        return;
    fuzz_demand(!info.encrypted || (info.token.len == 0 && info.data.len > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct span text = {data, size};

    if (!started)
        fuzz_demand(xml_init() == MU_OK);
    started = true;
    try_diff(text);
    try_lists(text);
    try_info(text);
    return 0;
}
