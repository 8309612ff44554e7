/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A URI of a subscription means the same when it is read again as it is echoed,
 * and what it is about is named.
 */
#include "fuzz/fuzz.h"
#include "gms/watched.h"

#define ROOT "https://g.example/x/"

static const struct gms_conf_gktp gktp = {
    .auid = "org.3gpp.MCPTT-GKTP", .path = "users/{mcptt_id}/{gid_encoded}"};

static void check(const struct gms_watched *w)
{
    switch (w->what) {
    case GMS_WATCHED_NOTHING:
    case GMS_WATCHED_GROUPS:
        break;
    case GMS_WATCHED_GROUP:
        fuzz_demand(w->group.len > 0 || w->name.len > 0);
        break;
    case GMS_WATCHED_KEYS:
        fuzz_demand(w->member.len > 0 && w->group.len > 0);
        break;
    case GMS_WATCHED_ALL_KEYS:
        fuzz_demand(w->member.len > 0 && w->group.len == 0);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct span uri = {data, size};
    struct gms_watched *w, *again;

    mu_arena_init(&arena, 1 << 20);
    if (gms_watched_read(uri, ROOT, &gktp, &arena, &w) != MU_OK)
        return 0;
    check(w);
    fuzz_demand(w->sel.len > 0 && w->sel.len <= size);
    /* A root within our root stays what it is to those who come with one. */
    if (gms_watched_read(w->sel, "", &gktp, &arena, &again) == MU_OK) {
        fuzz_demand(again->what == w->what && again->kind == w->kind);
        fuzz_demand(span_eq(again->group, w->group));
        fuzz_demand(span_eq(again->member, w->member));
    }
    gms_watched_clear(w);
    return 0;
}
