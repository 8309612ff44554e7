/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

#include <string.h>

enum {
    ADD,
    SET,
    SET_BARE,
    GET,
    COUNT,
    DELETE_OF,
    DELETE_FOR,
    GROUPS_KEYED,
    STATEMENTS
};

#define WHOLE GMS_SQL_DELIVERY_COLUMNS "envelope, message FROM delivery WHERE "
#define BARE  GMS_SQL_DELIVERY_BARE "WHERE "

static const char *const texts[STATEMENTS] = {
    [ADD] = "INSERT INTO delivery (gmk, grp, member, kms, period, revocation,"
            " class, state, tries, next_ms, changed_ms, guk_id, envelope,"
            " message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SET] = "UPDATE delivery SET class = ?2, state = ?3, tries = ?4,"
            " next_ms = ?5, changed_ms = ?6, guk_id = ?7, envelope = ?8,"
            " message = ?9 WHERE id = ?1",
    [SET_BARE] = "UPDATE delivery SET class = ?2, state = ?3, tries = ?4,"
                 " next_ms = ?5, changed_ms = ?6, guk_id = ?7 WHERE id = ?1",
    [GET] = WHOLE "id = ?",
    [COUNT] = "SELECT state, count(*) FROM delivery"
              " WHERE gmk = ? AND revocation = 0 GROUP BY state",
    [DELETE_OF] = "DELETE FROM delivery WHERE grp = ? AND member = ?",
    [DELETE_FOR] = "DELETE FROM delivery WHERE gmk = ?",
    [GROUPS_KEYED] =
        "SELECT DISTINCT grp FROM delivery WHERE member = ? ORDER BY grp",
};

const struct gms_sql_topic gms_sql_deliveries = {texts, STATEMENTS};

static struct mu_query read_query(struct gms_store *store, size_t which)
{
    return gms_sql_read(store, GMS_SQL_DELIVERIES, which);
}

static struct mu_query write_query(struct gms_store *store, size_t which)
{
    return gms_sql_write(store, GMS_SQL_DELIVERIES, which);
}

static void bind_progress(struct mu_query *q, const struct gms_delivery *d)
{
    mu_query_number(q, d->class);
    mu_query_number(q, d->state);
    mu_query_number(q, d->tries);
    mu_query_number(q, d->next_ms);
    mu_query_number(q, d->changed_ms);
    mu_query_number(q, d->guk_id.v);
}

enum mu_err gms_store_groups_keyed(struct gms_store *store, struct span member,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = read_query(store, GROUPS_KEYED);

    mu_query_octets(&q, member);
    return gms_sql_spans(&q, arena, out);
}

enum mu_err gms_store_add_delivery(
    struct gms_store *store, struct gms_delivery *delivery)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = write_query(store, ADD);

    mu_query_number(&q, delivery->key.v);
    mu_query_octets(&q, delivery->group);
    mu_query_octets(&q, delivery->member);
    mu_query_octets(&q, delivery->kms);
    mu_query_number(&q, delivery->period);
    mu_query_number(&q, delivery->revocation);
    bind_progress(&q, delivery);
    mu_query_octets(&q, delivery->envelope);
    mu_query_octets(&q, delivery->message);
    TRY(mu_query_run(&q));
    delivery->id = (uint64_t)sqlite3_last_insert_rowid(store->db);
    return MU_OK;
}

enum mu_err gms_store_set_delivery(
    struct gms_store *store, const struct gms_delivery *delivery)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, delivery->bare ? SET_BARE : SET);

    mu_query_number(&q, delivery->id);
    bind_progress(&q, delivery);
    if (!delivery->bare) {
        mu_query_octets(&q, delivery->envelope);
        mu_query_octets(&q, delivery->message);
        store->wipe |= delivery->state == GMS_DLV_REVOKED;
    }
    return gms_sql_change(store, &q);
}

enum mu_err gms_sql_delivery(
    struct mu_query *q, struct mu_arena *arena, struct gms_delivery *out)
{
    struct gms_delivery d = {
        .id = mu_column_number(q, 0),
        .key = gms_sql_key_id(q, 1),
        .group = gms_sql_span(q, 2, arena),
        .member = gms_sql_span(q, 3, arena),
        .kms = gms_sql_span(q, 4, arena),
        .period = mu_column_number(q, 5),
        .revocation = gms_sql_enum(q, 6, 2) != 0,
        .class = (enum gms_class)gms_sql_enum(q, 7, GMS_CLASSES),
        .state = (enum gms_delivery_state)gms_sql_enum(q, 8, GMS_DLV_STATES),
        .tries = (unsigned)mu_column_number(q, 9),
        .next_ms = mu_column_number(q, 10),
        .changed_ms = mu_column_number(q, 11),
        .guk_id = gms_sql_key_id(q, 12),
        .envelope = gms_sql_span(q, 13, arena),
        .message = gms_sql_span(q, 14, arena),
    };

    TRY(gms_sql_got(q, arena));
    *out = d;
    return MU_OK;
}

enum mu_err gms_store_delivery(struct gms_store *store, uint64_t id,
    struct mu_arena *arena, struct gms_delivery *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, GET);

    mu_query_number(&q, id);
    TRY(mu_query_one(&q));
    return gms_sql_delivery(&q, arena, out);
}

/* One key's rows, and even more one member's, are few beside the rows of a
 * state: a plus keeps SQLite from the index of those, whose order would
 * tempt it to walk through all of them; and from all of one key's, where it is
 * one member's of them. */
static bool is_narrow(const struct gms_delivery_query *query)
{
    return query->by_key || query->member.len > 0;
}

static void append_states(
    sqlite3_str *text, const struct gms_delivery_query *query)
{
    unsigned states = query->states;
    const char *separator = "";

    if (states == 0)
        return;
    sqlite3_str_appendf(
        text, " AND %sstate IN (", query->member.len > 0 ? "+" : "");
    for (unsigned state = 0; state < GMS_DLV_STATES; state++) {
        if ((states >> state & 1U) == 0)
            continue;
        sqlite3_str_appendf(text, "%s%u", separator, state);
        separator = ", ";
    }
    sqlite3_str_appendall(text, ")");
}

/*
 * The statement of a query holds those conditions alone that it has, so that
 * SQLite sees which index serves it. bind_conditions() has their order.
 */
static void append_conditions(
    sqlite3_str *text, const struct gms_delivery_query *query)
{
    const char *plus = query->member.len > 0 ? "+" : "";

    if (query->group.len > 0)
        sqlite3_str_appendall(text, " AND grp = ?");
    if (query->member.len > 0)
        sqlite3_str_appendall(text, " AND member = ?");
    if (query->kms.len > 0)
        sqlite3_str_appendall(text, " AND kms = ?");
    if (query->before_period > 0)
        sqlite3_str_appendall(text, " AND period < ?");
    if (query->by_key)
        sqlite3_str_appendall(text, " AND gmk = ?");
    if (query->due_ms > 0)
        sqlite3_str_appendall(text, " AND next_ms > 0 AND next_ms <= ?");
    if (query->after_id > 0)
        sqlite3_str_appendall(text, " AND id > ?");
    if (query->purpose != GMS_ANY_PURPOSE)
        sqlite3_str_appendf(text, " AND %srevocation = %d", plus,
            query->purpose == GMS_REVOCATIONS);
    append_states(text, query);
    sqlite3_str_appendall(text, query->by_id       ? " ORDER BY id"
                                : is_narrow(query) ? " ORDER BY +class, id"
                                                   : " ORDER BY class, id");
    if (query->most > 0)
        sqlite3_str_appendall(text, " LIMIT ?");
}

static void bind_conditions(
    struct mu_query *q, const struct gms_delivery_query *query)
{
    if (query->group.len > 0)
        mu_query_octets(q, query->group);
    if (query->member.len > 0)
        mu_query_octets(q, query->member);
    if (query->kms.len > 0)
        mu_query_octets(q, query->kms);
    if (query->before_period > 0)
        mu_query_number(q, query->before_period);
    if (query->by_key)
        mu_query_number(q, query->key.v);
    if (query->due_ms > 0)
        mu_query_number(q, query->due_ms);
    if (query->after_id > 0)
        mu_query_number(q, query->after_id);
    if (query->most > 0)
        mu_query_number(q, query->most);
}

static sqlite3_stmt *find_composed(
    const struct gms_store *store, const char *text)
{
    for (size_t i = 0; i < GMS_SQL_COMPOSED; i++)
        if (store->composed[i] != NULL &&
            strcmp(sqlite3_sql(store->composed[i]), text) == 0)
            return store->composed[i];
    return NULL;
}

/* In the place of the one that was made first. */
static enum mu_err prepare(
    struct gms_store *store, const char *text, sqlite3_stmt **out)
{
    sqlite3_stmt **place = &store->composed[store->composed_next];

    (void)sqlite3_finalize(*place);
    *place = NULL;
    TRY(mu_sql_err(sqlite3_prepare_v3(
        store->db, text, -1, SQLITE_PREPARE_PERSISTENT, place, NULL)));
    store->composed_next = (store->composed_next + 1) % GMS_SQL_COMPOSED;
    *out = *place;
    return MU_OK;
}

/*
 * Its statement, which is the store's. There are not many shapes of queries:
 * each is prepared once. Two of one shape never run at a time, since a query
 * is read to its end before its rows are given out.
 */
static enum mu_err compose(struct gms_store *store,
    const struct gms_delivery_query *query, sqlite3_stmt **out)
{
    sqlite3_str *text = sqlite3_str_new(store->db);
    enum mu_err err = MU_OK;
    char *whole;

    sqlite3_str_appendall(text, query->bare ? BARE "1" : WHOLE "1");
    append_conditions(text, query);
    whole = sqlite3_str_finish(text);
    if (whole == NULL)
        return MU_E_NO_MEMORY;
    *out = find_composed(store, whole);
    if (*out == NULL)
        err = prepare(store, whole, out);
    sqlite3_free(whole);
    return err;
}

enum mu_err gms_store_deliveries(struct gms_store *store,
    const struct gms_delivery_query *query, struct mu_arena *arena,
    struct mu_arena_list *out)
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = {0};
    struct mu_arena_list list = {0};
    sqlite3_stmt *stmt = NULL;

    TRY(compose(store, query, &stmt));
    q = mu_query_begin(stmt);
    bind_conditions(&q, query);
    while (mu_query_row(&q)) {
        struct gms_delivery *one =
            mu_arena_list_add(arena, &list, sizeof(*one));

        if (one == NULL)
            return mu_arena_err(arena);
        TRY(gms_sql_delivery(&q, arena, one));
        one->bare = query->bare;
    }
    TRY(mu_query_err(&q));
    *out = list;
    return MU_OK;
}

enum mu_err gms_store_count_deliveries(struct gms_store *store,
    struct mcptt_key_id key, size_t counts[GMS_DLV_STATES])
{
    MU_CLEANUP(mu_query_clear) struct mu_query q = read_query(store, COUNT);
    size_t found[GMS_DLV_STATES] = {0};

    mu_query_number(&q, key.v);
    while (mu_query_row(&q))
        found[gms_sql_enum(&q, 0, GMS_DLV_STATES)] +=
            (size_t)mu_column_number(&q, 1);
    TRY(mu_query_err(&q));
    memcpy(counts, found, sizeof(found));
    return MU_OK;
}

enum mu_err gms_store_delete_deliveries_of(
    struct gms_store *store, struct span group, struct span member)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, DELETE_OF);

    store->wipe = true;
    mu_query_octets(&q, group);
    mu_query_octets(&q, member);
    return mu_query_run(&q);
}

enum mu_err gms_store_delete_deliveries_for(
    struct gms_store *store, struct mcptt_key_id key)
{
    MU_CLEANUP(mu_query_clear)
    struct mu_query q = write_query(store, DELETE_FOR);

    store->wipe = true;
    mu_query_number(&q, key.v);
    return mu_query_run(&q);
}
