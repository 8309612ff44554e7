/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    IS_USED,
    USE,
    ADD,
    SET,
    GET,
    OF_GROUP,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [IS_USED] = "SELECT EXISTS (SELECT 1 FROM key_id WHERE id = ?)",
    [USE] = "INSERT INTO key_id (id) VALUES (?)",
    [ADD] = "INSERT INTO gmk (id, grp, epoch, state, made_ms, activation_s,"
            " expiry_s, due_ms, reason, sealed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SET] = "UPDATE gmk SET state = ?2, made_ms = ?3, activation_s = ?4,"
            " expiry_s = ?5, due_ms = ?6, reason = ?7, sealed = ?8"
            " WHERE id = ?1",
    [GET] = GMS_SQL_GMK_COLUMNS "WHERE id = ?",
    [OF_GROUP] = GMS_SQL_GMK_COLUMNS "WHERE grp = ? ORDER BY epoch DESC",
};

const struct gms_sql_topic gms_sql_keys = {texts, STATEMENTS};

static struct mu_query read_query(struct gms_store *store, size_t which)
{
    return gms_sql_read(store, GMS_SQL_KEYS, which);
}

static struct mu_query write_query(struct gms_store *store, size_t which)
{
    return gms_sql_write(store, GMS_SQL_KEYS, which);
}

enum mu_err gms_store_key_id_used(
    struct gms_store *store, struct mcptt_key_id id, bool *used)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, IS_USED);

    mu_query_number(&q, id.v);
    TRY(mu_query_one(&q));
    *used = mu_column_number(&q, 0) != 0;
    return MU_OK;
}

static enum mu_err use_id(struct gms_store *store, struct mcptt_key_id id)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, USE);

    mu_query_number(&q, id.v);
    return mu_query_run(&q);
}

static void bind_terms(struct mu_query *q, const struct gms_gmk *gmk)
{
    mu_query_number(q, gmk->state);
    mu_query_number(q, gmk->made_ms);
    mu_query_number(q, gmk->activation_s);
    mu_query_number(q, gmk->expiry_s);
    mu_query_number(q, gmk->due_ms);
    mu_query_octets(q, gmk->reason);
    mu_query_octets(q, gmk->sealed);
}

static enum mu_err add_gmk(struct gms_store *store, const struct gms_gmk *gmk)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, ADD);

    TRY(use_id(store, gmk->id));
    mu_query_number(&q, gmk->id.v);
    mu_query_octets(&q, gmk->group);
    mu_query_number(&q, gmk->epoch);
    bind_terms(&q, gmk);
    return mu_query_run(&q);
}

enum mu_err gms_store_add_gmk(
    struct gms_store *store, const struct gms_gmk *gmk)
{
    TRY(gms_sql_step_begin(store));
    return gms_sql_step_end(store, add_gmk(store, gmk));
}

enum mu_err gms_store_set_gmk(
    struct gms_store *store, const struct gms_gmk *gmk)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, SET);

    store->wipe |= gmk->sealed.len == 0;
    mu_query_number(&q, gmk->id.v);
    bind_terms(&q, gmk);
    return gms_sql_change(store, &q);
}

enum mu_err gms_sql_gmk(
    struct mu_query *q, struct mu_arena *arena, struct gms_gmk *out)
{
    struct gms_gmk gmk = {
        .id = gms_sql_key_id(q, 0),
        .group = gms_sql_span(q, 1, arena),
        .epoch = mu_column_number(q, 2),
        .state = (enum gms_gmk_state)gms_sql_enum(q, 3, GMS_GMK_STATES),
        .made_ms = mu_column_number(q, 4),
        .activation_s = mu_column_number(q, 5),
        .expiry_s = mu_column_number(q, 6),
        .due_ms = mu_column_number(q, 7),
        .reason = gms_sql_span(q, 8, arena),
        .sealed = gms_sql_span(q, 9, arena),
    };

    TRY(gms_sql_got(q, arena));
    *out = gmk;
    return MU_OK;
}

enum mu_err gms_store_gmk(struct gms_store *store, struct mcptt_key_id id,
    struct mu_arena *arena, struct gms_gmk *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GET);

    mu_query_number(&q, id.v);
    TRY(mu_query_one(&q));
    return gms_sql_gmk(&q, arena, out);
}

enum mu_err gms_store_gmks(struct gms_store *store, struct span group,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, OF_GROUP);
    struct mu_arena_list list = {0};

    mu_query_octets(&q, group);
    while (mu_query_row(&q)) {
        struct gms_gmk *gmk = mu_arena_list_add(arena, &list, sizeof(*gmk));

        if (gmk == NULL)
            return mu_arena_err(arena);
        TRY(gms_sql_gmk(&q, arena, gmk));
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}
