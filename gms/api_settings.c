/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_settings.c - /v1/groups/{group}/settings: what a group does otherwise
 * than the configuration says (gms/settings.h). PATCH is a JSON merge patch
 * (RFC 7396): what is null goes back to the default.
 *
 * Who may change what depends on what it is: policy is the dispatcher's, but
 * that a server gets the group's keys as if it were a member is the security
 * officer's decision alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gms/api_change.h"
#include "gms/api_form.h"
#include "gms/api_topics.h"
#include "gms/settings.h"

#define MEDIA "media_entities"
#define IDS   "shared_ids"

/* Their values are judged by gms_settings_read(). */
const struct gms_json_field gms_api_settings_body[] = {
    {"backward_secrecy", GMS_JSON_ANY, false, NULL},
    {"hot_spare", GMS_JSON_ANY, false, NULL},
    {"grace_s", GMS_JSON_ANY, false, NULL},
    {"overlap_s", GMS_JSON_ANY, false, NULL},
    {"lifetime_s", GMS_JSON_ANY, false, NULL},
    {"quorum", GMS_JSON_ANY, false, NULL},
    {"hidden_identities", GMS_JSON_ANY, false, NULL},
    {MEDIA, GMS_JSON_ANY, false, NULL},
    {IDS, GMS_JSON_ANY, false, NULL},
};

static json_t *own_of(const struct gms_group_row *row)
{
    json_t *own = row->settings.len == 0
                      ? NULL
                      : json_loadb((const char *)row->settings.p,
                            row->settings.len, 0, NULL);

    return own != NULL ? own : json_object();
}

json_t *gms_api_settings_of(struct gms_api_call *call, struct span group)
{
    struct gms_group_row row;

    if (gms_store_group(call->parts->store, group, &call->arena, &row) != MU_OK)
        return json_object();
    return own_of(&row);
}

static json_t *form_uris(const struct gms_uris *uris)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < uris->count; i++)
        if (json_array_append_new(list, gms_json_of(uris->at[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* What is in force: the group's own, else the defaults. */
static json_t *form_settings(const struct gms_settings *s)
{
    return json_pack("{s:b, s:b, s:I, s:I, s:I, s:i, s:b, s:o, s:o}",
        "backward_secrecy", (int)s->policy.backward_secrecy, "hot_spare",
        (int)s->policy.hot_spare, "grace_s", (json_int_t)s->policy.grace_s,
        "overlap_s", (json_int_t)s->policy.overlap_s, "lifetime_s",
        (json_int_t)s->policy.lifetime_s, "quorum", (int)s->policy.quorum,
        "hidden_identities", (int)s->hidden_identities, MEDIA,
        form_uris(&s->media_entities), IDS, form_uris(&s->shared_ids));
}

/* Answers with what the group's row says now. */
static void answer(struct gms_api_call *call)
{
    struct gms_settings settings;
    struct gms_group_row row;
    const char *at = NULL;
    enum mu_err err;

    err = gms_store_group(call->parts->store, call->group, &call->arena, &row);
    if (err == MU_OK)
        err = gms_settings_read(
            row.settings, call->parts->policy, &call->arena, &settings, &at);
    if (err != MU_OK)
        gms_api_fail_err(call, err);
    else
        gms_api_answer(call, 200,
            json_pack("{s:o, s:o, s:o}", "group", gms_json_of(call->group),
                "settings", form_settings(&settings), "own", own_of(&row)));
}

void gms_api_settings_show(struct gms_api_call *call)
{
    answer(call);
}

/* ------------------------------------------------------------------- change */

static bool names(const struct gms_api_call *call, const char *name)
{
    return json_object_get(call->body, name) != NULL;
}

/* False: the call is answered. */
static bool may_change(struct gms_api_call *call)
{
    size_t others = json_object_size(call->body) - (names(call, MEDIA) ? 1 : 0);

    if (names(call, MEDIA) &&
        !gms_api_may(call, GMS_MAY_MEDIA_ENTITY, call->group)) {
        gms_api_fail(call, GMS_API_FORBIDDEN,
            "the right \"media-entity\" is needed for " MEDIA);
        return false;
    }
    if (others == 0 || gms_api_may(call, GMS_MAY_EDIT, call->group) ||
        gms_api_may(call, GMS_MAY_OPERATE, call->group))
        return true;
    gms_api_fail(call, GMS_API_FORBIDDEN, "the right \"edit\" is needed");
    return false;
}

/* RFC 7396 clause 2; values of ours are no objects. */
static void merge(json_t *own, json_t *patch)
{
    void *at = json_object_iter(patch);

    for (; at != NULL; at = json_object_iter_next(patch, at)) {
        const char *name = json_object_iter_key(at);
        json_t *value = json_object_iter_value(at);

        if (json_is_null(value))
            (void)json_object_del(own, name);
        else
            (void)json_object_set(own, name, value);
    }
}

static enum mu_err write_settings(
    struct gms_api_call *call, json_t *own, const char **at_fault)
{
    struct gms_settings settings;
    struct span json = {NULL, 0};
    char *text = json_dumps(own, JSON_COMPACT);

    if (text == NULL)
        return MU_E_NO_MEMORY;
    json = mu_arena_copy(&call->arena, span_str(text));
    free(text);
    TRY(mu_arena_err(&call->arena));
    TRY(gms_settings_read(
        json, call->parts->policy, &call->arena, &settings, at_fault));
    return gms_keeper_set_settings(
        call->parts->keeper, call->caller.uri, call->group, json);
}

static void fail(struct gms_api_call *call, enum mu_err err, const char *at)
{
    char why[96];

    if (err != MU_E_MALFORMED || at == NULL) {
        gms_api_fail_err(call, err);
        return;
    }
    (void)snprintf(why, sizeof(why), "\"%.40s\" has no such value", at);
    gms_api_fail(call, GMS_API_MALFORMED, why);
}

static enum mu_err keep_text(struct gms_api_change *change,
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out)
{
    (void)change;
    (void)arena;
    *out = doc->text;
    return MU_OK;
}

static void on_written(struct gms_api_change *change, enum mu_err err,
    const struct gms_group_result *result)
{
    if (!gms_api_change_failed(change->call, err, result))
        answer(change->call);
}

/* Who holds the keys and whose they are has changed: the keeper hears of it
 * with the document, whose text is the same. */
static void write_again(struct gms_api_call *call)
{
    struct gms_api_change *change =
        mu_arena_alloc(&call->arena, 1, sizeof(*change));

    if (change == NULL) {
        gms_api_fail_err(call, MU_E_NO_MEMORY);
        return;
    }
    *change = (struct gms_api_change){.call = call,
        .group = call->group,
        .stop = GMS_STOP_SOFT,
        .edit = keep_text,
        .done = on_written};
    gms_api_change_run(change);
}

void gms_api_settings_change(struct gms_api_call *call)
{
    MU_CLEANUP(gms_json_drop) json_t *own = NULL;
    const char *at_fault = NULL;
    struct gms_group_row row;
    enum mu_err err;

    if (!may_change(call))
        return;
    err = gms_store_group(call->parts->store, call->group, &call->arena, &row);
    if (err == MU_OK) {
        own = own_of(&row);
        merge(own, call->body);
        err = write_settings(call, own, &at_fault);
    }
    if (err != MU_OK)
        fail(call, err, at_fault);
    else if (names(call, MEDIA) || names(call, IDS))
        write_again(call);
    else
        answer(call);
}
