/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_compromise.c - /v1/compromise: somebody's device is in wrong hands. He is
 * taken out of every group of his by a hard stop, one after the other, and the
 * answer says of each group what became of it. With dry_run nothing is done.
 */
#include "gms/api_change.h"
#include "gms/api_edit.h"
#include "gms/api_form.h"
#include "gms/api_topics.h"
#include "gms/api_undo.h"

const struct gms_json_field gms_api_compromise_body[] = {
    {"uri", GMS_JSON_ID, true, NULL},
    {"dry_run", GMS_JSON_BOOL, false, NULL},
};

/* In the arena of the call. */
struct sweep {
    struct gms_api_change change;
    struct span uri;
    const struct span *groups;
    size_t count, at;
    bool busy;  /* in next(): what comes back at once is gone on with there */
    bool ready; /* the group in hand is done */
    json_t *results;
};

static void note(struct sweep *sweep, const char *outcome, size_t remain)
{
    (void)json_array_append_new(
        sweep->results, json_pack("{s:o, s:s, s:I}", "group",
                            gms_json_of(sweep->groups[sweep->at]), "outcome",
                            outcome, "remaining", (json_int_t)remain));
}

/* Who will need the new key. */
static size_t remaining(struct sweep *sweep)
{
    struct gms_api_call *call = sweep->change.call;
    struct mu_arena_list holders = {0};

    if (gms_store_holders(call->parts->store, sweep->groups[sweep->at],
            &call->arena, &holders) != MU_OK)
        return 0;
    for (size_t i = 0; i < holders.len; i++)
        if (span_eq(((struct gms_holder *)holders.at)[i].uri, sweep->uri))
            return holders.len - 1;
    return holders.len;
}

static enum mu_err edit(struct gms_api_change *change,
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out)
{
    struct sweep *sweep = change->ctx;

    TRY(gms_undo_keep(change->call->parts->store, change->group, sweep->uri,
        (struct span){NULL, 0}));
    return gms_edit_remove(doc->text, sweep->uri, arena, out);
}

static void answer(struct sweep *sweep)
{
    struct gms_api_call *call = sweep->change.call;

    gms_api_answer(call, 200,
        json_pack("{s:o, s:b, s:o}", "uri", gms_json_of(sweep->uri), "dry_run",
            (int)gms_json_bool(call->body, "dry_run"), "groups",
            sweep->results));
}

/* True when the change is under way; false when the group was dealt with. */
static bool take(struct sweep *sweep)
{
    struct gms_api_call *call = sweep->change.call;
    struct span group = sweep->groups[sweep->at];

    if (!gms_api_may(call, GMS_MAY_HARD_STOP, group)) {
        note(sweep, "forbidden", remaining(sweep));
        return false;
    }
    if (gms_json_bool(call->body, "dry_run")) {
        note(sweep, "would-rekey", remaining(sweep));
        return false;
    }
    sweep->change.group = group;
    sweep->ready = false;
    gms_api_change_run(&sweep->change);
    return true;
}

static void next(struct sweep *sweep)
{
    sweep->busy = true;
    for (; sweep->at < sweep->count; sweep->at++)
        if (take(sweep) && !sweep->ready) {
            sweep->busy = false;
            return;
        }
    answer(sweep);
}

static const char *outcome_of(
    enum mu_err err, const struct gms_group_result *result)
{
    if (err == MU_E_NOT_FOUND ||
        (err == MU_OK && result->outcome == GMS_GROUP_ABSENT))
        return "not-a-member";
    if (err == MU_OK && result->outcome == GMS_GROUP_REPLACED)
        return "rekeyed";
    return "failed";
}

static void on_done(struct gms_api_change *change, enum mu_err err,
    const struct gms_group_result *result)
{
    struct sweep *sweep = change->ctx;

    note(sweep, outcome_of(err, result), remaining(sweep));
    sweep->ready = true;
    if (sweep->busy)
        return;
    sweep->at++;
    next(sweep);
}

void gms_api_compromise(struct gms_api_call *call)
{
    struct sweep *sweep = mu_arena_alloc(&call->arena, 1, sizeof(*sweep));
    struct mu_arena_list groups = {0};
    struct span uri = gms_json_span(call->body, "uri");
    enum mu_err err = MU_E_NO_MEMORY;

    if (sweep != NULL)
        err =
            gms_store_groups_of(call->parts->store, uri, &call->arena, &groups);
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    *sweep = (struct sweep){.change = {.call = call,
                                .stop = GMS_STOP_HARD,
                                .edit = edit,
                                .done = on_done,
                                .ctx = sweep},
        .uri = uri,
        .groups = groups.at,
        .count = groups.len,
        .results = json_array()};
    next(sweep);
}
