/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_keys.c - the keys of a group, who holds them, and a new one.
 */
#include "base/text.h"

#include "gms/api_form.h"
#include "gms/api_topics.h"

#define PAGE_DEFAULT 500
#define PAGE_MAX     10000

const struct gms_json_field gms_api_rekey_body[] = {
    {"hard", GMS_JSON_BOOL, false, NULL},
};

void gms_api_rekey(struct gms_api_call *call)
{
    bool hard = gms_json_bool(call->body, "hard");
    enum mu_err err;

    if (hard && !gms_api_may(call, GMS_MAY_HARD_STOP, call->group)) {
        gms_api_fail(
            call, GMS_API_FORBIDDEN, "the right \"hard-stop\" is needed");
        return;
    }
    err = gms_keeper_rekey(call->parts->keeper, call->caller.uri, call->group,
        hard ? GMS_STOP_HARD : GMS_STOP_SOFT);
    if (err != MU_OK)
        gms_api_fail_err(call, err);
    else
        gms_api_answer(call, 202,
            json_pack("{s:o, s:b}", "group", gms_json_of(call->group), "hard",
                (int)hard));
}

static enum mu_err list_keys(struct gms_api_call *call, json_t *list)
{
    struct mu_arena_list gmks = {0};
    const struct gms_gmk *gmk;

    TRY(gms_store_gmks(call->parts->store, call->group, &call->arena, &gmks));
    gmk = gmks.at;
    for (size_t i = 0; i < gmks.len; i++) {
        size_t counts[GMS_DLV_STATES] = {0};

        TRY(gms_store_count_deliveries(call->parts->store, gmk[i].id, counts));
        if (json_array_append_new(list, gms_form_key(&gmk[i], counts)) != 0)
            return MU_E_NO_MEMORY;
    }
    return MU_OK;
}

void gms_api_key_list(struct gms_api_call *call)
{
    MU_CLEANUP(gms_json_drop) json_t *list = json_array();
    struct gms_group_row row;
    enum mu_err err;

    err = gms_store_group(call->parts->store, call->group, &call->arena, &row);
    if (err == MU_OK)
        err = list_keys(call, list);
    if (err != MU_OK)
        gms_api_fail_err(call, err);
    else
        gms_api_answer(call, 200,
            json_pack("{s:o, s:b, s:I, s:O}", "group", gms_json_of(call->group),
                "keyed", (int)row.keyed, "epoch", (json_int_t)row.epoch, "keys",
                list));
}

/* -------------------------------------------------------------- deliveries */

static bool read_state(struct gms_api_call *call, unsigned *states)
{
    struct span text;

    if (!gms_api_text(call, "state", &text))
        return false;
    if (text.p == NULL)
        return true;
    for (int i = 0; i < GMS_DLV_STATES; i++)
        if (span_eq(text,
                span_str(gms_delivery_state_name((enum gms_delivery_state)i))))
            *states = 1U << i;
    if (*states != 0)
        return true;
    gms_api_fail(call, GMS_API_MALFORMED, "there is no such state");
    return false;
}

static bool read_key(
    struct gms_api_call *call, struct gms_delivery_query *query)
{
    struct span text;
    uint8_t octets[4];
    size_t len = 0;
    struct rd r;

    if (!gms_api_text(call, "gmk_id", &text))
        return false;
    if (text.p == NULL)
        return true;
    if (mu_hex_read(text, octets, sizeof(octets), &len) != MU_OK || len != 4) {
        gms_api_fail(call, GMS_API_MALFORMED, "gmk_id is not eight hex digits");
        return false;
    }
    rd_init(&r, SPAN_OF(octets));
    query->key.v = rd_u32(&r, "gmk_id");
    query->by_key = true;
    return true;
}

static bool read_query(
    struct gms_api_call *call, struct gms_delivery_query *query)
{
    uint64_t most = 0;

    *query = (struct gms_delivery_query){
        .group = call->group, .bare = true, .by_id = true};
    if (!read_state(call, &query->states) || !read_key(call, query) ||
        !gms_api_text(call, "member", &query->member) ||
        !gms_api_number(call, "after", 0, &query->after_id) ||
        !gms_api_number(call, "most", PAGE_DEFAULT, &most))
        return false;
    query->most = most == 0 || most > PAGE_MAX ? PAGE_MAX : (size_t)most;
    return true;
}

static json_t *form_rows(const struct mu_arena_list *rows)
{
    const struct gms_delivery *row = rows->at;
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < rows->len; i++)
        if (json_array_append_new(list, gms_form_delivery(&row[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

void gms_api_delivery_list(struct gms_api_call *call)
{
    struct gms_delivery_query query;
    struct mu_arena_list rows = {0};
    struct gms_group_row group;
    uint64_t last = 0;
    enum mu_err err;

    if (!read_query(call, &query))
        return;
    err =
        gms_store_group(call->parts->store, call->group, &call->arena, &group);
    if (err == MU_OK)
        err = gms_store_deliveries(
            call->parts->store, &query, &call->arena, &rows);
    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    if (rows.len == query.most)
        last = ((struct gms_delivery *)rows.at)[rows.len - 1].id;
    gms_api_answer(call, 200,
        json_pack("{s:o, s:o, s:o}", "group", gms_json_of(call->group),
            "deliveries", form_rows(&rows), "next",
            last > 0 ? json_integer((json_int_t)last) : json_null()));
}
