/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    PUT,
    GET,
    ALL,
    STATEMENTS
};

#define COLUMNS "SELECT member, kms, gmk, hops FROM redirect"

static const char *const texts[STATEMENTS] = {
    [PUT] = ("INSERT INTO redirect (member, kms, gmk, hops)"
             " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (member) DO UPDATE SET"
             " kms = ?2, gmk = ?3, hops = ?4"),
    [GET] = COLUMNS " WHERE member = ?",
    [ALL] = COLUMNS " ORDER BY member",
};

const struct gms_sql_topic gms_sql_redirects = {texts, STATEMENTS};

static enum mu_err read_row(
    struct mu_query *q, struct mu_arena *arena, struct gms_redirect_row *out)
{
    struct gms_redirect_row row = {.member = gms_sql_span(q, 0, arena),
        .kms = gms_sql_span(q, 1, arena),
        .key = gms_sql_key_id(q, 2),
        .hops = (unsigned)mu_column_number(q, 3)};

    TRY(gms_sql_got(q, arena));
    *out = row;
    return MU_OK;
}

enum mu_err gms_store_put_redirect(
    struct gms_store *store, const struct gms_redirect_row *redirect)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_write(store, GMS_SQL_REDIRECTS, PUT);

    mu_query_octets(&q, redirect->member);
    mu_query_octets(&q, redirect->kms);
    mu_query_number(&q, redirect->key.v);
    mu_query_number(&q, redirect->hops);
    return mu_query_run(&q);
}

enum mu_err gms_store_redirect(struct gms_store *store, struct span member,
    struct mu_arena *arena, struct gms_redirect_row *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_REDIRECTS, GET);

    mu_query_octets(&q, member);
    TRY(mu_query_one(&q));
    return read_row(&q, arena, out);
}

enum mu_err gms_store_redirects(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = gms_sql_read(store, GMS_SQL_REDIRECTS, ALL);
    struct mu_arena_list list = {0};

    while (mu_query_row(&q)) {
        struct gms_redirect_row *row =
            mu_arena_list_add(arena, &list, sizeof(*row));

        if (row == NULL)
            return mu_arena_err(arena);
        TRY(read_row(&q, arena, row));
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}
