/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_members.c - /v1/groups/{group}/members: who is in a group.
 */
#include "gms/api_change.h"
#include "gms/api_edit.h"
#include "gms/api_form.h"
#include "gms/api_topics.h"
#include "gms/api_undo.h"

/* In the arena of the call. */
struct member_job {
    struct gms_api_change change;
    struct xml_group_entry who; /* who comes */
    struct span member;         /* who goes, or is put back */
    struct span entry;          /* his entry as it was */
    bool read;                  /* the document was there */
};

static struct member_job *begin(struct gms_api_call *call, gms_api_edit *edit,
    void (*done)(struct gms_api_change *change, enum mu_err err,
        const struct gms_group_result *result))
{
    struct member_job *job = mu_arena_alloc(&call->arena, 1, sizeof(*job));

    if (job == NULL) {
        gms_api_fail_err(call, MU_E_NO_MEMORY);
        return NULL;
    }
    *job = (struct member_job){.change = {.call = call,
                                   .group = call->group,
                                   .stop = GMS_STOP_SOFT,
                                   .edit = edit,
                                   .done = done}};
    if (call->params.len > 1)
        job->member = call->params.at[1];
    job->change.ctx = job;
    return job;
}

/* True when the call is answered. */
static bool failed(struct member_job *job, enum mu_err err,
    const struct gms_group_result *result)
{
    struct gms_api_call *call = job->change.call;

    if (err == MU_E_NOT_FOUND && job->read) {
        gms_api_fail(call, GMS_API_NO_MEMBER, NULL);
        return true;
    }
    if (err == MU_E_STATE) {
        gms_api_fail(call, GMS_API_INVALID,
            "the document has no list of members to put somebody in");
        return true;
    }
    return gms_api_change_failed(call, err, result);
}

/* What is the same in all answers; more may be NULL. */
static void answer(struct gms_api_call *call, unsigned status,
    const struct gms_group_result *result, json_t *more)
{
    json_t *body = json_pack("{s:o, s:o, s:I}", "group",
        gms_json_of(call->group), "etag", gms_json_of(result->doc.etag),
        "version", (json_int_t)result->doc.version);

    if (more != NULL)
        (void)json_object_update(body, more);
    json_decref(more);
    gms_api_etag(call, result->doc.etag);
    gms_api_answer(call, status, body);
}

/* -------------------------------------------------------------------- add */

static enum mu_err edit_add(struct gms_api_change *change,
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out)
{
    struct member_job *job = change->ctx;

    job->read = true;
    return gms_edit_add(doc->text, &job->who, arena, out);
}

static void on_added(struct gms_api_change *change, enum mu_err err,
    const struct gms_group_result *result)
{
    struct member_job *job = change->ctx;

    if (failed(job, err, result))
        return;
    answer(change->call, 201, result,
        json_pack("{s:o}", "member", gms_json_of(job->who.uri)));
}

void gms_api_member_add(struct gms_api_call *call)
{
    struct member_job *job = begin(call, edit_add, on_added);

    if (job == NULL)
        return;
    gms_api_entry_read(call->body, &job->who);
    gms_api_change_run(&job->change);
}

/* ----------------------------------------------------------------- remove */

/* The entry is kept before it goes: if it then stays, no harm is done. */
static enum mu_err edit_remove(struct gms_api_change *change,
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out)
{
    struct member_job *job = change->ctx;
    struct span entry = {NULL, 0};

    job->read = true;
    TRY(gms_edit_entry(doc->text, job->member, arena, &entry));
    if (change->stop == GMS_STOP_HARD)
        entry.len = 0;
    TRY(gms_undo_keep(
        change->call->parts->store, change->group, job->member, entry));
    return gms_edit_remove(doc->text, job->member, arena, out);
}

static void on_removed(struct gms_api_change *change, enum mu_err err,
    const struct gms_group_result *result)
{
    struct member_job *job = change->ctx;

    if (failed(job, err, result))
        return;
    answer(change->call, 200, result,
        json_pack("{s:o, s:s, s:b}", "member", gms_json_of(job->member), "stop",
            change->stop == GMS_STOP_HARD ? "hard" : "soft", "undo",
            change->stop == GMS_STOP_SOFT));
}

/* False: the call is answered. */
static bool read_stop(struct gms_api_call *call, enum gms_stop *out)
{
    struct span text;

    if (!gms_api_text(call, "stop", &text))
        return false;
    if (text.p == NULL || span_eq(text, span_str("soft"))) {
        *out = GMS_STOP_SOFT;
        return true;
    }
    if (!span_eq(text, span_str("hard"))) {
        gms_api_fail(call, GMS_API_MALFORMED, "stop is \"soft\" or \"hard\"");
        return false;
    }
    *out = GMS_STOP_HARD;
    if (gms_api_may(call, GMS_MAY_HARD_STOP, call->group))
        return true;
    gms_api_fail(call, GMS_API_FORBIDDEN, "the right \"hard-stop\" is needed");
    return false;
}

void gms_api_member_remove(struct gms_api_call *call)
{
    enum gms_stop stop = GMS_STOP_SOFT;
    struct member_job *job;

    if (!read_stop(call, &stop))
        return;
    job = begin(call, edit_remove, on_removed);
    if (job == NULL)
        return;
    job->change.stop = stop;
    gms_api_change_run(&job->change);
}

/* --------------------------------------------------------------- retarget */

const struct gms_json_field gms_api_retarget_body[] = {
    {"to", GMS_JSON_ID, true, NULL},
    {"name", GMS_JSON_TEXT, false, NULL},
};

/* The newcomer takes the place, not the rights that an entry of the other may
 * carry: an operator gives those by hand. */
static enum mu_err edit_retarget(struct gms_api_change *change,
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out)
{
    struct member_job *job = change->ctx;
    struct span text = {NULL, 0};

    job->read = true;
    TRY(gms_edit_remove(doc->text, job->member, arena, &text));
    return gms_edit_add(text, &job->who, arena, out);
}

static void on_retargeted(struct gms_api_change *change, enum mu_err err,
    const struct gms_group_result *result)
{
    struct member_job *job = change->ctx;

    if (failed(job, err, result))
        return;
    answer(change->call, 200, result,
        json_pack("{s:o, s:o}", "member", gms_json_of(job->who.uri), "replaced",
            gms_json_of(job->member)));
}

void gms_api_member_retarget(struct gms_api_call *call)
{
    struct member_job *job = begin(call, edit_retarget, on_retargeted);

    if (job == NULL)
        return;
    job->who.uri = gms_json_span(call->body, "to");
    job->who.display_name = gms_json_span(call->body, "name");
    job->change.retarget = true;
    gms_api_change_run(&job->change);
}

/* ------------------------------------------------------------------- undo */

static enum mu_err edit_undo(struct gms_api_change *change,
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out)
{
    struct member_job *job = change->ctx;

    job->read = true;
    return gms_edit_restore(doc->text, job->member, job->entry, arena, out);
}

static void on_undone(struct gms_api_change *change, enum mu_err err,
    const struct gms_group_result *result)
{
    struct member_job *job = change->ctx;
    struct gms_api_call *call = change->call;
    bool cancelled = false;

    if (failed(job, err, result))
        return;
    err = gms_keeper_cancel(call->parts->keeper, call->caller.uri,
        change->group, job->member, &cancelled);
    if (err == MU_OK)
        err = gms_undo_keep(call->parts->store, change->group, job->member,
            (struct span){NULL, 0});
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    answer(call, 200, result,
        json_pack("{s:o, s:b}", "member", gms_json_of(job->member), "cancelled",
            (int)cancelled));
}

void gms_api_member_undo(struct gms_api_call *call)
{
    struct member_job *job = begin(call, edit_undo, on_undone);
    enum mu_err err;

    if (job == NULL)
        return;
    err = gms_undo_find(call->parts->store, call->group, job->member,
        &call->arena, &job->entry);
    if (err == MU_OK)
        gms_api_change_run(&job->change);
    else if (err == MU_E_NOT_FOUND)
        gms_api_fail(call, GMS_API_NOTHING_TO_UNDO,
            "no soft stop of that member is remembered for this group");
    else
        gms_api_fail_err(call, err);
}
