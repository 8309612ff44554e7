/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group document that was read keeps what xml/group_doc.h promises: limits,
 * members that are found, constraints; and what is refused says why in one
 * line. Its members make a new document that reads back as the same members.
 */
#include <string.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "xml/group_doc.h"
#include "xml/library.h"

static void check_group(const struct xml_group *g)
{
    uint64_t required = 0;

    fuzz_demand(mcptt_id_check(g->uri) == MU_OK);
    fuzz_demand(g->entry_count <= XML_GROUP_MEMBERS_MAX);
    fuzz_demand(g->has_list || g->entry_count == 0);
    fuzz_demand(!g->temporary || g->constituent_count >= 2);
    fuzz_demand(xml_group_find(g, g->uri) == NULL);
    for (size_t i = 0; i < g->entry_count; i++) {
        fuzz_demand(xml_group_find(g, g->entries[i].uri) == &g->entries[i]);
        required += g->entries[i].required;
    }
    fuzz_demand(required <= g->max_participants);
}

static void check_fault(const struct xml_group_fault *fault)
{
    fuzz_demand(fault->phrase[0] != '\0');
    for (size_t i = 0; fault->phrase[i] != '\0'; i++)
        fuzz_demand(fault->phrase[i] >= ' ' && fault->phrase[i] < 0x7f);
}

static bool same_entry(
    const struct xml_group_entry *a, const struct xml_group_entry *b)
{
    return span_eq(a->uri, b->uri) && span_eq(a->type, b->type) &&
           span_eq(a->display_name, b->display_name) &&
           span_eq(a->mcvideo_id, b->mcvideo_id) &&
           span_eq(a->mcdata_id, b->mcdata_id) && a->required == b->required &&
           a->receive_only == b->receive_only && a->priority == b->priority;
}

static void write_again(const struct xml_group *g)
{
    const struct xml_group_template in = {.uri = g->uri,
        .display_name = g->display_name,
        .owner = g->owner,
        .entries = g->entries,
        .entry_count = g->entry_count};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static uint8_t room[XML_GROUP_OCTETS_MAX];
    struct xml_group_fault fault;
    struct xml_group again;
    struct span text;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    fuzz_demand(xml_group_write(&w, &in) == MU_OK);
    fuzz_demand(wr_close(&w, &text) == MU_OK);
    mu_arena_init(&arena, XML_GROUP_ARENA);
    fuzz_demand(xml_group_read(
                    text, XML_GROUP_REFUSE, &arena, &again, &fault) == MU_OK);
    fuzz_demand(again.entry_count == g->entry_count);
    for (size_t i = 0; i < g->entry_count; i++)
        fuzz_demand(same_entry(&again.entries[i], &g->entries[i]));
}

/* A reader of the reduced text sees no member, and the same group else. */
static void check_reduced(struct span text, const struct xml_group *g)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group_fault fault;
    struct xml_group reduced;
    struct span out;
    enum mu_err err;

    mu_arena_init(&arena, XML_GROUP_ARENA);
    err = xml_group_without_list(text, &arena, &out);
    if (err == MU_E_NO_SPACE)
        return; /* more declarations than XCAP edits */
    fuzz_demand(err == MU_OK && out.len <= text.len);
    fuzz_demand(
        xml_group_read(out, XML_GROUP_KEEP, &arena, &reduced, &fault) == MU_OK);
    fuzz_demand(!reduced.has_list && reduced.entry_count == 0);
    fuzz_demand(span_eq(reduced.uri, g->uri));
    fuzz_demand(reduced.rule_count == g->rule_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_group_fault fault;
    static bool started;
    struct xml_group group;

    if (!started)
        fuzz_demand(xml_init() == MU_OK && xml_group_init() == MU_OK);
    started = true;
    mu_arena_init(&arena, XML_GROUP_ARENA);
    if (xml_group_read((struct span){data, size}, XML_GROUP_KEEP, &arena,
            &group, &fault) != MU_OK) {
        check_fault(&fault);
        return 0;
    }
    check_group(&group);
    write_again(&group);
    check_reduced((struct span){data, size}, &group);
    return 0;
}
