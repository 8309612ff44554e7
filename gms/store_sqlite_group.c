/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

enum {
    GET,
    ALL,
    RAISE,
    PUT,
    DELETE,
    DELETE_HOLDERS,
    DELETE_KEYS,
    DELETE_DELIVERIES,
    DELETE_INTENTS,
    HOLDERS,
    PUT_HOLDER,
    DELETE_HOLDER,
    GROUPS_OF,
    STATEMENTS
};

/* The epoch is the fence's, which is there: put_group raised it. */
#define GROUP_COLUMNS                                                          \
    "SELECT uri, present, keyed, disabled, epoch, deleted_ms, settings, ids"   \
    " FROM grp JOIN fence USING (uri) "

static const char *const texts[STATEMENTS] = {
    [GET] = GROUP_COLUMNS "WHERE uri = ?",
    [ALL] = GROUP_COLUMNS "ORDER BY uri",
    [RAISE] = "INSERT INTO fence (uri, epoch, version) VALUES (?1, ?2, 0)"
              " ON CONFLICT (uri) DO UPDATE SET epoch = ?2 WHERE epoch <= ?2",
    [PUT] = "INSERT INTO grp (uri, present, keyed, disabled, deleted_ms,"
            " settings, ids) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            " ON CONFLICT (uri) DO UPDATE SET present = ?2, keyed = ?3,"
            " disabled = ?4, deleted_ms = ?5, settings = ?6, ids = ?7",
    [DELETE] = "DELETE FROM grp WHERE uri = ?",
    [DELETE_HOLDERS] = "DELETE FROM holder WHERE grp = ?",
    [DELETE_KEYS] = "DELETE FROM gmk WHERE grp = ?",
    [DELETE_DELIVERIES] = "DELETE FROM delivery WHERE grp = ?",
    [DELETE_INTENTS] = "DELETE FROM intent WHERE grp = ?",
    [HOLDERS] = "SELECT uri, kms FROM holder WHERE grp = ? ORDER BY uri",
    [PUT_HOLDER] = "INSERT INTO holder (grp, uri, kms) VALUES (?1, ?2, ?3)"
                   " ON CONFLICT (grp, uri) DO UPDATE SET kms = ?3",
    [DELETE_HOLDER] = "DELETE FROM holder WHERE grp = ? AND uri = ?",
    [GROUPS_OF] = "SELECT grp FROM holder WHERE uri = ? ORDER BY grp",
};

const struct gms_sql_topic gms_sql_groups = {texts, STATEMENTS};

static struct mu_query read_query(struct gms_store *store, size_t which)
{
    return gms_sql_read(store, GMS_SQL_GROUPS, which);
}

static struct mu_query write_query(struct gms_store *store, size_t which)
{
    return gms_sql_write(store, GMS_SQL_GROUPS, which);
}

static enum mu_err read_group(
    struct mu_query *q, struct mu_arena *arena, struct gms_group_row *out)
{
    struct gms_group_row group = {
        .uri = gms_sql_span(q, 0, arena),
        .exists = gms_sql_enum(q, 1, 2) != 0,
        .keyed = gms_sql_enum(q, 2, 2) != 0,
        .disabled = gms_sql_enum(q, 3, 2) != 0,
        .epoch = mu_column_number(q, 4),
        .deleted_ms = mu_column_number(q, 5),
        .settings = gms_sql_span(q, 6, arena),
        .ids = gms_sql_span(q, 7, arena),
    };

    TRY(gms_sql_got(q, arena));
    *out = group;
    return MU_OK;
}

enum mu_err gms_store_group(struct gms_store *store, struct span uri,
    struct mu_arena *arena, struct gms_group_row *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GET);

    mu_query_octets(&q, uri);
    TRY(mu_query_one(&q));
    return read_group(&q, arena, out);
}

enum mu_err gms_store_groups(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, ALL);
    struct mu_arena_list list = {0};

    while (mu_query_row(&q)) {
        struct gms_group_row *group =
            mu_arena_list_add(arena, &list, sizeof(*group));

        if (group == NULL)
            return mu_arena_err(arena);
        TRY(read_group(&q, arena, group));
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}

static enum mu_err raise_epoch(
    struct gms_store *store, const struct gms_group_row *group)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, RAISE);
    enum mu_err err;

    mu_query_octets(&q, group->uri);
    mu_query_number(&q, group->epoch);
    err = gms_sql_change(store, &q);
    return err == MU_E_NOT_FOUND ? MU_E_STATE : err;
}

static enum mu_err put_group(
    struct gms_store *store, const struct gms_group_row *group)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, PUT);

    TRY(raise_epoch(store, group));
    mu_query_octets(&q, group->uri);
    mu_query_number(&q, group->exists);
    mu_query_number(&q, group->keyed);
    mu_query_number(&q, group->disabled);
    mu_query_number(&q, group->deleted_ms);
    mu_query_octets(&q, group->settings);
    mu_query_octets(&q, group->ids);
    return mu_query_run(&q);
}

enum mu_err gms_store_put_group(
    struct gms_store *store, const struct gms_group_row *group)
{
    TRY(gms_sql_step_begin(store));
    return gms_sql_step_end(store, put_group(store, group));
}

static enum mu_err delete_one(
    struct gms_store *store, size_t which, struct span uri)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, which);

    mu_query_octets(&q, uri);
    return mu_query_run(&q);
}

static enum mu_err delete_group(struct gms_store *store, struct span uri)
{
    store->wipe = true;
    for (size_t which = DELETE; which <= DELETE_INTENTS; which++)
        TRY(delete_one(store, which, uri));
    return MU_OK;
}

enum mu_err gms_store_delete_group(struct gms_store *store, struct span uri)
{
    TRY(gms_sql_step_begin(store));
    return gms_sql_step_end(store, delete_group(store, uri));
}

enum mu_err gms_store_holders(struct gms_store *store, struct span group,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, HOLDERS);
    struct mu_arena_list list = {0};

    mu_query_octets(&q, group);
    while (mu_query_row(&q)) {
        struct gms_holder *holder =
            mu_arena_list_add(arena, &list, sizeof(*holder));

        if (holder == NULL)
            return mu_arena_err(arena);
        holder->uri = gms_sql_span(&q, 0, arena);
        holder->kms = gms_sql_span(&q, 1, arena);
    }
    TRY(gms_sql_got(&q, arena));
    *out = list;
    return MU_OK;
}

enum mu_err gms_store_put_holder(
    struct gms_store *store, struct span group, const struct gms_holder *holder)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, PUT_HOLDER);

    mu_query_octets(&q, group);
    mu_query_octets(&q, holder->uri);
    mu_query_octets(&q, holder->kms);
    return mu_query_run(&q);
}

enum mu_err gms_store_delete_holder(
    struct gms_store *store, struct span group, struct span uri)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, DELETE_HOLDER);

    mu_query_octets(&q, group);
    mu_query_octets(&q, uri);
    return mu_query_run(&q);
}

enum mu_err gms_store_groups_of(struct gms_store *store, struct span uri,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GROUPS_OF);

    mu_query_octets(&q, uri);
    return gms_sql_spans(&q, arena, out);
}
