/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    PUT,
    DELETE,
    ALL,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [PUT] = ("INSERT INTO subscription (id, who, asserted, token_expires_s,"
             " expires_ms, event_id, dialog, watch, parts, area)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
             " ON CONFLICT (id) DO UPDATE SET who = ?2, asserted = ?3,"
             " token_expires_s = ?4, expires_ms = ?5, event_id = ?6,"
             " dialog = ?7, watch = ?8, parts = ?9, area = ?10"),
    [DELETE] = "DELETE FROM subscription WHERE id = ?",
    [ALL] = ("SELECT id, who, asserted, token_expires_s, expires_ms, event_id,"
             " dialog, watch, parts, area FROM subscription ORDER BY id"),
};

const struct gms_sql_topic gms_sql_subs = {texts, STATEMENTS};

enum mu_err gms_store_put_sub(
    struct gms_store *store, const struct gms_sub_row *sub)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_write(store, GMS_SQL_SUBS, PUT);

    mu_query_number(&q, sub->id);
    mu_query_octets(&q, sub->who);
    mu_query_number(&q, sub->asserted);
    mu_query_number(&q, sub->token_expires_s);
    mu_query_number(&q, sub->expires_ms);
    mu_query_octets(&q, sub->event_id);
    mu_query_octets(&q, sub->dialog);
    mu_query_octets(&q, sub->watch);
    mu_query_number(&q, sub->parts);
    mu_query_number(&q, sub->area);
    return mu_query_run(&q);
}

enum mu_err gms_store_delete_sub(struct gms_store *store, uint64_t id)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_write(store, GMS_SQL_SUBS, DELETE);

    mu_query_number(&q, id);
    return mu_query_run(&q);
}

static void read_row(
    struct mu_query *q, struct mu_arena *arena, struct gms_sub_row *out)
{
    out->id = mu_column_number(q, 0);
    out->who = gms_sql_span(q, 1, arena);
    out->asserted = gms_sql_enum(q, 2, 2) == 1;
    out->token_expires_s = mu_column_number(q, 3);
    out->expires_ms = mu_column_number(q, 4);
    out->event_id = gms_sql_span(q, 5, arena);
    out->dialog = gms_sql_span(q, 6, arena);
    out->watch = gms_sql_span(q, 7, arena);
    out->parts = gms_sql_enum(q, 8, 2) == 1;
    out->area = (uint32_t)mu_column_number(q, 9);
}

enum mu_err gms_store_subs(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_SUBS, ALL);
    struct mu_arena_list list = {0};

    while (mu_query_row(&q)) {
        struct gms_sub_row *row = mu_arena_list_add(arena, &list, sizeof(*row));

        if (row == NULL)
            return mu_arena_err(arena);
        read_row(&q, arena, row);
        TRY(gms_sql_got(&q, arena));
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}
