/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_groups.c - /v1/groups: list, create, show and delete groups.
 */
#include "gms/api_change.h"
#include "gms/api_form.h"
#include "gms/api_topics.h"
#include "http/path.h"
#include "http/problem.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX     200

/* ------------------------------------------------------------------- list */

struct list {
    struct gms_api_call *call;
    json_t *groups; /* an array with a null for each, until it is read */
    size_t open;    /* those not read yet, and one while they are asked for */
    struct span next;
};

struct list_item {
    struct list *list;
    size_t at;
    struct span uri;
};

static const struct gms_group_row *row_of(
    struct gms_api_call *call, struct span uri, struct gms_group_row *row)
{
    if (gms_store_group(call->parts->store, uri, &call->arena, row) != MU_OK)
        return NULL;
    return row;
}

static void end_list(struct list *list)
{
    if (--list->open > 0)
        return;
    gms_api_answer(list->call, 200,
        json_pack("{s:o, s:o}", "groups", list->groups, "next",
            list->next.len > 0 ? gms_json_of(list->next) : json_null()));
}

static void on_listed(void *ctx, enum mu_err err, struct gms_document *document)
{
    struct list_item *item = ctx;
    struct list *list = item->list;
    struct gms_group_row row;
    json_t *line;

    /* One that cannot be read now, or has gone meanwhile, is there by name. */
    line = err == MU_OK
               ? gms_form_group(document, row_of(list->call, item->uri, &row))
               : json_pack("{s:o}", "id", gms_json_of(item->uri));
    (void)json_array_set_new(list->groups, item->at, line);
    end_list(list);
}

static void ask_for(struct list *list, struct span uri)
{
    struct gms_api_call *call = list->call;
    struct gms_group_at at = {.uri = uri};
    struct list_item *item =
        mu_arena_alloc(&call->arena, 1, sizeof(struct list_item));

    list->next = uri;
    if (item == NULL || !gms_api_may(call, GMS_MAY_VIEW, uri))
        return;
    *item = (struct list_item){list, json_array_size(list->groups), uri};
    (void)json_array_append_new(list->groups, json_null());
    list->open++;
    gms_group_get(call->parts->groups, &at, on_listed, item);
}

void gms_api_group_list(struct gms_api_call *call)
{
    struct list *list = mu_arena_alloc(&call->arena, 1, sizeof(*list));
    struct mu_arena_list uris = {0};
    const struct span *uri;
    struct span after;
    uint64_t most;
    enum mu_err err;

    if (!gms_api_text(call, "after", &after) ||
        !gms_api_number(call, "most", PAGE_DEFAULT, &most))
        return;
    most = most == 0 || most > PAGE_MAX ? PAGE_MAX : most;
    err = list == NULL ? MU_E_NO_MEMORY
                       : gms_store_doc_uris(call->parts->store, after,
                             (size_t)most, &call->arena, &uris);
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    *list = (struct list){.call = call, .groups = json_array(), .open = 1};
    uri = uris.at;
    for (size_t i = 0; i < uris.len; i++)
        ask_for(list, uri[i]);
    if (uris.len < most)
        list->next.len = 0; /* that was the last page */
    end_list(list);
}

/* ------------------------------------------------------------------- show */

/* The key in force, in short; null when there is none. */
static json_t *key_of(struct gms_api_call *call, struct span group)
{
    struct mu_arena_list gmks = {0};
    const struct gms_gmk *gmk;

    if (gms_store_gmks(call->parts->store, group, &call->arena, &gmks) != MU_OK)
        return json_null();
    gmk = gmks.at;
    for (size_t i = 0; i < gmks.len; i++)
        if (gmk[i].state == GMS_GMK_ACTIVE &&
            mcptt_key_id_tag(gmk[i].id) == MCPTT_KIND_GMK)
            return json_pack("{s:o, s:I, s:o, s:o}", "gmk_id",
                gms_form_key_id(gmk[i].id), "epoch", (json_int_t)gmk[i].epoch,
                "since", gms_form_time_s(gmk[i].activation_s), "until",
                gms_form_time_s(gmk[i].expiry_s));
    return json_null();
}

static json_t *show(
    struct gms_api_call *call, const struct gms_document *document)
{
    struct gms_group_row row;
    json_t *group = gms_form_group(document, row_of(call, call->group, &row));
    json_t *settings = gms_api_settings_of(call, call->group);

    if (json_object_set_new(
            group, "members", gms_form_members(&document->group)) != 0 ||
        json_object_set_new(group, "key", key_of(call, call->group)) != 0 ||
        json_object_set_new(group, "settings", settings) != 0) {
        json_decref(group);
        return NULL;
    }
    return group;
}

static void on_shown(void *ctx, enum mu_err err, struct gms_document *document)
{
    struct gms_api_call *call = ctx;

    if (err == MU_E_STATE) {
        gms_api_fail(call, GMS_API_UNAVAILABLE, NULL);
        return;
    }
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    gms_api_etag(call, document->doc.etag);
    gms_api_answer(call, 200, show(call, document));
}

void gms_api_group_show(struct gms_api_call *call)
{
    struct gms_group_at at = {.uri = call->group};

    gms_group_get(call->parts->groups, &at, on_shown, call);
}

/* ----------------------------------------------------------------- create */

const struct gms_json_field gms_api_group_create_body[] = {
    {"id", GMS_JSON_ID, true, NULL},
    {"name", GMS_JSON_TEXT, false, NULL},
    {"owner", GMS_JSON_ID, false, NULL},
    {"members", GMS_JSON_MEMBERS, true, NULL},
    {"template", GMS_JSON_WORD, false, "incident plain"},
    {"priority", GMS_JSON_NUMBER, false, NULL},
};

void gms_api_entry_read(const json_t *item, struct xml_group_entry *out)
{
    *out = (struct xml_group_entry){.uri = {NULL, 0}};
    if (json_is_string(item)) {
        out->uri = (struct span){
            (const uint8_t *)json_string_value(item), json_string_length(item)};
        return;
    }
    out->uri = gms_json_span(item, "uri");
    out->display_name = gms_json_span(item, "name");
    out->type = gms_json_span(item, "type");
    out->priority = (unsigned)gms_json_number(item, "priority", 0);
    out->required = gms_json_bool(item, "required");
    out->receive_only = gms_json_bool(item, "receive_only");
}

static enum mu_err read_template(
    struct gms_api_call *call, struct xml_group_template *out)
{
    const json_t *members = json_object_get(call->body, "members");
    size_t count = json_array_size(members);
    struct xml_group_entry *entries =
        mu_arena_alloc(&call->arena, count, sizeof(*entries));

    if (entries == NULL)
        return mu_arena_err(&call->arena);
    for (size_t i = 0; i < count; i++)
        gms_api_entry_read(json_array_get(members, i), &entries[i]);
    *out = (struct xml_group_template){
        .uri = gms_json_span(call->body, "id"),
        .display_name = gms_json_span(call->body, "name"),
        .owner = gms_json_span(call->body, "owner"),
        .entries = entries,
        .entry_count = count,
        .incident = span_eq(
            gms_json_span(call->body, "template"), span_str("incident")),
        .protect = true,
        .priority = (unsigned)gms_json_number(call->body, "priority", 0),
    };
    if (out->owner.len == 0)
        out->owner = call->caller.uri;
    return MU_OK;
}

/* Counts, then writes. */
static enum mu_err write_document(struct gms_api_call *call,
    const struct xml_group_template *in, struct span *out)
{
    struct span counted = {NULL, 0};
    uint8_t *text;
    struct wr w;

    wr_init(&w, NULL, SIZE_MAX);
    TRY(xml_group_write(&w, in));
    TRY(wr_close(&w, &counted));
    text = mu_arena_alloc(&call->arena, counted.len, 1);
    if (text == NULL)
        return mu_arena_err(&call->arena);
    wr_init(&w, text, counted.len);
    TRY(xml_group_write(&w, in));
    return wr_close(&w, out);
}

static void add_location(struct gms_api_call *call, struct span group)
{
    uint8_t text[1024];
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, text, sizeof(text));
    wr_span(&w, span_str(GMS_API_ROOT "/groups/"));
    http_path_write_segment(&w, group);
    if (wr_close(&w, &done) == MU_OK)
        gms_api_field(call, "Location", done);
}

static void on_created(void *ctx, const struct gms_group_result *result)
{
    struct gms_api_call *call = ctx;

    /* A new group has no earlier state that the caller could have missed. */
    if (result->outcome == GMS_GROUP_STALE) {
        gms_api_fail(call, GMS_API_GROUP_EXISTS, NULL);
        return;
    }
    if (gms_api_change_failed(call, MU_OK, result))
        return;
    add_location(call, result->doc.uri);
    gms_api_etag(call, result->doc.etag);
    gms_api_answer(call, 201,
        json_pack("{s:o, s:o, s:I, s:I}", "id", gms_json_of(result->doc.uri),
            "etag", gms_json_of(result->doc.etag), "version",
            (json_int_t)result->doc.version, "members",
            (json_int_t)json_array_size(
                json_object_get(call->body, "members"))));
}

void gms_api_group_create(struct gms_api_call *call)
{
    struct xml_group_template in = {.uri = {NULL, 0}};
    struct gms_group_put put = {
        .caller = call->caller, .must_be_new = true, .authorised = true};
    enum mu_err err = read_template(call, &in);

    if (err == MU_OK && !gms_api_may(call, GMS_MAY_CREATE, in.uri)) {
        gms_api_fail(call, GMS_API_FORBIDDEN,
            "the right \"create\" is needed for a group of that name");
        return;
    }
    if (err == MU_OK)
        err = write_document(call, &in, &put.text);
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    put.at.xui = in.owner;
    put.at.name = in.uri;
    gms_group_put(call->parts->groups, &put, on_created, call);
}

/* ----------------------------------------------------------------- delete */

static void on_deleted(void *ctx, const struct gms_group_result *result)
{
    struct gms_api_call *call = ctx;

    if (gms_api_change_failed(call, MU_OK, result))
        return;
    gms_api_answer(call, 200,
        json_pack("{s:o, s:b}", "id", gms_json_of(call->group), "deleted", 1));
}

void gms_api_group_delete(struct gms_api_call *call)
{
    struct gms_group_put put = {.caller = call->caller,
        .at = {.uri = call->group},
        .stop = GMS_STOP_HARD,
        .authorised = true};
    struct gms_doc doc;

    if (!gms_api_doc(call, &doc))
        return;
    if (!gms_api_matches(call, doc.etag)) {
        gms_api_fail(call, GMS_API_PRECONDITION, NULL);
        return;
    }
    put.expect_etag = doc.etag;
    gms_group_put(call->parts->groups, &put, on_deleted, call);
}
