/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    ADD,
    SET,
    DELETE,
    OF_GROUP,
    ALL,
    STATEMENTS
};

#define INTENT_COLUMNS                                                         \
    "SELECT id, grp, kind, cause, gmk, has_gmk, not_before_ms, who, actor"     \
    " FROM intent "

static const char *const texts[STATEMENTS] = {
    [ADD] = "INSERT INTO intent (grp, kind, cause, gmk, has_gmk,"
            " not_before_ms, who, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [SET] = "UPDATE intent SET grp = ?, kind = ?, cause = ?, gmk = ?,"
            " has_gmk = ?, not_before_ms = ?, who = ?, actor = ? WHERE id = ?",
    [DELETE] = "DELETE FROM intent WHERE id = ?",
    [OF_GROUP] = INTENT_COLUMNS "WHERE grp = ? ORDER BY id",
    [ALL] = INTENT_COLUMNS "ORDER BY id",
};

const struct gms_sql_topic gms_sql_intents = {texts, STATEMENTS};

static struct mu_query read_query(struct gms_store *store, size_t which)
{
    return gms_sql_read(store, GMS_SQL_INTENTS, which);
}

static struct mu_query write_query(struct gms_store *store, size_t which)
{
    return gms_sql_write(store, GMS_SQL_INTENTS, which);
}

static void bind(struct mu_query *q, const struct gms_intent *intent)
{
    mu_query_octets(q, intent->group);
    mu_query_number(q, intent->kind);
    mu_query_number(q, intent->trigger);
    mu_query_number(q, intent->key.v);
    mu_query_number(q, intent->has_key);
    mu_query_number(q, intent->not_before_ms);
    mu_query_octets(q, intent->who);
    mu_query_octets(q, intent->actor);
}

enum mu_err gms_store_add_intent(
    struct gms_store *store, struct gms_intent *intent)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, ADD);

    bind(&q, intent);
    TRY(mu_query_run(&q));
    intent->id = (uint64_t)sqlite3_last_insert_rowid(store->db);
    return MU_OK;
}

enum mu_err gms_store_set_intent(
    struct gms_store *store, const struct gms_intent *intent)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, SET);

    bind(&q, intent);
    mu_query_number(&q, intent->id);
    return gms_sql_change(store, &q);
}

enum mu_err gms_store_delete_intent(struct gms_store *store, uint64_t id)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, DELETE);

    mu_query_number(&q, id);
    return mu_query_run(&q);
}

static enum mu_err read_intent(
    struct mu_query *q, struct mu_arena *arena, struct gms_intent *out)
{
    struct gms_intent intent = {
        .id = mu_column_number(q, 0),
        .group = gms_sql_span(q, 1, arena),
        .kind = (enum gms_action_kind)gms_sql_enum(q, 2, GMS_ACTS),
        .trigger = (enum gms_trigger)gms_sql_enum(q, 3, GMS_TRIGGERS),
        .key = gms_sql_key_id(q, 4),
        .has_key = gms_sql_enum(q, 5, 2) != 0,
        .not_before_ms = mu_column_number(q, 6),
        .who = gms_sql_span(q, 7, arena),
        .actor = gms_sql_span(q, 8, arena),
    };

    TRY(gms_sql_got(q, arena));
    *out = intent;
    return MU_OK;
}

enum mu_err gms_store_intents(struct gms_store *store, struct span group,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = read_query(store, group.len > 0 ? OF_GROUP : ALL);
    struct mu_arena_list list = {0};

    if (group.len > 0)
        mu_query_octets(&q, group);
    while (mu_query_row(&q)) {
        struct gms_intent *one = mu_arena_list_add(arena, &list, sizeof(*one));

        if (one == NULL)
            return mu_arena_err(arena);
        TRY(read_intent(&q, arena, one));
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}
