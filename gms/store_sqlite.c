/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/store_sqlite.h"

#include <assert.h>

#include "base/alloc.h"
#include "gms/fault.h"

/*
 * Step n brings a file of version n to n + 1. Steps are never changed once they
 * were released.
 *
 * URIs are octets. A group is grp, since GROUP is SQL's. What a fence and a
 * key_id say stays when their group goes.
 */
static const char *const steps[] = {
    "CREATE TABLE fence (uri BLOB PRIMARY KEY, epoch INTEGER NOT NULL,"
    " version INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE document (uri BLOB NOT NULL UNIQUE, xui BLOB NOT NULL,"
    " name BLOB NOT NULL, etag BLOB NOT NULL, reduced_etag BLOB NOT NULL,"
    " version INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL, text BLOB NOT NULL, UNIQUE (xui, name));"
    "CREATE TABLE grp (uri BLOB PRIMARY KEY, present INTEGER NOT NULL,"
    " keyed INTEGER NOT NULL, disabled INTEGER NOT NULL,"
    " deleted_ms INTEGER NOT NULL, settings BLOB NOT NULL,"
    " ids BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE holder (grp BLOB NOT NULL, uri BLOB NOT NULL,"
    " kms BLOB NOT NULL, PRIMARY KEY (grp, uri)) WITHOUT ROWID;"
    "CREATE INDEX holder_uri ON holder (uri, grp);"
    "CREATE TABLE key_id (id INTEGER PRIMARY KEY);"
    "CREATE TABLE gmk (id INTEGER PRIMARY KEY REFERENCES key_id (id),"
    " grp BLOB NOT NULL, epoch INTEGER NOT NULL, state INTEGER NOT NULL,"
    " made_ms INTEGER NOT NULL, activation_s INTEGER NOT NULL,"
    " expiry_s INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
    " reason BLOB NOT NULL, sealed BLOB NOT NULL, UNIQUE (grp, epoch));"
    "CREATE TABLE delivery (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " gmk INTEGER NOT NULL, grp BLOB NOT NULL, member BLOB NOT NULL,"
    " kms BLOB NOT NULL, period INTEGER NOT NULL, revocation INTEGER NOT NULL,"
    " class INTEGER NOT NULL, state INTEGER NOT NULL, tries INTEGER NOT NULL,"
    " next_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " guk_id INTEGER NOT NULL, envelope BLOB NOT NULL, message BLOB NOT NULL,"
    " UNIQUE (gmk, member, kms, period, revocation));"
    "CREATE INDEX gmk_live ON gmk (state) WHERE state < 5;"
    "CREATE INDEX delivery_queue ON delivery (state, class, id);"
    "CREATE INDEX delivery_count ON delivery (gmk, revocation, state);"
    "CREATE INDEX delivery_member ON delivery (member, grp);"
    "CREATE INDEX delivery_grp ON delivery (grp, state);"
    "CREATE INDEX delivery_due ON delivery (next_ms) WHERE next_ms > 0;"
    "CREATE TABLE intent (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " grp BLOB NOT NULL, kind INTEGER NOT NULL, cause INTEGER NOT NULL,"
    " gmk INTEGER NOT NULL, has_gmk INTEGER NOT NULL,"
    " not_before_ms INTEGER NOT NULL, who BLOB NOT NULL,"
    " actor BLOB NOT NULL);"
    "CREATE INDEX intent_grp ON intent (grp);"
    "CREATE TABLE once (actor BLOB NOT NULL, key BLOB NOT NULL,"
    " request BLOB NOT NULL, status INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY (actor, key));"
    "CREATE INDEX once_expires ON once (expires_ms);"
    "CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at_ms INTEGER NOT NULL, name BLOB NOT NULL, grp BLOB NOT NULL,"
    " json BLOB NOT NULL);"
    "CREATE TABLE blob (name BLOB PRIMARY KEY, octets BLOB NOT NULL)"
    " WITHOUT ROWID;",
    "CREATE TABLE subscription (id INTEGER PRIMARY KEY,"
    " who BLOB NOT NULL, asserted INTEGER NOT NULL,"
    " token_expires_s INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " event_id BLOB NOT NULL, dialog BLOB NOT NULL, watch BLOB NOT NULL);",
    "ALTER TABLE grp ADD COLUMN condition INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE grp ADD COLUMN urgent_until_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE holder ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE subscription ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE redirect (member BLOB PRIMARY KEY, kms BLOB NOT NULL,"
    " gmk INTEGER NOT NULL, hops INTEGER NOT NULL) WITHOUT ROWID;",
    /* The KEK-ID in front of a sealed object (base/seal.h). */
    "CREATE INDEX gmk_kek ON gmk (substr(sealed, 2, 8)) WHERE sealed != x'';"
    "CREATE INDEX delivery_kek ON delivery (substr(envelope, 2, 8))"
    " WHERE envelope != x'';"
    "ALTER TABLE subscription ADD COLUMN area INTEGER NOT NULL DEFAULT 0;",
};

/* "gmsd" in the file's header. */
const struct mu_sql_schema gms_sql_schema = {
    0x676d7364, steps, sizeof(steps) / sizeof(steps[0])};

const unsigned gms_store_bounds_ms[GMS_STORE_BOUNDS] = {
    1, 2, 5, 10, 20, 50, 100, 500, 2000};

static const struct gms_sql_topic *const topics[GMS_SQL_TOPICS] = {
    [GMS_SQL_DOCS] = &gms_sql_docs,
    [GMS_SQL_GROUPS] = &gms_sql_groups,
    [GMS_SQL_KEKS] = &gms_sql_keks,
    [GMS_SQL_KEYS] = &gms_sql_keys,
    [GMS_SQL_DELIVERIES] = &gms_sql_deliveries,
    [GMS_SQL_INTENTS] = &gms_sql_intents,
    [GMS_SQL_REDIRECTS] = &gms_sql_redirects,
    [GMS_SQL_REST] = &gms_sql_rest,
    [GMS_SQL_SUBS] = &gms_sql_subs,
    [GMS_SQL_TALLY] = &gms_sql_tally,
    [GMS_SQL_URGENCY] = &gms_sql_urgency,
    [GMS_SQL_WORK] = &gms_sql_work,
};

static enum mu_err prepare(struct gms_store *store)
{
    for (size_t i = 0; i < GMS_SQL_TOPICS; i++) {
        assert(topics[i]->count <= GMS_SQL_MOST);
        TRY(mu_sql_prepare(
            store->db, topics[i]->texts, topics[i]->count, store->stmt[i]));
    }
    return MU_OK;
}

enum mu_err gms_store_open(const char *path, struct gms_store **out)
{
    MU_CLEANUP(gms_store_drop)
    struct gms_store *store = mu_alloc(sizeof(*store));

    if (store == NULL)
        return MU_E_NO_MEMORY;
    TRY(mu_sql_open(path, MU_SQL_EXCLUSIVE, &store->db));
    TRY(mu_sql_migrate(store->db, &gms_sql_schema));
    TRY(prepare(store));
    *out = store;
    store = NULL;
    return MU_OK;
}

void gms_store_close(struct gms_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < GMS_SQL_TOPICS; i++)
        for (size_t j = 0; j < GMS_SQL_MOST; j++)
            (void)sqlite3_finalize(store->stmt[i][j]);
    for (size_t i = 0; i < GMS_SQL_COMPOSED; i++)
        (void)sqlite3_finalize(store->composed[i]);
    (void)sqlite3_close_v2(store->db);
    mu_free(store);
}

void gms_store_drop(struct gms_store **store)
{
    gms_store_close(*store);
}

enum mu_err gms_store_begin(struct gms_store *store)
{
    if (mu_sql_in_transaction(store->db))
        return MU_E_STATE;
    return mu_sql_run(store->db, "BEGIN IMMEDIATE");
}

/*
 * Keys that are gone from the file stand still in its write-ahead log. Once the
 * log is in the file and cut to nothing they are nowhere. When that fails, the
 * next commit tries again.
 */
static void wipe_log(struct gms_store *store)
{
    if (store->wipe && sqlite3_wal_checkpoint_v2(store->db, NULL,
                           SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK)
        store->wipe = false;
}

void gms_store_wipe(struct gms_store *store)
{
    store->wipe = true;
}

static uint64_t now_ms(const struct gms_store *store)
{
    return store->clock != NULL ? mu_clock_mono_ms(store->clock) : 0;
}

static void measure(struct gms_store *store, uint64_t since_ms)
{
    uint64_t took_ms = now_ms(store) - since_ms;
    size_t i = 0;

    if (store->clock == NULL)
        return;
    while (i < GMS_STORE_BOUNDS && took_ms > gms_store_bounds_ms[i])
        i++;
    store->times.buckets[i]++;
    store->times.sum_ms += took_ms;
}

enum mu_err gms_store_commit(struct gms_store *store)
{
    uint64_t since_ms = now_ms(store);
    enum mu_err err;

    if (!mu_sql_in_transaction(store->db))
        return MU_E_STATE;
    GMS_FAULT("store.commit");
    err = mu_sql_run(store->db, "COMMIT");
    if (err != MU_OK) {
        mu_sql_rollback(store->db);
        return err;
    }
    GMS_FAULT("store.committed");
    wipe_log(store);
    measure(store, since_ms);
    return MU_OK;
}

void gms_store_set_clock(struct gms_store *store, const struct mu_clock *clock)
{
    store->clock = clock;
}

struct gms_store_times gms_store_times(const struct gms_store *store)
{
    return store->times;
}

void gms_store_rollback(struct gms_store *store)
{
    mu_sql_rollback(store->db);
}

struct mu_query gms_sql_read(
    struct gms_store *store, enum gms_sql_topic_no topic, size_t which)
{
    return mu_query_begin(store->stmt[topic][which]);
}

struct mu_query gms_sql_write(
    struct gms_store *store, enum gms_sql_topic_no topic, size_t which)
{
    struct mu_query q = gms_sql_read(store, topic, which);

    if (!mu_sql_in_transaction(store->db))
        mu_query_fail(&q, SQLITE_CONSTRAINT);
    return q;
}

enum mu_err gms_sql_change(struct gms_store *store, struct mu_query *q)
{
    TRY(mu_query_run(q));
    return sqlite3_changes(store->db) > 0 ? MU_OK : MU_E_NOT_FOUND;
}

enum mu_err gms_sql_step_begin(struct gms_store *store)
{
    if (!mu_sql_in_transaction(store->db))
        return MU_E_STATE;
    return mu_sql_run(store->db, "SAVEPOINT step");
}

/* SQLite ends a whole transaction for some errors; then so much the better. */
enum mu_err gms_sql_step_end(struct gms_store *store, enum mu_err err)
{
    if (err == MU_OK)
        return mu_sql_run(store->db, "RELEASE step");
    if (mu_sql_in_transaction(store->db) &&
        mu_sql_run(store->db, "ROLLBACK TO step; RELEASE step") != MU_OK)
        mu_sql_rollback(store->db);
    return err;
}

struct span gms_sql_span(struct mu_query *q, int column, struct mu_arena *a)
{
    return mu_arena_copy(a, mu_column_octets(q, column));
}

unsigned gms_sql_enum(struct mu_query *q, int column, unsigned end)
{
    uint64_t v = mu_column_number(q, column);

    if (v < end)
        return (unsigned)v;
    mu_query_fail(q, SQLITE_CORRUPT);
    return 0;
}

struct mcptt_key_id gms_sql_key_id(struct mu_query *q, int column)
{
    uint64_t v = mu_column_number(q, column);

    if (v > UINT32_MAX)
        mu_query_fail(q, SQLITE_CORRUPT);
    return (struct mcptt_key_id){(uint32_t)v};
}

enum mu_err gms_sql_got(const struct mu_query *q, const struct mu_arena *arena)
{
    TRY(mu_query_err(q));
    return mu_arena_err(arena);
}

enum mu_err gms_sql_spans(
    struct mu_query *q, struct mu_arena *arena, struct mu_arena_list *out)
{
    struct mu_arena_list list = {0};

    while (mu_query_row(q)) {
        struct span *one = mu_arena_list_add(arena, &list, sizeof(*one));

        if (one == NULL)
            return mu_arena_err(arena);
        *one = gms_sql_span(q, 0, arena);
    }
    TRY(gms_sql_got(q, arena));
    *out = list;
    return MU_OK;
}
