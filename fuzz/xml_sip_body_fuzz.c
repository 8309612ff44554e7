/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XML bodies of SIP requests: xcap-diff, resource-lists, mcptt-info with or
 * without an encrypted token; and what was in that, once it is decrypted. What
 * was read from an xcap-diff, written again, reads as the same; the others have
 * to keep what their headers promise.
 */
#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "xml/library.h"
#include "xml/mcptt_info.h"
#include "xml/mcptt_token.h"
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

static void try_sealed(struct span data)
{
    static const struct mcptt_sig_conf_key key = {{7}};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_sealed_token sealed;
    struct xml_fault fault;
    struct span token;

    mu_arena_init(&arena, ROOM);
    if (xml_sealed_token_read(data, &arena, &fault, &sealed) != MU_OK)
        return;
    fuzz_demand(sealed.data.sealed.len > XML_XENC_IV_LEN + XML_XENC_TAG_LEN);
    fuzz_demand(xml_sealed_token_open(&sealed, &key, &arena, &token) != MU_OK);
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
    if (info.encrypted)
        try_sealed(info.data);
}

/* Octets as if they had been in the element: sealed here, so that they open. */
static void try_content(struct span text)
{
    static const uint8_t key[XML_XENC_KEY_LEN] = {7};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf room = {.p = NULL};
    struct mcptt_sig_conf_key same = {{7}};
    struct span written = {NULL, 0}, token;
    struct xml_sealed_token sealed;
    struct xml_fault fault;
    struct xml_writer x;
    struct wr w;

    mu_arena_init(&arena, ROOM);
    fuzz_demand(buf_reserve(&room, 1U << 16));
    wr_init(&w, room.p, 1U << 16);
    xml_writer_init(&x, &w);
    if (xml_encrypted_write(
            &x, span_str("IAAAAQ=="), key, text, mu_rng_system()) != MU_OK)
        return;
    fuzz_demand(xml_writer_close(&x) == MU_OK);
    fuzz_demand(wr_close(&w, &written) == MU_OK);
    if (xml_sealed_token_read(written, &arena, &fault, &sealed) != MU_OK)
        return; /* nothing was in it */
    if (xml_sealed_token_open(&sealed, &same, &arena, &token) == MU_OK)
        fuzz_demand(token.len > 0 && token.len <= XML_MCPTT_TOKEN_MAX);
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
    try_content(text);
    return 0;
}
